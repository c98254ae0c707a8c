"""The ledger: versions of the data, the files that each consists of, and what was done by whom."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import sqlalchemy as sa

from geo_service.errors import FaultError, NotFoundError
from geo_service.model.access import AuditEvent, Principal, Version
from geo_service.store import schema
from geo_service.store.state import Changes, FileRecord, Held, Proposal, sha_in
from geo_service.store.undoing import Change, listed, undo_changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from geo_service.store.sqlite import Database

Clock: TypeAlias = Callable[[], dt.datetime]
Placing: TypeAlias = Callable[[], "AbstractContextManager[None]"]
"""Puts the files of a change in their place; takes them back when left by an exception."""


class Act(NamedTuple):
    """Name what is done, by whom, and with what."""

    name: str
    actor: Principal
    detail: Mapping[str, object]


_FILE_COLUMNS = tuple(schema.file.c)


class Ledger:
    """Keep versions, audit events and runs in a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep them in `database`, dated by `clock`."""
        self.database = database
        self._clock = clock

    def prepare(self) -> None:
        """Make the tables where they are not there; raise FaultError where a later release made them."""
        # A ledger that is there is only read, so that opening a store never waits for an importer.
        with self.database.reading() as connection:
            there = sa.inspect(connection).has_table(schema.layout.name)
            found = connection.scalar(sa.select(sa.func.max(schema.layout.c.number))) if there else None
        if found is None:
            with self.database.writing() as connection:
                schema.metadata.create_all(connection)
                connection.execute(sa.insert(schema.layout).values(number=schema.LAYOUT))
        elif found > schema.LAYOUT:
            raise FaultError(
                "The data directory was written by a later release of geo-service",
                found=f"layout {found}, this release knows {schema.LAYOUT}",
                do="Install the later release",
            )

    # --- reading ------------------------------------------------------------------------------

    def newest(self) -> int:
        """Return the number of the newest version; 0 for the empty ledger."""
        with self.database.reading() as connection:
            return _newest(connection)

    def state(self, as_of: int | None = None) -> tuple[int, dict[str, Held]]:
        """Return a version's number and its state, the newest by default; raise NotFoundError."""
        with self.database.reading() as connection:
            newest = _newest(connection)
            if as_of is not None and not 0 <= as_of <= newest:
                raise _unknown(as_of, newest)
            number = newest if as_of is None else as_of
            return number, _state(connection, number)

    def versions(self) -> list[Version]:
        """List the versions, oldest first."""
        with self.database.reading() as connection:
            changed: dict[int, list[str]] = {}
            for number, slot in connection.execute(
                sa.select(schema.change.c.version, schema.change.c.slot).order_by(schema.change.c.slot)
            ):
                changed.setdefault(number, []).append(slot)
            rows = connection.execute(sa.select(schema.version).order_by(schema.version.c.number))
            return [_version(row, tuple(changed.get(row.number, ()))) for row in rows]

    def put_by(self, version: int, prefix: str, newest: int) -> dict[str, Held]:
        """Return the files that one version put into the slots that begin with `prefix`.

        Raises NotFoundError for a version that is not one of 1 to `newest`.
        """
        if not 1 <= version <= newest:
            raise _unknown(version, newest)
        with self.database.reading() as connection:
            made = _changes(connection, version)
        return {
            slot: Held(change.new, version)
            for slot, change in made.items()
            if slot.startswith(prefix) and change.new is not None
        }

    def files(self) -> dict[str, FileRecord]:
        """Return every file of every version by its SHA-256."""
        with self.database.reading() as connection:
            return {row.sha256: FileRecord(*row) for row in connection.execute(sa.select(*_FILE_COLUMNS))}

    def history(self) -> list[tuple[int, str, str | None, str | None]]:
        """Return (version, slot, old, new) of every change, oldest first."""
        with self.database.reading() as connection:
            query = sa.select(schema.change).order_by(schema.change.c.version, schema.change.c.slot)
            return [(row.version, row.slot, row.old_sha256, row.new_sha256) for row in connection.execute(query)]

    # --- writing ------------------------------------------------------------------------------

    def commit(self, proposal: Proposal, placing: Placing, act: Act) -> Version | None:
        """Make a change, its files and its audit event one transaction; None where nothing differs.

        Raises ConflictError where another change got in between.
        """
        with self.database.writing() as connection:
            now = _state(connection, _newest(connection))
            changes = proposal.changes(now)
            with placing():
                return self._append(connection, now, changes, act) if changes else None

    def undo(self, version: int, actor: Principal, *, only: str = "") -> Version:
        """Put back what a version changed, as a new version."""
        with self.database.writing() as connection:
            newest = _newest(connection)
            if not 1 <= version <= newest:
                raise _unknown(version, newest)
            made = _changes(connection, version)
            now = _state(connection, newest)
            last = sa.select(schema.change.c.slot, sa.func.max(schema.change.c.version)).group_by(schema.change.c.slot)
            changed_last = {slot: int(number) for slot, number in connection.execute(last)}
            changes = undo_changes(version, made, now, changed_last, only=only)
            detail: dict[str, object] = {"undone": version} | ({"only": only} if only else {})
            return self._append(connection, now, changes, Act("undo", actor, detail))

    def record(self, event: AuditEvent) -> None:
        """Write an audit event."""
        with self.database.writing() as connection:
            _write_event(connection, event, None)

    def events(self, limit: int) -> list[AuditEvent]:
        """List the newest audit events first."""
        with self.database.reading() as connection:
            query = sa.select(schema.event).order_by(schema.event.c.id.desc()).limit(limit)
            return [
                AuditEvent(row.act, row.actor, row.what, dt.datetime.fromisoformat(row.at), json.loads(row.detail))
                for row in connection.execute(query)
            ]

    def save_run(self, run_id: str, payload: str, version: int) -> None:
        """Keep the zones of a question; saving the same run again changes nothing."""
        with self.database.writing() as connection:
            known = sa.select(schema.run.c.number).where(schema.run.c.id == run_id)
            if connection.scalar(known) is None:
                row = {"id": run_id, "payload": payload, "version": version, "at": _written(self._clock())}
                connection.execute(sa.insert(schema.run).values(row))

    def runs(self) -> list[tuple[str, str]]:
        """List (run id, payload), newest first."""
        with self.database.reading() as connection:
            query = sa.select(schema.run.c.id, schema.run.c.payload).order_by(schema.run.c.number.desc())
            return [(row.id, row.payload) for row in connection.execute(query)]

    def _append(self, connection: sa.Connection, now: Mapping[str, Held], changes: Changes, act: Act) -> Version:
        number, at = _newest(connection) + 1, self._clock()
        _write_files(connection, [record for record in changes.values() if record is not None])
        row = {
            "number": number,
            "at": _written(at),
            "act": act.name,
            "actor": act.actor.name,
            "detail": _json(act.detail),
        }
        connection.execute(sa.insert(schema.version).values(row))
        connection.execute(
            sa.insert(schema.change),
            [
                {
                    "version": number,
                    "slot": slot,
                    "old_sha256": sha_in(now, slot),
                    "new_sha256": None if record is None else record.sha256,
                }
                for slot, record in changes.items()
            ],
        )
        what = f"version {number}: {listed(list(changes))}"
        _write_event(connection, AuditEvent(act.name, act.actor.name, what, at, act.detail), number)
        return Version(number, at, act.name, act.actor.name, dict(act.detail), tuple(changes))


def _newest(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(schema.version.c.number))) or 0


def _state(connection: sa.Connection, number: int) -> dict[str, Held]:
    change = schema.change
    last = (
        sa.select(change.c.slot, sa.func.max(change.c.version).label("version"))
        .where(change.c.version <= number)
        .group_by(change.c.slot)
        .subquery()
    )
    query = (
        sa.select(change.c.slot, change.c.version, *_FILE_COLUMNS)
        .join_from(change, last, sa.and_(change.c.slot == last.c.slot, change.c.version == last.c.version))
        .join(schema.file, schema.file.c.sha256 == change.c.new_sha256)
        .order_by(change.c.slot)
    )
    return {slot: Held(FileRecord(*record), version) for slot, version, *record in connection.execute(query)}


def _changes(connection: sa.Connection, version: int) -> dict[str, Change]:
    change = schema.change
    rows = connection.execute(sa.select(change).where(change.c.version == version).order_by(change.c.slot)).all()
    named = {sha for row in rows for sha in (row.old_sha256, row.new_sha256) if sha is not None}
    query = sa.select(*_FILE_COLUMNS).where(schema.file.c.sha256.in_(named))
    files = {row.sha256: FileRecord(*row) for row in connection.execute(query)}
    return {row.slot: Change(files.get(row.old_sha256), files.get(row.new_sha256)) for row in rows}


def _write_files(connection: sa.Connection, records: Sequence[FileRecord]) -> None:
    known = set(connection.scalars(sa.select(schema.file.c.sha256)))
    fresh = {record.sha256: record for record in records if record.sha256 not in known}
    if fresh:
        rows = [{column.name: getattr(record, column.name) for column in _FILE_COLUMNS} for record in fresh.values()]
        connection.execute(sa.insert(schema.file), rows)


def _write_event(connection: sa.Connection, event: AuditEvent, version: int | None) -> None:
    row = {
        "at": _written(event.at),
        "act": event.act,
        "actor": event.actor,
        "what": event.what,
        "detail": _json(event.detail),
        "version": version,
    }
    connection.execute(sa.insert(schema.event).values(row))


def _version(row: sa.Row[tuple[object, ...]], changed: tuple[str, ...]) -> Version:
    at = dt.datetime.fromisoformat(row.at)
    return Version(row.number, at, row.act, row.actor, json.loads(row.detail), changed)


def _written(at: dt.datetime) -> str:
    """Return a moment as text, in UTC."""
    return at.astimezone(dt.UTC).isoformat()


def _json(detail: Mapping[str, object]) -> str:
    return json.dumps(dict(detail), ensure_ascii=False, sort_keys=True, default=str)


def _unknown(version: int, newest: int) -> NotFoundError:
    return NotFoundError(
        "No version of that number",
        found=version,
        do=f"The versions are 1 to {newest}, see `geo-service versions`" if newest else "Nothing has been imported yet",
        field="version",
    )
