"""The audit trail: events as they stand in the ledger, which of them are wanted, and what kind of act each is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo_service.model.access import ALTERATION, COLLECTION, COMBINATION, DISCLOSURE, ERASURE, KINDS
from geo_service.model.chain import Link, seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OF_VERSIONS: Final = {
    "import": COLLECTION,
    "undo": ALTERATION,
    "assign": COMBINATION,
    "erase": ERASURE,
    "find": COMBINATION,
    "backup": DISCLOSURE,
}
"""Kind of an act that is named without one, by its first word: acts of versions, and events of earlier releases."""


def kind_of(act: str) -> str:
    """Return the kind of an act, one of KINDS; empty where it has none."""
    kind = act.partition(":")[0]
    return kind if kind in KINDS else _OF_VERSIONS.get(act.partition(" ")[0], "")


def event_act(act: str) -> str:
    """Return what the event of an act of a version is called: `import incidents` is `collection: import incidents`."""
    return act if act.partition(":")[0] in KINDS else f"{kind_of(act)}: {act}"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Hold one event, every value as it was hashed."""

    number: int
    at: str
    """UTC, ISO 8601."""
    act: str
    actor: str
    what: str
    detail: str
    """JSON."""
    version: int | None
    """Of the data, where the act made one."""
    previous: str
    sha256: str

    @property
    def link(self) -> Link:
        """Return its number and hash."""
        return Link(self.number, self.sha256)

    def is_sound(self) -> bool:
        """Tell whether its hash is that of its values and of the event before it."""
        said = [self.number, self.at, self.act, self.actor, self.what, self.detail, self.version]
        return seal(self.previous, said) == self.sha256


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Say which events are wanted; all of them by default."""

    kind: str = ""
    """One of KINDS."""
    actor: str = ""
    since: dt.datetime | None = None
    """First moment, with its zone."""
    until: dt.datetime | None = None
    """Moment after the last."""

    def takes(self, entry: AuditEntry) -> bool:
        """Tell whether an event is wanted."""
        at = dt.datetime.fromisoformat(entry.at)
        at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
        return (
            (not self.kind or kind_of(entry.act) == self.kind)
            and (not self.actor or entry.actor == self.actor)
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
        )


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Hold events, oldest first, and the end of the chain that they were taken from."""

    store: str
    """Name of the store."""
    head: Link
    """The newest event that there was; its hash covers all before it."""
    entries: Sequence[AuditEntry]


def chain_problems(entries: Sequence[AuditEntry]) -> Iterator[str]:
    """Yield what is wrong with events, oldest first, in words; numbers may be left out where a query left them out."""
    last: AuditEntry | None = None
    for entry in entries:
        if not entry.is_sound():
            yield f"event {entry.number} is not what was written"
        if last is not None and entry.number <= last.number:
            yield f"event {entry.number} follows event {last.number}"
        elif last is not None and entry.number == last.number + 1 and entry.previous != last.sha256:
            yield f"event {entry.number} is not chained to event {last.number}"
        last = entry
