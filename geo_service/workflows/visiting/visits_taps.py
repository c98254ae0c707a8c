"""Visits from a phone: a tap when somebody is there, and a tap when they leave."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service.errors import BusyError, ConflictError, InputError, LostRaceError
from geo_service.model.patrol import LONGEST_LOOP_MIN, VISIT, VisitMade, elapsed_min
from geo_service.workflows.planning.plan_keeping import find_plan
from geo_service.workflows.visiting.visits_made import (
    NOT_ENDED,
    content_of,
    outcome_of,
    place_of,
    planned_visit,
    row_id,
    rows_of,
    time_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services

_ASTRAY: Final = dt.timedelta(hours=12)
"""Who taps so long before or after a shift has another plan open than they think."""


LONGEST_TAPPED_MIN: Final = LONGEST_LOOP_MIN
"""Nobody stays longer than a whole patrol may last: the second tap was forgotten."""


class Open(NamedTuple):
    """Hold a visit that has begun and not ended."""

    id: str
    version: int
    zone: str
    visit: str
    start: dt.datetime


def begin(services: Services, plan: PatrolPlan, *, visit: str = "", zone: str = "", after: int = 0) -> str:
    """Say that somebody is at a zone of a plan now; the same again changes nothing. Return the id of the row.

    visit: the planned one. zone: where it is not planned. after: how many unplanned ones there were on the page, so
    that a second tap on it begins no second visit. Raises InputError, NotFoundError.
    """
    planned = next((one for one in plan.visits if one.id == visit), None)
    place = place_of(services, planned.zone if planned else zone, plan.id)
    now = services.now().replace(microsecond=0)
    known = planned_visit(plan, visit, place.zone)
    shift = plan.request.shift
    if not shift.start - _ASTRAY <= now <= shift.end + _ASTRAY:
        raise InputError(
            "That plan is of another day",
            found=f"{shift.words}; now it is {now:%Y-%m-%d %H:%M}",
            do="Open the plan of today's shift",
            field="visit",
        )
    item_id = row_id(place, known, shift.start, ("page", plan.id, str(after)))
    made = VisitMade(item_id, plan.id, place.team, place.zone, now, now, plan.request.rules.crew, "page", visit=known)
    items = services.store.items(VISIT)
    try:
        items.put(item_id, content_of(made, place) | {"end": ""}, version=0)
    except BusyError:
        raise
    except ConflictError:
        # Tapped twice, or the page was loaded again: the first time counts.
        return item_id
    return item_id


def leave(services: Services, item_id: str, outcome: str = "") -> bool:
    """Say that they left now, and what it came to; tapped again, nothing changes. Return whether it was still open.

    Whoever forgot to tap is not taken to have stayed: a visit ended more than LONGEST_TAPPED_MIN after it began counts
    as long as it was planned, and says so (NOT_ENDED). Raises InputError, NotFoundError.
    """
    said, items = outcome_of(outcome), services.store.items(VISIT)
    item = items.get(item_id)
    if item.content["end"]:
        return False
    start = time_of(item.content["start"])
    now = services.now().replace(microsecond=0)
    forgotten = elapsed_min(start, now) > LONGEST_TAPPED_MIN
    usual = find_plan(services, str(item.content["plan"])).request.rules.visit_min
    end = start + dt.timedelta(minutes=usual) if forgotten else max(now, start + dt.timedelta(seconds=1))
    content = {**item.content, "end": end.isoformat(), "outcome": said, NOT_ENDED: forgotten}
    try:
        items.put(item_id, content, version=item.version)
    except LostRaceError:
        return False
    return True


def undo(services: Services, plan: PatrolPlan, item_id: str) -> None:
    """Take back a visit of a plan that was begun by mistake; raise InputError where it has ended, NotFoundError."""
    items = services.store.items(VISIT)
    item = items.get(item_id)
    if item.content["plan"] != plan.id or item.content["end"]:
        raise InputError("Only a visit that is still open can be taken back", do="Ask a sergeant", field="undo")
    items.remove(item_id, version=item.version)


def open_visits(services: Services, plan: PatrolPlan) -> Sequence[Open]:
    """List the visits of a plan that have begun and not ended."""
    return [
        Open(
            item.id, item.version, str(item.content["zone"]), str(item.content["visit"]), time_of(item.content["start"])
        )
        for item in rows_of(services, plan.id, None, None)
        if not item.content["end"]
    ]
