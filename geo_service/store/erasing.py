"""Erasing: finding what is to go in every version, and writing anew what stays beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from geo_service.errors import DamagedFileError
from geo_service.model.chain import START
from geo_service.model.periods import Month
from geo_service.model.retention import ATTEMPTS, KEYS, SESSIONS, VERSIONS, Toll
from geo_service.store import columns, schema, slots
from geo_service.store.aged_visits import count_visits
from geo_service.store.erasures import ErasedNumbers, Erasing, Erasure, aged, number_hash, to_json
from geo_service.store.files import WrittenFile, write_file
from geo_service.store.matching import DECIDING, SHORTEST_WITHIN, Matcher
from geo_service.store.state import Proposal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from geo_service.model.retention import Wanted
    from geo_service.store.chronicle import Tenancy
    from geo_service.store.erasures import History
    from geo_service.store.files import FileShelf
    from geo_service.store.ledger import Ledger
    from geo_service.store.state import FileRecord, State


_MOST_AT_ONCE: Final = 100
"""Crime numbers that are sought in one query."""


@dataclass
class Found:
    """Hold what was found to go."""

    history: History
    toll: Toll = field(default_factory=Toll)
    now: set[str] = field(default_factory=set)
    """Slots in force that are written anew."""
    hashes: frozenset[str] = frozenset()
    """Of the crime numbers, given and earlier ones."""
    unmarked: frozenset[str] = frozenset()
    """Hashes that the ledger does not have yet."""


def find(ledger: Ledger, shelf: FileShelf, wanted: Wanted, store: str) -> Found:
    """Look through every file of every version for what is wanted; nothing is changed.

    Raises DamagedFileError where a file in force is damaged: nobody can say what it holds.
    """
    history = ledger.history()
    hashes = frozenset(number_hash(store, number) for number in wanted.numbers)
    earlier = ErasedNumbers(store, dict.fromkeys(wanted.hashes - hashes, ""))
    matcher = Matcher(wanted, earlier)
    search = _Search(shelf, matcher, history)
    for tenancy in history.chronicle.tenancies(history.floor):
        search.look(tenancy)
    found = Found(history, search.toll, search.now, hashes | wanted.hashes)
    known = history.numbers
    found.unmarked = frozenset(mark for mark in found.hashes if known is None or mark not in known)
    sessions, attempts, keys, visits = _aged_rows(ledger, wanted)
    found.toll = replace(
        _with_files(search, history, wanted),
        sessions=sessions,
        attempts=attempts,
        keys=keys,
        visits=visits,
        unknown=len(wanted.numbers - matcher.met),
        told=_told(ledger, wanted),
    )
    return found


@dataclass
class _Search:
    """Go through the files, each once for each slot that it filled."""

    shelf: FileShelf
    matcher: Matcher
    history: History
    toll: Toll = field(default_factory=Toll)
    now: set[str] = field(default_factory=set)
    last: int = 0
    """The last version, not in force, that holds something which goes."""
    _hits: dict[tuple[str, str], bool] = field(default_factory=dict)

    def look(self, tenancy: Tenancy) -> None:
        """Look into one file."""
        kind = slots.kind_of(tenancy.slot)
        if kind not in {slots.INCIDENTS, slots.REJECTS}:
            return
        if kind == slots.INCIDENTS and not self.matcher.may_hold(tenancy.slot, tenancy.record):
            return
        try:
            hit = self._incidents(tenancy) if kind == slots.INCIDENTS else self._rejects(tenancy)
        except DamagedFileError:
            if tenancy.last is None:
                raise
            hit = True  # nobody can say what it holds, and it is of an earlier version only
        if hit and tenancy.last is None:
            self.now.add(tenancy.slot)
        elif hit:
            self.last = max(self.last, tenancy.last or 0)

    def _incidents(self, tenancy: Tenancy) -> bool:
        frame = columns.to_polars(self.shelf.read(tenancy.slot, tenancy.record, DECIDING))
        gone = self.matcher.incidents(tenancy.slot, frame)
        named = self.matcher.naming(frame) & ~gone
        if tenancy.last is None and (gone.any() or named.any()):
            months = frame.filter(gone)["month"]
            ends = [str(Month(int(end))) for end in (months.min(), months.max()) if isinstance(end, int)]
            self.toll = replace(
                self.toll,
                incidents=self.toll.incidents + int(gone.sum()),
                texts=self.toll.texts + int(named.sum()),
                first_month=min([*ends, *filter(None, [self.toll.first_month])], default=""),
                last_month=max([*ends, self.toll.last_month]),
            )
        empties = self.matcher.all_of(tenancy.slot, tenancy.record)
        return bool(gone.any() or named.any() or empties)

    def _rejects(self, tenancy: Tenancy) -> bool:
        frame = columns.to_polars(self.shelf.read(tenancy.slot, tenancy.record))
        put_at = self.history.chronicle.entries[tenancy.first - 1].at
        gone = int(self.matcher.rejects(frame, put_at).sum())
        if tenancy.last is None:
            self.toll = replace(self.toll, rejects=self.toll.rejects + gone)
        return gone > 0


def _with_files(search: _Search, history: History, wanted: Wanted) -> Toll:
    """Add the files and versions that go: those before a floor that nothing which goes is in or after."""
    newest = history.chronicle.link.number
    floor = newest + 1 if search.now else search.last + 1 if search.last else 0
    if (moment := wanted.moment(VERSIONS)) is not None:
        floor = max([floor, *(entry.number for entry in history.chronicle.entries if entry.moment <= moment)])
    floor = max(floor, history.floor)
    state = history.chronicle.state
    anew = search.now | {slot for slot in state if _goes_with(slot, search.now)}
    stay = {held.record.sha256 for slot, held in state.items() if slot not in anew}
    tenancies = history.chronicle.tenancies(history.floor)
    stay |= {of.record.sha256 for of in tenancies if of.last is not None and of.last >= floor}
    return replace(
        search.toll,
        rewritten=len(anew),
        floor=floor,
        versions=max(0, min(floor, newest + 1) - max(history.floor, 1)),
        files=len({of.record.sha256 for of in tenancies} - stay),
    )


def _goes_with(slot: str, incidents: set[str]) -> bool:
    return slots.kind_of(slot) == slots.ASSIGNMENTS and slots.parts_of_assignment(slot)[1] in incidents


def _aged_rows(ledger: Ledger, wanted: Wanted) -> tuple[int, int, int, int]:
    with ledger.database.reading() as connection:
        found = {
            kind: connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0
            for kind, table, condition in aged(wanted)
        }
        visits = count_visits(connection, wanted)
    return found.get(SESSIONS, 0), found.get(ATTEMPTS, 0), found.get(KEYS, 0), visits


def _told(ledger: Ledger, wanted: Wanted) -> int:
    """Count the rows of the ledger that name one of the crime numbers."""
    version, event, run, item = schema.version, schema.event, schema.run, schema.item
    texts = {
        version: [version.c.detail],
        event: [event.c.what, event.c.detail],
        run: [run.c.payload],
        item: [item.c.id, item.c.content],
    }
    numbers = sorted(number for number in wanted.numbers if len(number) >= SHORTEST_WITHIN)
    found = 0
    with ledger.database.reading() as connection:
        for table, held in texts.items():
            for start in range(0, len(numbers), _MOST_AT_ONCE):
                some = numbers[start : start + _MOST_AT_ONCE]
                named = [sa.func.lower(text).contains(number, autoescape=True) for text in held for number in some]
                found += connection.scalar(sa.select(sa.func.count()).select_from(table).where(sa.or_(*named))) or 0
    return found


# --- writing --------------------------------------------------------------------------------------


class Written(NamedTuple):
    """Hold the files that take the place of others, and what the ledger is to change."""

    files: list[WrittenFile]
    erasing: Erasing


def write(shelf: FileShelf, folder: Path, found: Found, wanted: Wanted, store: str) -> Written:
    """Write what stays of the files in force to a folder, and say what the ledger is to change."""
    state = found.history.chronicle.state
    hashes = frozenset(number_hash(store, number) for number in wanted.numbers)
    matcher = Matcher(wanted, ErasedNumbers(store, dict.fromkeys(wanted.hashes - hashes, "")))
    writer = _Writer(shelf, folder, matcher, state)
    for slot in sorted(found.now):
        if slots.kind_of(slot) == slots.INCIDENTS:
            writer.incidents(slot)
        else:
            writer.rejects(slot, found.history.chronicle.entries[state[slot].version - 1].at)
    records = {slot: file.record for slot, file in writer.puts.items()}
    changes = Proposal(state, records, frozenset(writer.drops)).changes(state) if found.now else {}
    base = found.history.chronicle.link if found.history.chronicle.entries else START
    erasure = Erasure(len(found.history.erasures) + 1, "", found.toll.floor, to_json(wanted))
    return Written(list(writer.puts.values()), Erasing(base, erasure, wanted, found.unmarked, changes))


@dataclass
class _Writer:
    shelf: FileShelf
    folder: Path
    matcher: Matcher
    state: State
    puts: dict[str, WrittenFile] = field(default_factory=dict)
    drops: set[str] = field(default_factory=set)

    def incidents(self, slot: str) -> None:
        """Write the rows of a slot that stay, and their members in the same order."""
        record = self.state[slot].record
        frame = columns.chosen_columns(columns.to_polars(self.shelf.read(slot, record)), columns.STORED_SCHEMA)
        stay = frame.with_row_index("at").filter(~self.matcher.incidents(slot, frame))
        # Words that lose a number may take their row to another place in the stored order.
        rows = columns.sorted_incidents(self.matcher.silenced(stay))
        if rows.is_empty() and self.matcher.all_of(slot, record):
            self.drops.add(slot)
            return
        self._put(slot, columns.to_arrow(rows.drop("at")), **columns.months_of(rows))
        at = rows["at"].to_numpy()
        for place, held in self.state.items():
            if _goes_with(place, {slot}):
                self._members(place, slot, held.record, at)

    def _members(
        self, place: str, slot: str, record: FileRecord, at: np.ndarray[tuple[int], np.dtype[np.uint32]]
    ) -> None:
        member = self.shelf.read(place, record)["member"].to_numpy()
        incidents, boundaries = self.puts[slot].record.sha256, record.of_boundaries or ""
        table = columns.assignment_table(np.asarray(member[at], dtype=np.int32), incidents, boundaries)
        self._put(place, table, of_incidents=incidents, of_boundaries=boundaries)

    def rejects(self, slot: str, put_at: str) -> None:
        """Write the rejected rows of a slot that stay."""
        frame = columns.to_polars(self.shelf.read(slot, self.state[slot].record))
        rows = frame.filter(~self.matcher.rejects(frame, put_at))
        if rows.is_empty():
            self.drops.add(slot)
        else:
            self._put(slot, columns.to_arrow(columns.stored_rejects(rows)))

    def _put(self, slot: str, table: pa.Table, **about: int | str | None) -> None:
        self.puts[slot] = write_file(self.folder, slots.kind_of(slot), table, **about)


def event_detail(found: Found, erasure: Erasure, reason: str) -> Mapping[str, object]:
    """Return what the ledger keeps of an erasure: counts, kinds, months and the reason."""
    toll = found.toll
    counts = {
        "incidents": toll.incidents,
        "words": toll.texts,
        "rejects": toll.rejects,
        "files": toll.files,
        "versions": toll.versions,
        "sessions": toll.sessions,
        "attempts": toll.attempts,
        "keys": toll.keys,
        "visits": toll.visits,
        "numbers": len(found.hashes),
    }
    months = {"first_month": toll.first_month, "last_month": toll.last_month} if toll.first_month else {}
    told = {name: count for name, count in counts.items() if count}
    return {"erasure": erasure.number, "floor": erasure.floor, "reason": reason, **told, **months}
