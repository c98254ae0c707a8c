"""Where somebody says they are: a postcode, a part of one, a town or a street. Nothing of it is kept or logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from geo_service.model.release import Gazetteer


@dataclass(frozen=True, slots=True, repr=False)
class Origin:
    """Say where somebody is; it has no words for logs (`repr`)."""

    lon_lat: tuple[float, float]
    """Degrees, WGS84."""
    label: str
    """What was meant, for example `B98 8AE` or `High Street, Redditch`; given to `find_origin` it is found again."""
    precision_m: float
    """How far from there somebody may be, about; a page says it where it is more than a street."""
    guessed: bool = False
    """Whether what was typed differs from the label, so that a page says what it was taken for."""


Found: TypeAlias = Origin | tuple[Origin, ...] | None
"""One place, several to choose from, or nothing."""


def find_origin(text: str, gazetteer: Gazetteer) -> Found:
    """Return where somebody says they are, several places where the words fit several, None where they fit none."""
    raise NotImplementedError
