"""The ledger: versions of the data, the files that each consists of, and what was done by whom."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

import sqlalchemy as sa

from geo_service.errors import ConflictError, DamagedFileError, NotFoundError
from geo_service.model.access import AuditEvent, Principal, Version
from geo_service.model.audit import event_act
from geo_service.store import migrating, schema
from geo_service.store.acts import Act, Pen, json_text, plain_text, write_event, written
from geo_service.store.aged_visits import empty_visits
from geo_service.store.chronicle import RESTORE, Chronicle, Entry
from geo_service.store.erasures import (
    Erasing,
    Erasure,
    History,
    aged,
    newest_erasure,
    read_erasures,
    read_numbers,
    refuse_erased,
    write_erasure,
)
from geo_service.store.head import Head
from geo_service.store.proofs import proving
from geo_service.store.rows import EVENTS, RUNS, VERSIONS, damaged, marks, newest_version, read_entries, write_entry
from geo_service.store.run_rows import KeptRun, last_asked, run_areas, write_asking, write_run_area
from geo_service.store.state import Changes, FileRecord, Held, Proposal
from geo_service.store.undoing import listed, undo_changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from geo_service.model.chain import Link
    from geo_service.store.database import Database
    from geo_service.store.head import HeadFile
    from geo_service.store.witness import Witness

Clock: TypeAlias = Callable[[], dt.datetime]
Placing: TypeAlias = Callable[[], "AbstractContextManager[None]"]
"""Puts the files of a change in their place; takes them back when left by an exception."""


class Ledger:
    """Keep versions, audit events and runs in a database."""

    def __init__(self, database: Database, clock: Clock, head: HeadFile, witness: Witness) -> None:
        """Keep them in `database`, dated by `clock`; `head` and `witness` are told outside of it how far it came."""
        self.database = database
        self._clock = clock
        self._head = head
        self._witness = witness
        # What was read and checked once need not be read again: versions never change.
        self._known = Chronicle()
        self._erasures: tuple[Erasure, ...] | None = None
        self._seen = Head("")

    def prepare(self) -> None:
        """Make or renew the tables, and hold the ledger to what the data directory remembers of it.

        Raises FaultError where a later release made the tables, DamagedFileError where the ledger belongs to
        another directory or has lost its end.
        """
        migrating.prepare(self.database)
        found = self.head()
        # The doctor tells of a damaged head, and the next change writes it anew.
        with suppress(ValueError):
            remembered = self._head.read()
            if remembered is None:
                self._head.write(found)
            else:
                self._refuse_other(remembered, found)
        self._seen = found

    def _refuse_other(self, remembered: Head, found: Head) -> None:
        if remembered.store != found.store:
            raise DamagedFileError(
                "The ledger belongs to another data directory",
                found=self.database.name,
                do="Mend database_url or --data-dir, or restore ledger and directory from the same backup",
            )
        with self.database.reading() as connection:
            chains = {"version": VERSIONS, "event": EVENTS, "run": RUNS}
            for name, chain in chains.items():
                link: Link = getattr(remembered, name)
                if not chain.has(connection, link):
                    raise DamagedFileError(
                        f"The ledger is older than the data directory, or was altered: {name} {link.number} is gone",
                        found=self.database.name,
                        do=f"{RESTORE}. To go on without what is gone, remove head.json from the data directory",
                    )

    def state_if_made(self) -> dict[str, Held] | None:
        """Return the newest state before `prepare`, None where there are no tables; {} where they are of old."""
        with self.database.reading() as connection:
            found = migrating.revision(connection)
            if found == schema.REVISION:
                return dict(self._read(connection, 0).state)
        return None if found is None else {}

    # --- reading ------------------------------------------------------------------------------

    def head(self) -> Head:
        """Return the ledger's name and its newest rows."""
        with self.database.reading() as connection:
            return marks(connection)

    def chronicle(self, as_of: int | None = None) -> Chronicle:
        """Return the versions up to one, the newest by default; raise NotFoundError for an unknown one."""
        seen = self._seen.version.number
        with self.database.reading() as connection:
            found = self._read(connection, seen)
            erased = self._erased(connection)
        newest = found.link.number
        if as_of is None:
            return found
        if not 0 <= as_of <= newest:
            raise _unknown(as_of, newest)
        refuse_erased(as_of, erased)
        return found.up_to(as_of)

    def history(self) -> History:
        """Return all versions, and what was erased of them."""
        seen = self._seen.version.number
        with self.database.reading() as connection:
            erased = self._erased(connection)
            return History(self._read(connection, seen), erased, read_numbers(connection) if erased else None)

    def state(self, as_of: int | None = None) -> tuple[int, dict[str, Held]]:
        """Return a version's number and its state, the newest by default; raise NotFoundError."""
        found = self.chronicle(as_of)
        return found.link.number, dict(found.state)

    def versions(self) -> list[Version]:
        """List the versions, oldest first."""
        return [_version(entry) for entry in self.chronicle().entries]

    def put_by(self, version: int, prefix: str, newest: int) -> dict[str, Held]:
        """Return the files that one version put into the slots that begin with `prefix`.

        Raises NotFoundError for a version that is not one of 1 to `newest`.
        """
        if not 1 <= version <= newest:
            raise _unknown(version, newest)
        history = self.history()
        made = history.chronicle.entries[version - 1].changes
        put = {slot: change.new for slot, change in made.items() if slot.startswith(prefix) and change.new is not None}
        there = history.files()
        found = {slot: Held(record, version) for slot, record in put.items() if record.sha256 in there}
        if put and not found:
            refuse_erased(version, history.erasures)
        return found

    def files(self) -> dict[str, FileRecord]:
        """Return every file of the versions that can be asked for by its SHA-256."""
        return self.history().files()

    def events(self, limit: int | None) -> list[AuditEvent]:
        """List the newest audit events first; raise DamagedFileError where one is not what was written."""
        seen = self._seen.event.number
        with self.database.reading() as connection:
            rows = EVENTS.newest_first(connection, limit)
        _refuse_lost_end("event", rows[0].id if rows else 0, 0 if limit == 0 else seen)
        return [
            AuditEvent(row.act, row.actor, row.what, dt.datetime.fromisoformat(row.at), json.loads(row.detail))
            for row in rows
        ]

    def runs(self) -> list[KeptRun]:
        """List the runs, newest asked first; raise DamagedFileError where one is not what was written."""
        seen = self._seen.run.number
        with self.database.reading() as connection:
            rows = RUNS.newest_first(connection)
            asked, areas = last_asked(connection), run_areas(connection)
        _refuse_lost_end("run", rows[0].number if rows else 0, seen)
        rows.sort(key=lambda row: -asked.get(row.id, 0))
        return [KeptRun(row.id, row.payload, *areas.get(row.id, ("", frozenset()))) for row in rows]

    def problems(self) -> list[str]:
        """Return what is wrong with versions, events and runs, in words; reads all of them anew."""
        try:
            with self.database.reading() as connection:
                wrong = list(Chronicle().problems(read_entries(connection, Chronicle())))
                wrong += [*EVENTS.problems(connection), *RUNS.problems(connection)]
                read_erasures(connection)
                found = marks(connection)
            self._refuse_other(self._seen, found)
        except DamagedFileError as error:
            return [error.message]
        return [f"The ledger is damaged or was altered: {said}. {RESTORE}" for said in wrong]

    # --- writing ------------------------------------------------------------------------------

    def commit(self, proposal: Proposal, placing: Placing, act: Act) -> Version | None:
        """Make a change, its files and its audit event one transaction; None where nothing differs.

        Raises ConflictError where another change got in between.
        """
        with self._writing() as connection:
            known = self._read(connection, self._seen.version.number)
            if proposal.erasures not in {None, newest_erasure(connection)[0]}:
                raise ConflictError("An erasure came in between, so nothing was kept", do="Run it again")
            changes = proposal.changes(known.state)
            with placing():
                return self._append(connection, known, changes, act) if changes else None

    def undo(self, version: int, actor: Principal, *, only: str = "") -> Version:
        """Put back what a version changed, as a new version."""
        with self._writing() as connection:
            known = self._read(connection, self._seen.version.number)
            if not 1 <= version <= known.link.number:
                raise _unknown(version, known.link.number)
            refuse_erased(version - 1, self._erased(connection), undoing=version)
            made = known.entries[version - 1].changes
            changes = undo_changes(version, made, known.state, known.changed_last(), only=only)
            detail: dict[str, object] = {"undone": version} | ({"only": only} if only else {})
            return self._append(connection, known, changes, Act("undo", actor, detail))

    def erase(self, erasing: Erasing, placing: Placing, act: Act) -> Version | None:
        """Make an erasure, the files that take the place of others and its event one transaction.

        Returns the version that it made, None where no file in force is changed. Raises ConflictError where another
        change got in between.
        """
        with self._writing() as connection:
            known = self._read(connection, self._seen.version.number)
            if (known.link, newest_erasure(connection)[0]) != (erasing.base, erasing.erasure.number - 1):
                raise ConflictError("Another change came in between, so nothing was erased", do="Run it again")
            with placing():
                for _, table, condition in aged(erasing.wanted):
                    connection.execute(sa.delete(table).where(condition))
                empty_visits(connection, erasing.wanted, act.actor.name, self._clock())
                at = written(self._clock())
                write_erasure(connection, erasing.erasure._replace(at=at), erasing.hashes)
                if erasing.changes:
                    return self._append(connection, known, erasing.changes, act)
                event = AuditEvent(event_act(act.name), act.actor.name, "no file in force", self._clock(), act.told)
                write_event(connection, event, None)
                return None

    def record(self, event: AuditEvent) -> None:
        """Write an audit event."""
        with self._writing() as connection:
            write_event(connection, event, None)

    def save_run(self, run: KeptRun, version: int, event: AuditEvent) -> None:
        """Keep the zones of a question and the event that it was asked; the same run again is only the newest again."""
        at = written(self._clock())
        with self._writing() as connection:
            known = sa.select(schema.run.c.number).where(schema.run.c.id == run.id)
            if connection.scalar(known) is None:
                RUNS.append(
                    connection, {"id": run.id, "payload": plain_text(run.payload), "version": version, "at": at}
                )
                event = proving(event, schema.run_area, *write_run_area(connection, run))
            write_asking(connection, run.id, at)
            write_event(connection, event, None)

    @contextmanager
    def recording(self) -> Iterator[Pen]:
        """Open the one transaction that may write, for rows of other kinds and the events that belong to them."""
        with self._writing() as connection:
            yield Pen(connection, self._clock(), lambda event: write_event(connection, event, None))

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Open the one transaction that may write; the data directory remembers it afterwards."""
        with self.database.writing() as connection:
            yield connection
            came_to = marks(connection)
        if came_to != self._seen:
            self._seen = came_to
            self._head.write(came_to)
            self._witness.tell(came_to)

    def _read(self, connection: sa.Connection, seen: int) -> Chronicle:
        """Return the versions that a transaction sees, reading only those that are not known yet.

        seen: a version that is certainly there. Raises DamagedFileError where the ledger cannot be believed.
        """
        known, newest = self._known, newest_version(connection)
        _refuse_lost_end("version", newest.number, seen)
        # Another thread may know more already than this transaction may see.
        known = known.up_to(min(newest.number, known.link.number))
        if newest != known.link:
            entries = read_entries(connection, known)
            if not entries or entries[0].previous != known.link.sha256:
                # Somebody restored the ledger meanwhile: believe nothing that was read before.
                known, entries = Chronicle(), read_entries(connection, Chronicle())
            known = self._known = known.extended(entries)
        return known

    def _erased(self, connection: sa.Connection) -> tuple[Erasure, ...]:
        """Return what was erased so far, reading it only where there is more than is known."""
        known = self._erasures
        if known is not None:
            told = (len(known), max((erasure.floor for erasure in known), default=0))
            known = known if told == newest_erasure(connection) else None
        if known is None:
            known = self._erasures = read_erasures(connection)
        return known

    def _append(self, connection: sa.Connection, known: Chronicle, changes: Changes, act: Act) -> Version:
        at = self._clock()
        detail = json_text(act.detail)
        entry = known.next(written(at), plain_text(act.name), plain_text(act.actor.name), detail, changes)
        write_entry(connection, entry, known.files())
        what = f"version {entry.number}: {listed(list(changes))}"
        event = AuditEvent(event_act(act.name), act.actor.name, what, at, act.told)
        write_event(connection, event, entry.number)
        return Version(entry.number, at, act.name, act.actor.name, dict(act.detail), tuple(changes))


def _refuse_lost_end(name: str, newest: int, seen: int) -> None:
    if newest < seen:
        raise damaged(f"{name} {seen} is gone, the newest is {newest}")


def _version(entry: Entry) -> Version:
    at = dt.datetime.fromisoformat(entry.at)
    return Version(entry.number, at, entry.act, entry.actor, json.loads(entry.detail), tuple(entry.changes))


def _unknown(version: int, newest: int) -> NotFoundError:
    return NotFoundError(
        "No version of that number",
        found=version,
        do=f"The versions are 1 to {newest}, see `geo-service versions`" if newest else "Nothing has been imported yet",
        field="version",
    )
