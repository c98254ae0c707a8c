"""Reading and writing the rows of the ledger; what is read is checked before anybody sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from geo_service.errors import DamagedFileError
from geo_service.model.chain import START, Link, seal
from geo_service.store import schema
from geo_service.store.chronicle import RESTORE, Chronicle, Entry
from geo_service.store.head import Head
from geo_service.store.state import Change, FileRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_FILE_COLUMNS: Final = tuple(schema.file.c)
_BATCH: Final = 2_000


def damaged(found: str) -> DamagedFileError:
    """Return the error for a ledger whose rows contradict each other."""
    return DamagedFileError("The ledger is damaged", found=found, do=RESTORE)


# --- versions -------------------------------------------------------------------------------------


def newest_version(connection: sa.Connection) -> Link:
    """Return the link of the newest version."""
    version = schema.version.c
    row = connection.execute(sa.select(version.number, version.sha256).order_by(version.number.desc()).limit(1)).first()
    return START if row is None else Link(*row)


def read_entries(connection: sa.Connection, known: Chronicle) -> list[Entry]:
    """Read the versions that follow those known; raise DamagedFileError where rows are missing."""
    after = known.link.number
    version, change, file = schema.version, schema.change, schema.file
    changed: dict[int, dict[str, Change]] = {}
    fresh = sa.select(change.c.new_sha256).where(change.c.version > after)
    found = connection.execute(sa.select(*_FILE_COLUMNS).where(file.c.sha256.in_(fresh)))
    records = known.files() | {row.sha256: FileRecord(*row) for row in found}
    for row in connection.execute(sa.select(change).where(change.c.version > after)):
        named = [sha for sha in (row.old_sha256, row.new_sha256) if sha is not None]
        if missing := [sha for sha in named if sha not in records]:
            raise damaged(f"version {row.version} names a file that is not described: {missing[0]}")
        old, new = (None if sha is None else records[sha] for sha in (row.old_sha256, row.new_sha256))
        changed.setdefault(row.version, {})[row.slot] = Change(old, new)
    query = sa.select(version).where(version.c.number > after).order_by(version.c.number)
    entries = [Entry(changes=_by_slot(changed, row.number), **row._asdict()) for row in connection.execute(query)]
    if changed:
        raise damaged(f"changes belong to versions that are not there: {sorted(changed, key=str)[:3]}")
    return entries


def _by_slot(changed: dict[int, dict[str, Change]], number: int) -> Mapping[str, Change]:
    return dict(sorted(changed.pop(number, {}).items(), key=lambda item: str(item[0])))


def write_entry(connection: sa.Connection, entry: Entry, known: Mapping[str, FileRecord]) -> None:
    """Write a version, its changes and those of its files that are not known yet."""
    records = {change.new.sha256: change.new for change in entry.changes.values() if change.new is not None}
    files = [
        {column.name: getattr(record, column.name) for column in _FILE_COLUMNS}
        for sha256, record in records.items()
        if sha256 not in known
    ]
    if files:
        connection.execute(sa.insert(schema.file), files)
    names = [column.name for column in schema.version.c]
    connection.execute(sa.insert(schema.version).values({name: getattr(entry, name) for name in names}))
    changes = [
        {
            "version": entry.number,
            "slot": slot,
            "old_sha256": None if change.old is None else change.old.sha256,
            "new_sha256": None if change.new is None else change.new.sha256,
        }
        for slot, change in entry.changes.items()
    ]
    connection.execute(sa.insert(schema.change), changes)


# --- events and runs ------------------------------------------------------------------------------


class Chained:
    """Keep the rows of one table chained: numbered from 1 without gaps, each with the hash of the one before."""

    def __init__(self, table: sa.Table, number: str) -> None:
        """Keep `table`, numbered by its column `number`."""
        self._table = table
        self._number = table.c[number]
        self._content = [column.name for column in table.c if column.name not in {"previous", "sha256"}]

    def last(self, connection: sa.Connection) -> Link:
        """Return the newest row's link; raise DamagedFileError where it is not what was written."""
        rows = self.newest_first(connection, 1)
        return self._link(rows[0]) if rows else START

    def append(self, connection: sa.Connection, values: Mapping[str, object]) -> Link:
        """Write a row after the newest; the caller holds the lock of the one writer."""
        last = self.last(connection)
        row = {**values, self._number.name: last.number + 1, "previous": last.sha256}
        row["sha256"] = seal(last.sha256, [row[name] for name in self._content])
        connection.execute(sa.insert(self._table).values(row))
        return Link(last.number + 1, str(row["sha256"]))

    def newest_first(self, connection: sa.Connection, limit: int | None = None) -> list[sa.Row[Any]]:
        """Return the newest rows; raise DamagedFileError where one is missing or not what was written."""
        query = sa.select(self._table).order_by(self._number.desc()).limit(limit)
        rows = list(connection.execute(query))
        for problem in self._problems(list(reversed(rows)), None):
            raise damaged(problem)
        if rows and len(rows) != limit and self._link(rows[-1]).number != 1:
            raise damaged(f"{self._table.name}s before number {self._link(rows[-1]).number} are missing")
        return rows

    def has(self, connection: sa.Connection, link: Link) -> bool:
        """Return whether a row of that number and hash is there."""
        if link == START:
            return True
        return connection.scalar(sa.select(self._table.c.sha256).where(self._number == link.number)) == link.sha256

    def newest(self, connection: sa.Connection) -> int:
        """Return the highest number, 0 where there is no row."""
        return int(connection.scalar(sa.select(sa.func.max(self._number))) or 0)

    def links(self, connection: sa.Connection, numbers: Collection[int]) -> dict[int, str]:
        """Return number -> hash of those rows that are there."""
        rows = connection.execute(sa.select(self._number, self._table.c.sha256).order_by(self._number))
        return {number: sha256 for number, sha256 in rows if number in numbers}

    def problems(self, connection: sa.Connection) -> Iterator[str]:
        """Yield what is wrong with the whole chain, in words; memory holds some thousand rows."""
        last = START
        while rows := list(
            connection.execute(
                sa.select(self._table).where(self._number > last.number).order_by(self._number).limit(_BATCH)
            )
        ):
            yield from self._problems(rows, last)
            last = self._link(rows[-1])

    def _problems(self, rows: list[sa.Row[Any]], last: Link | None) -> Iterator[str]:
        for row in rows:
            name = f"{self._table.name} {self._link(row).number}"
            if last is not None and self._link(row).number != last.number + 1:
                yield f"{name} follows number {last.number}"
            elif last is not None and row.previous != last.sha256:
                yield f"{name} is not chained to the one before it"
            if seal(row.previous, [getattr(row, column) for column in self._content]) != row.sha256:
                yield f"{name} is not what was written"
            last = self._link(row)

    def _link(self, row: sa.Row[Any]) -> Link:
        return Link(getattr(row, self._number.name), row.sha256)


EVENTS: Final = Chained(schema.event, "id")
RUNS: Final = Chained(schema.run, "number")
VERSIONS: Final = Chained(schema.version, "number")
"""Only for `has`: what seals a version is more than its row."""


def marks(connection: sa.Connection) -> Head:
    """Return the ledger's name and its newest rows; raise DamagedFileError where they cannot be believed."""
    store = connection.scalar(sa.select(schema.store.c.id))
    if store is None:
        raise damaged("it has lost its name")
    return Head(store, newest_version(connection), EVENTS.last(connection), RUNS.last(connection))
