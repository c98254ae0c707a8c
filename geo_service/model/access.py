"""Who asks, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


class Audience(IntEnum):
    """Order the audiences: what a lower one may see, a higher one may see too."""

    PUBLIC = 0
    PARTNER = 1
    FORCE = 2

    @property
    def word(self) -> str:
        """Return the word that files and addresses use."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Principal:
    """Name who acts, for the ledger."""

    name: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Record one act: collection, consultation, alteration, disclosure or erasure."""

    act: str
    actor: str
    what: str
    at: dt.datetime
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """Describe one version of the data in the ledger."""

    number: int
    at: dt.datetime
    act: str
    """`import incidents`, `import boundaries`, `undo` …"""
    actor: str
    detail: Mapping[str, object]
    changed: tuple[str, ...]
    """Slots that the version changed."""
