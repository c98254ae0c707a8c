"""Visits that are too old: their rows are emptied, for a row that events prove stays where it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from geo_service.model.access import ERASURE, AuditEvent
from geo_service.model.clock import LONDON
from geo_service.model.patrol import VISIT
from geo_service.model.retention import VISITS
from geo_service.store import schema
from geo_service.store.acts import write_event, written
from geo_service.store.proofs import proof

if TYPE_CHECKING:
    import datetime as dt

    from geo_service.model.retention import Wanted


def visits_before(wanted: Wanted) -> sa.ColumnElement[bool] | None:
    """Return the condition of the visits that go, None where none do: an id begins with the day of its visit."""
    moment = wanted.moment(VISITS)
    if moment is None:
        return None
    item = schema.item.c
    day = moment.astimezone(LONDON).date().isoformat()
    return sa.and_(item.kind == VISIT, item.content.is_not(None), item.id < day)


def count_visits(connection: sa.Connection, wanted: Wanted) -> int:
    """Count the visits that go."""
    condition = visits_before(wanted)
    if condition is None:
        return 0
    return connection.scalar(sa.select(sa.func.count()).select_from(schema.item).where(condition)) or 0


def empty_visits(connection: sa.Connection, wanted: Wanted, actor: str, at: dt.datetime) -> None:
    """Empty the visits that go, and write one event that proves the rows as they are then; of a visit stays its day."""
    condition = visits_before(wanted)
    if condition is None:
        return
    item = schema.item.c
    known = connection.execute(sa.select(item.id, item.version).where(condition).order_by(item.id)).all()
    if not known:
        return
    emptied = {"content": None, "changed": json.dumps({}), "at": written(at), "actor": actor}
    connection.execute(sa.update(schema.item).where(condition).values(version=item.version + 1, **emptied))
    rows = [{"kind": VISIT, "id": row.id, "version": row.version + 1, **emptied} for row in known]
    detail = {"rows": len(rows), **proof(schema.item, *rows)}
    write_event(connection, AuditEvent(f"{ERASURE}: {VISITS}", actor, f"{len(rows)} {VISITS}", at, detail), None)
