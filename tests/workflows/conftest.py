"""Fixtures of the workflows' tests."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import shapely

from geo_service.model.patrol import Loop, PatrolPlan, PlanRequest, PlanZone, Shift, Visit
from geo_service.model.places import EastNorth
from geo_service.workflows.sheet_maps import outline

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.hotspots import ZoneRun

DAY = dt.date(2026, 11, 6)


@pytest.fixture(scope="session")
def plan_by_hand() -> Callable[..., PatrolPlan]:
    """Return a function that makes a patrol plan by hand from the zones of a run."""
    return _plan


def _plan(run: ZoneRun, zones: int = 4, *, whence: str = "data", **changes: object) -> PatrolPlan:
    """Plan two pairs from 15:00 to 23:00: each loop takes two zones, one after the other."""
    planned = []
    for zone in run.zones[:zones]:
        at = shapely.point_on_surface(outline(zone.cells))
        planned.append(
            PlanZone(zone.id, zone.number, zone.name, EastNorth(at.x, at.y), 10.0 / zone.number, ((120, 420),), whence)  # type: ignore[arg-type]
        )
    loops = []
    for crew in (1, 2):
        for turn in range(3):
            start = 60 + 150 * turn + 20 * crew
            pair = [planned[(2 * turn + crew + k) % len(planned)] for k in range(2)]
            visits = tuple(
                Visit(f"v{crew}{turn}{k}", zone.id, start + 10 + 22 * k, start + 25 + 22 * k)
                for k, zone in enumerate(pair)
            )
            loops.append(Loop(crew, start, start + 57, visits, (10.0, 7.0, 10.0), (pair[0].id,)))
    middle = [sum(axis) / len(planned) for axis in zip(*(zone.at for zone in planned), strict=True)]
    made = {
        "id": "0badcafe",
        "request": PlanRequest("Nonesuch Central team", Shift.asked(DAY, "15:00-23:00"), officers=4),
        "team_code": "NSUCH-T1",
        "team_name": "Nonesuch Central team",
        "boundary_set": run.query.boundary_set,
        "members": ("X99000001",),
        "run": run.id,
        "zones": tuple(planned),
        "station": EastNorth(*middle),
        "station_name": "Nonesuch Police Station",
        "loops": tuple(loops),
        "travel_by": "straight line",
        "harm_minutes": 1_000.0,
        "unkept": (),
        "provenance": run.provenance,
        "licences": run.licences,
        "notes": (),
        "version": 1,
    }
    return PatrolPlan(**(made | changes))  # type: ignore[arg-type]
