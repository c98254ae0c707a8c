"""The audit trail for whoever audits: reading it, and holding the ledger to what the system's log was told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from geo_service.model.audit import AuditEntry, AuditTrail, chain_problems, kind_of
from geo_service.store import schema
from geo_service.store.chronicle import RESTORE
from geo_service.store.rows import EVENTS, RUNS, VERSIONS, damaged, marks
from geo_service.store.witness import heads_told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.model.audit import AuditQuery
    from geo_service.model.chain import Link
    from geo_service.store.database import Database
    from geo_service.store.rows import Chained
    from geo_service.store.witness import Told

_BATCH: Final = 5_000
_MOST_NAMED: Final = 20


def trail(database: Database, query: AuditQuery, limit: int | None = None) -> AuditTrail:
    """Return the events that are wanted, oldest first: the newest `limit` of them, or all for None.

    All of the chain is checked where all of them are wanted, otherwise only those returned. Raises DamagedFileError
    where one is not what was written.
    """
    with database.reading() as connection:
        if limit is None:
            for problem in EVENTS.problems(connection):
                raise damaged(problem)
        head = marks(connection)
        rows = connection.execute(_chosen(connection, query, limit)).all()
    entries = [_entry(row) for row in reversed(rows)]
    for problem in chain_problems(entries):
        raise damaged(problem)
    return AuditTrail(head.store, head.event, entries)


def _chosen(connection: sa.Connection, query: AuditQuery, limit: int | None) -> sa.Select[Any]:
    event = schema.event.c
    chosen = sa.select(schema.event).order_by(event.id.desc()).limit(limit)
    if query.kind:
        acts = connection.scalars(sa.select(event.act).distinct()).all()
        chosen = chosen.where(event.act.in_([act for act in acts if kind_of(act) == query.kind]))
    if query.actor:
        chosen = chosen.where(event.actor == query.actor)
    # Moments are written in UTC with the same digits before the fraction, so that they are ordered as text.
    if query.since is not None:
        chosen = chosen.where(event.at >= _written(query.since))
    if query.until is not None:
        chosen = chosen.where(event.at < _written(query.until))
    return chosen


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()


def _entry(row: sa.Row[Any]) -> AuditEntry:
    return AuditEntry(row.id, row.at, row.act, row.actor, row.what, row.detail, row.version, row.previous, row.sha256)


class Compared(NamedTuple):
    """Say how the ledger stands to the lines of a log."""

    lines: int
    """Lines that tell of this ledger."""
    problems: Sequence[str]


def compared(database: Database, lines: Iterable[str]) -> Compared:
    """Hold the ledger to the lines of the system's log; say what was altered, cut or put in.

    Each line was sent after a transaction and holds the hash over all before it, so the ledger must have just that row
    still; and each event had its line, so one without is either forged or its line was lost.
    """
    with database.reading() as connection:
        store = marks(connection).store
        told = list(heads_told(lines, store))
        problems = [
            problem
            for name, chain in {"version": VERSIONS, "event": EVENTS, "run": RUNS}.items()
            for problem in _unlike(connection, name, chain, told)
        ]
        problems += _untold(connection, {one.head.event.number for one in told})
    return Compared(len(told), problems)


def _unlike(connection: sa.Connection, name: str, chain: Chained, told: Sequence[Told]) -> Iterator[str]:
    links: dict[Link, int] = {}
    for one in told:
        links.setdefault(getattr(one.head, name), one.row)
    numbers = {link.number for link in links}
    there = chain.links(connection, numbers)
    newest = chain.newest(connection)
    sound = 0
    for link, row in sorted(links.items()):
        if link.number == 0 or there.get(link.number) == link.sha256:
            sound = link.number
        elif link.number > newest:
            yield (
                f"{name} {link.number}, told on line {row}, is gone: the {name}s were cut off after {newest}. {RESTORE}"
            )
            return
        else:
            last = f"{name} {link.number}"
            which = last if link.number == sound + 1 else f"one of {name}s {sound + 1} to {link.number}"
            yield f"{which} is not what it was when line {row} was sent. {RESTORE}"
            return


def _untold(connection: sa.Connection, told: set[int]) -> Iterator[str]:
    """Yield the events since the first that was told that have no line of their own."""
    if not told:
        return
    event = schema.event.c
    numbers = connection.scalars(sa.select(event.id).where(event.id > min(told)).order_by(event.id))
    missing = [number for number in numbers if number not in told]
    if missing:
        named = ", ".join(str(number) for number in missing[:_MOST_NAMED])
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        yield (
            f"No line tells of event {named}{more}: put into the ledger past the program, or the line was lost. "
            f"Look at what the event says was done"
        )
