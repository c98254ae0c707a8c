"""What somebody says is wrong with a place; nobody's name goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

REASONS: Final = ("closed", "hours", "address", "phone", "access", "not_safe", "other")
"""What may be wrong, as it is kept; pages put it in words."""
THE_SITE: Final = "site"
"""In place of the id of a place: it is the site itself that something is wrong with."""


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """Say what is wrong with a place; there is no identity in it and no time finer than the day."""

    place: str
    """Id of the place, or THE_SITE."""
    reason: str
    """One of REASONS."""
    words: str
    """What else was written; empty where nothing was."""
    day: dt.date
    """Day of London's calendar on which it was sent."""
