"""The runs of zones as rows: what they hold, which members they speak of, and when each was asked for last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from geo_service.store import schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class KeptRun(NamedTuple):
    """Hold one run."""

    id: str
    payload: str
    """JSON."""
    boundary_set: str = ""
    """Id of the set whose members it speaks of; empty for runs of before this was kept."""
    codes: frozenset[str] = frozenset()


def write_run_area(connection: sa.Connection, run: KeptRun) -> Sequence[Mapping[str, str]]:
    """Write the members that a new run speaks of, and return their rows."""
    rows = [{"run": run.id, "boundary_set": run.boundary_set, "code": code} for code in sorted(run.codes)]
    if rows:
        connection.execute(sa.insert(schema.run_area), rows)
    return rows


def write_asking(connection: sa.Connection, run_id: str, at: str) -> None:
    """Write that a run was asked for; nothing where it was the newest already."""
    asking = schema.asking
    newest = connection.execute(sa.select(asking).order_by(asking.c.number.desc()).limit(1)).first()
    if newest is None or newest.run != run_id:
        number = 1 if newest is None else newest.number + 1
        connection.execute(sa.insert(asking).values(number=number, run=run_id, at=at))


def last_asked(connection: sa.Connection) -> Mapping[str, int]:
    """Return the number of the newest asking of each run."""
    asking = schema.asking
    rows = connection.execute(sa.select(asking.c.run, sa.func.max(asking.c.number)).group_by(asking.c.run))
    return {run: int(number) for run, number in rows}


def run_areas(connection: sa.Connection) -> Mapping[str, tuple[str, frozenset[str]]]:
    """Return the boundary set and the codes of the members that each run speaks of."""
    found: dict[str, tuple[str, set[str]]] = {}
    for run, boundary_set, code in connection.execute(sa.select(*schema.run_area.c)):
        found.setdefault(run, (boundary_set, set()))[1].add(code)
    return {run: (boundary_set, frozenset(codes)) for run, (boundary_set, codes) in found.items()}
