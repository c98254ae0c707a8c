"""The versions of the data as the ledger tells them, believed only where hashes and links agree."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from geo_service.errors import DamagedFileError
from geo_service.model.chain import START, Link, seal
from geo_service.store.state import Change, FileRecord, Held, sha_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geo_service.store.state import Changes, State


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one version as it is written in the ledger."""

    number: int
    at: str
    act: str
    actor: str
    detail: str
    """JSON."""
    changes: Mapping[str, Change]
    """By slot, ascending."""
    previous: str
    sha256: str

    @property
    def moment(self) -> dt.datetime:
        """Return when it was made."""
        return dt.datetime.fromisoformat(self.at)

    @property
    def link(self) -> Link:
        """Return the link that the next version is chained to."""
        return Link(self.number, self.sha256)

    def seal(self) -> str:
        """Return the hash that belongs to these values."""
        changes = [[slot, *map(_sha, change)] for slot, change in self.changes.items()]
        files = sorted({_told(change.new) for change in self.changes.values() if change.new is not None}, key=repr)
        content = [self.number, self.at, self.act, self.actor, self.detail, changes, files]
        return seal(self.previous, content)


class Tenancy(NamedTuple):
    """Say from which version to which a file filled a slot."""

    slot: str
    record: FileRecord
    first: int
    """The version that put it there."""
    last: int | None
    """The last version that it was in force in, None where it still is."""


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Hold the versions up to one of them, and what is in force then."""

    entries: tuple[Entry, ...] = ()
    state: State = field(default_factory=dict)

    @property
    def link(self) -> Link:
        """Return the newest version's link."""
        return self.entries[-1].link if self.entries else START

    def extended(self, entries: Sequence[Entry]) -> Chronicle:
        """Return the chronicle with more versions; raise DamagedFileError where they cannot be believed."""
        for problem in self.problems(entries):
            raise DamagedFileError("The ledger is damaged", found=problem, do=RESTORE)
        state = dict(self.state)
        for entry in entries:
            _apply(entry, state)
        return Chronicle((*self.entries, *entries), dict(sorted(state.items()))) if entries else self

    def problems(self, entries: Sequence[Entry]) -> Iterator[str]:
        """Yield what is wrong with the versions that follow, in words."""
        last, state = self.link, dict(self.state)
        for entry in entries:
            name = f"version {entry.number}"
            if entry.number != last.number + 1:
                yield f"{name} follows version {last.number}"
            if entry.previous != last.sha256:
                yield f"{name} is not chained to the one before it"
            if entry.seal() != entry.sha256:
                yield f"{name} is not what was written"
            for slot, change in entry.changes.items():
                if _sha(change.old) != sha_in(state, slot):
                    yield f"{name} says that {slot} held another file before than it did"
            _apply(entry, state)
            last = entry.link

    def up_to(self, number: int) -> Chronicle:
        """Return the chronicle as it was at an earlier version."""
        if number == len(self.entries):
            return self
        state: dict[str, Held] = {}
        for entry in self.entries[:number]:
            _apply(entry, state)
        return Chronicle(self.entries[:number], dict(sorted(state.items())))

    def changed_last(self) -> dict[str, int]:
        """Return the newest version that changed each slot."""
        return {slot: entry.number for entry in self.entries for slot in entry.changes}

    def files(self) -> dict[str, FileRecord]:
        """Return every file of every version by its SHA-256."""
        news = (change.new for entry in self.entries for change in entry.changes.values())
        return {record.sha256: record for record in news if record is not None}

    def tenancies(self, floor: int = 0) -> list[Tenancy]:
        """Return which files filled which slots in the versions from one on, all by default."""
        held, ended = dict(self.up_to(floor).state), []
        for entry in self.entries[floor:]:
            ended += [
                Tenancy(slot, held[slot].record, held[slot].version, entry.number - 1)
                for slot in entry.changes
                if slot in held
            ]
            _apply(entry, held)
        return [*ended, *(Tenancy(slot, found.record, found.version, None) for slot, found in sorted(held.items()))]

    def kept_files(self, floor: int) -> dict[str, FileRecord]:
        """Return the files of the versions from one on by their SHA-256; what only earlier ones named was erased."""
        return {tenancy.record.sha256: tenancy.record for tenancy in self.tenancies(floor)}

    def next(self, at: str, act: str, actor: str, detail: str, changes: Changes) -> Entry:
        """Return the entry of the version that comes next."""
        both = {
            slot: Change(self.state[slot].record if slot in self.state else None, record)
            for slot, record in sorted(changes.items())
        }
        bare = Entry(self.link.number + 1, at, act, actor, detail, both, self.link.sha256, "")
        return replace(bare, sha256=bare.seal())


RESTORE = "Restore the ledger from a backup; the data files are untouched"


def _told(record: FileRecord) -> tuple[object, ...]:
    """Return what a version says of a file; a file whose months nobody told is sealed as it was before they were."""
    told = astuple(record)
    return told[:-1] if record.months is None else told


def _sha(record: FileRecord | None) -> str | None:
    return None if record is None else record.sha256


def _apply(entry: Entry, state: dict[str, Held]) -> None:
    for slot, change in entry.changes.items():
        if change.new is None:
            state.pop(slot, None)
        else:
            state[slot] = Held(change.new, entry.number)
