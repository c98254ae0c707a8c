"""Who asks, what they may see and do, and what is written down of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final

from geo_service.errors import AccessError

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


class Role(StrEnum):
    """Name what somebody does here; a person may have several, but never both admin and auditor."""

    OFFICER = "officer"
    """Looks at zones and prints sheets."""
    SERGEANT = "sergeant"
    """Finds zones, prints and exports them."""
    ANALYST = "analyst"
    """Asks every question, over the API too."""
    COORDINATOR = "coordinator"
    """Keeps the Safe Places; sees no crime data."""
    ADMIN = "admin"
    """Keeps accounts, imports, retention and backups; sees no crime data by that alone."""
    AUDITOR = "auditor"
    """Reads and exports what was done by whom; does nothing else."""


READERS: Final = frozenset({Role.OFFICER, Role.SERGEANT, Role.ANALYST})
"""Who may see crime data."""
PLANNERS: Final = frozenset({Role.SERGEANT, Role.ANALYST})
"""Who may ask new questions and take tables away."""
KEEPERS: Final = frozenset({Role.ADMIN})
"""Who may import, undo, erase and back up."""
ANYBODY: Final = frozenset(Role)
"""Whoever is known, in any role."""
AUDITORS: Final = frozenset({Role.AUDITOR})
"""Who may read what was done by whom."""
OPERATOR: Final = frozenset({Role.SERGEANT, Role.ANALYST, Role.COORDINATOR, Role.ADMIN})
"""Roles of whoever runs commands on the data directory: the file system is their gate."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Name who acts, in which roles and where."""

    name: str
    roles: frozenset[Role]
    areas: tuple[str, ...] | None = None
    """Codes of the areas that they may look into, each `CODE` or `SET:CODE`; None for the whole force, () for none."""
    account: str = ""
    """Id of the account; empty for commands and one-time links."""

    def __post_init__(self) -> None:
        """Refuse an auditor who is also an admin: nobody audits their own acts."""
        if {Role.ADMIN, Role.AUDITOR} <= self.roles:
            raise AccessError(
                "Nobody may be both admin and auditor",
                found=self.name,
                do="Give the two roles to two people",
                field="roles",
            )

    @property
    def audience(self) -> Audience:
        """Return the highest audience that they belong to."""
        if self.roles & READERS:
            return Audience.FORCE
        return Audience.PARTNER if Role.COORDINATOR in self.roles else Audience.PUBLIC

    def may(self, roles: frozenset[Role]) -> bool:
        """Tell whether they have one of some roles."""
        return bool(self.roles & roles)


COLLECTION: Final = "collection"
CONSULTATION: Final = "consultation"
ALTERATION: Final = "alteration"
DISCLOSURE: Final = "disclosure"
COMBINATION: Final = "combination"
ERASURE: Final = "erasure"
SIGN_IN: Final = "sign-in"
KINDS: Final = (COLLECTION, CONSULTATION, ALTERATION, DISCLOSURE, COMBINATION, ERASURE, SIGN_IN)
"""Kinds of act: those of section 62 of the Data Protection Act 2018, and coming in and going out."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Record one act."""

    act: str
    """One of KINDS, or `KIND: what in particular`, for example `collection: import incidents`."""
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


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one editable row."""

    kind: str
    """For example `account`."""
    id: str
    version: int
    """Counts its edits from 1; an edit names the version that it was made on."""
    content: Mapping[str, object]
    at: dt.datetime
    actor: str

    @property
    def etag(self) -> str:
        """Return the version as HTTP writes it."""
        return f'"{self.version}"'
