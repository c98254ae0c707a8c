"""How long each kind of data is kept, what is to be erased, and what an erasure took."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError
from geo_service.model.periods import Month

if TYPE_CHECKING:
    from pathlib import Path

INCIDENTS: Final = "incidents"
REJECTS: Final = "rejects"
VERSIONS: Final = "versions"
SESSIONS: Final = "sessions"
ATTEMPTS: Final = "attempts"
KEYS: Final = "keys"
VISITS: Final = "visits"
BACKUPS: Final = "backups"
TIMED: Final = (INCIDENTS, REJECTS, VERSIONS, SESSIONS, ATTEMPTS, KEYS, VISITS, BACKUPS)
"""Kinds that fall due by their age; an area may set their time itself."""
KINDS: Final = (
    INCIDENTS,
    "assignments",
    REJECTS,
    "boundaries",
    "postcodes",
    "features",
    "denominators",
    "harm_tables",
    "tiles",
    VERSIONS,
    "runs",
    "items",
    VISITS,
    SESSIONS,
    ATTEMPTS,
    KEYS,
    "events",
    "erasures",
    "cubes",
    "temporary",
    BACKUPS,
)
"""Every kind of row and file that is kept, each with a rule."""

_UNITS: Final = {"hours": dt.timedelta(hours=1), "days": dt.timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Rule:
    """Say how long one kind is kept, and why."""

    kind: str
    """One of KINDS."""
    title: str
    keep: str
    """`60 months`, `90 days`, `10 hours`; of a kind that does not fall due by age, in words."""
    why: str
    count: int | None = None
    """How many months, days or hours; None for a kind that does not fall due by age."""
    unit: str = ""

    def due_before(self, now: dt.datetime) -> dt.datetime | None:
        """Return the moment before which it is due; None for a kind that does not fall due by age."""
        if self.count is None:
            return None
        if self.unit in _UNITS:
            return now - self.count * _UNITS[self.unit]
        day = (Month.of(now.date()) - self.count).first_day
        return dt.datetime.combine(day, dt.time(), now.tzinfo)


@dataclass(frozen=True, slots=True)
class Reach:
    """Name the incidents of some months, of one force or of all."""

    first: int
    """Month.ordinal."""
    last: int
    force: str = ""
    """The force's short name; empty for every force."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say what is to be erased; nothing where nothing is said."""

    numbers: frozenset[str] = frozenset()
    """Crime numbers, in small letters."""
    hashes: frozenset[str] = frozenset()
    """Crime numbers that were erased before, as the ledger keeps them."""
    reaches: tuple[Reach, ...] = ()
    before: tuple[tuple[str, dt.datetime], ...] = ()
    """(kind of TIMED, moment): what is older goes. Of incidents, `reaches` says it by month."""

    def moment(self, kind: str) -> dt.datetime | None:
        """Return the moment before which rows of a kind go, None where none do."""
        found = [at for of, at in self.before if of == kind]
        return max(found) if found else None


@dataclass(frozen=True, slots=True)
class Toll:
    """Count what an erasure takes, or took."""

    incidents: int = 0
    """Incidents in force."""
    rejects: int = 0
    """Rejected rows in force."""
    texts: int = 0
    """Incidents that stay, but whose words named an erased crime number."""
    first_month: str = ""
    last_month: str = ""
    rewritten: int = 0
    """Files in force that are written anew without what goes."""
    floor: int = 0
    """Oldest version that can be asked for afterwards; 0 where all can."""
    versions: int = 0
    """Versions that can no longer be asked for and could before."""
    files: int = 0
    """Files that are removed."""
    sessions: int = 0
    attempts: int = 0
    keys: int = 0
    visits: int = 0
    unknown: int = 0
    """Crime numbers that were given and stand nowhere."""
    told: int = 0
    """Rows of the ledger that name a crime number themselves and, being chained, cannot be changed."""

    @property
    def anything(self) -> bool:
        """Tell whether anything goes."""
        return any((self.incidents, self.rejects, self.texts, self.files, self.versions, *self.rows))

    @property
    def rows(self) -> tuple[int, int, int, int]:
        """Return the sessions, refused sign-ins, keys and visits that go."""
        return self.sessions, self.attempts, self.keys, self.visits


@dataclass(frozen=True, slots=True)
class BackupCopy:
    """Say of a backup that was made whether the erasures since have reached it."""

    path: Path
    at: str
    """When it was made, as ISO 8601."""
    version: int
    there: bool
    behind: int
    """Erasures that have not reached it."""
    said: str = ""
    """Why it could not be reached, or what was done with it."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Say what an erasure did."""

    number: int
    """Of the erasure; 0 where there was nothing to do."""
    toll: Toll
    version: int | None
    """The version that it made, None where no file in force was changed."""
    backups: tuple[BackupCopy, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """Count what is kept of one kind, and what of it is due."""

    kind: str
    held: int
    oldest: str
    """Month or day, empty where nothing is held or age does not matter."""
    due: int


def crime_number(text: str) -> str:
    """Return a crime number as it is compared: without outer blanks, in small letters; raise QueryError for none."""
    number = text.strip().lower()
    if not number:
        raise QueryError("A crime number is empty", do="Give it a value, or leave it out", field="crime")
    return number
