"""Counting what is kept of each kind, and what of it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from geo_service.model.patrol import VISIT
from geo_service.model.periods import Month
from geo_service.model.retention import (
    ATTEMPTS,
    BACKUPS,
    INCIDENTS,
    KEYS,
    KINDS,
    REJECTS,
    SESSIONS,
    VERSIONS,
    VISITS,
    Kept,
)
from geo_service.store import schema, slots

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.retention import Wanted
    from geo_service.store.eraser import Eraser
    from geo_service.store.ledger import Ledger

_TABLES = {
    "runs": (schema.run, schema.run.c.at),
    SESSIONS: (schema.session, schema.session.c.opened_at),
    ATTEMPTS: (schema.attempt, schema.attempt.c.failed_at),
    KEYS: (schema.api_key, schema.api_key.c.made_at),
    "events": (schema.event, schema.event.c.at),
    "erasures": (schema.erasure, schema.erasure.c.at),
}


def holdings(ledger: Ledger, eraser: Eraser, root: Path, wanted: Wanted) -> list[Kept]:
    """Count what is kept of each kind, and what of it an erasure of `wanted` would take, in the order of KINDS."""
    toll = eraser.look(wanted).toll
    due = {
        INCIDENTS: toll.incidents,
        REJECTS: toll.rejects,
        SESSIONS: toll.sessions,
        ATTEMPTS: toll.attempts,
        KEYS: toll.keys,
        VISITS: toll.visits,
    }
    held = _rows(ledger) | _files(ledger, wanted) | _folders(root) | _backups(eraser, wanted)
    return [Kept(kind, *held[kind][:2], due=due.get(kind, held[kind][2])) for kind in KINDS]


def _rows(ledger: Ledger) -> dict[str, tuple[int, str, int]]:
    with ledger.database.reading() as connection:
        found = {}
        for kind, (table, at) in _TABLES.items():
            oldest = sa.null() if at is None else sa.func.min(at)
            count, first = connection.execute(sa.select(sa.func.count(), oldest).select_from(table)).one()
            found[kind] = (count, (first or "")[:10], 0)
        item = schema.item.c
        there = sa.select(sa.func.count(), sa.func.min(item.id)).where(item.content.is_not(None))
        count, first = connection.execute(there.where(item.kind == VISIT)).one()
        found[VISITS] = (count, (first or "")[:10], 0)
        found["items"] = (connection.execute(there.where(item.kind != VISIT)).one()[0], "", 0)
    return found


def _files(ledger: Ledger, wanted: Wanted) -> dict[str, tuple[int, str, int]]:
    history = ledger.history()
    state, entries = history.chronicle.state, history.chronicle.entries
    by_kind = {kind: [held for slot, held in state.items() if slots.kind_of(slot) == kind] for kind in slots.KINDS}
    months = [held.record.first_month for held in by_kind[slots.INCIDENTS] if held.record.first_month is not None]
    put = [entries[held.version - 1].at[:10] for held in by_kind[slots.REJECTS]]
    earlier = entries[max(history.floor, 1) - 1 : -1]
    before = wanted.moment(VERSIONS)
    # A version is as old as the one that took its place.
    aged = [after for after in entries[max(history.floor, 1) :] if before is not None and after.moment <= before]
    found = {kind: (len(held), "", 0) for kind, held in by_kind.items()}
    rows = {kind: sum(held.record.rows for held in by_kind[kind]) for kind in (slots.INCIDENTS, slots.REJECTS)}
    return found | {
        INCIDENTS: (rows[slots.INCIDENTS], str(Month(min(months))) if months else "", 0),
        REJECTS: (rows[slots.REJECTS], min(put, default=""), 0),
        VERSIONS: (len(earlier), earlier[0].at[:10] if earlier else "", len(aged)),
    }


def _folders(root: Path) -> dict[str, tuple[int, str, int]]:
    temporary = [path for path in (root / "tmp").iterdir() if path.is_dir()]
    return {"cubes": (len(list((root / "cubes").iterdir())), "", 0), "temporary": (len(temporary), "", 0)}


def _backups(eraser: Eraser, wanted: Wanted) -> dict[str, tuple[int, str, int]]:
    known = eraser.copies.known()
    old = eraser.copies.old(wanted)
    behind = [copy for copy in known if copy.behind and copy not in old]
    return {BACKUPS: (len(known), known[0].at[:10] if known else "", len(old) + len(behind))}
