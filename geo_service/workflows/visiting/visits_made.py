"""Visits that were made: log them, and read them back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from geo_service.errors import InputError, NotFoundError
from geo_service.model.access import CONSULTATION
from geo_service.model.clock import LONDON
from geo_service.model.patrol import MOST_OFFICERS, OUTCOMES, VISIT, VisitMade, elapsed_min
from geo_service.model.periods import Month
from geo_service.workflows.finding import runs
from geo_service.workflows.planning.plan_keeping import find_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.model.access import Item
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.periods import Period
    from geo_service.workflows.services import Services

LONGEST_MADE_MIN: Final = 180
"""Nobody visits a place for longer: the time out was forgotten, or the day is wrong."""
NOT_ENDED: Final = "not_ended"
"""Whether a tapped visit was never ended, so that its minutes are those that were planned."""
_CLOCKS_MIN: Final = 2
"""A phone's clock and ours may differ by so much."""
_DAYS_ROUND: Final = dt.timedelta(days=1)


class Place(NamedTuple):
    """Say which zone a visit was to, and who may see it."""

    zone: str
    number: int
    name: str
    boundary_set: str
    members: tuple[str, ...]
    """Codes of the areas that the visit speaks of."""
    team: str
    plan: PatrolPlan | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say what is to be logged."""

    zone: str
    """Id, or with a plan its number."""
    start: dt.datetime
    """With its zone, as `end`."""
    end: dt.datetime
    officers: int = 2
    outcome: str = ""
    plan: str = ""
    visit: str = ""
    """Id of the planned visit; empty where it was not planned."""
    team: str = ""
    crew: str = ""
    """Tells apart two crews that were there at once; it is not kept."""


def place_of(services: Services, zone: str, plan_id: str = "") -> Place:
    """Find the zone of a visit, in a plan or in the newest run that has it; raise NotFoundError naming the field."""
    wanted = zone.strip()
    if plan_id:
        plan = find_plan(services, plan_id)
        found = next((one for one in plan.zones if wanted in (one.id, str(one.number))), None)
        if found is None:
            listed = ", ".join(f"{one.number} ({one.id})" for one in plan.zones)
            raise NotFoundError(f"Plan {plan.id} has no such zone", found=wanted, do=f"It has {listed}", field="zone")
        return Place(found.id, found.number, found.name, plan.boundary_set, plan.members, plan.team_code, plan)
    run = runs.holding(services.store, wanted)
    held = next(one for one in run.zones if one.id == wanted)
    return Place(held.id, held.number, held.name, run.query.boundary_set or "", (held.member_code,), "", None)


def log_visit(services: Services, wanted: Wanted) -> tuple[VisitMade, bool]:
    """Keep one visit, and say whether it is new: the same twice is one.

    Raises NotFoundError for an unknown zone or plan, InputError naming the field that cannot be right.
    """
    made, content = checked(services, wanted, place_of(services, wanted.zone, wanted.plan))
    new = services.store.items(VISIT).add_all({made.id: content})
    return made, bool(new)


def checked(services: Services, wanted: Wanted, place: Place) -> tuple[VisitMade, dict[str, object]]:
    """Return a visit and what is kept of it; raise InputError naming the field that cannot be right."""
    start, end, now = wanted.start.astimezone(LONDON), wanted.end.astimezone(LONDON), services.now()
    minutes = elapsed_min(start, end)
    if minutes <= 0:
        raise InputError("The visit ends before it starts", found=_span(start, end), do="Check both times", field="end")
    if minutes > LONGEST_MADE_MIN:
        raise InputError(
            f"A visit of {minutes / 60:.1f} hours is no visit",
            found=_span(start, end),
            do=f"Give the time when they left; {LONGEST_MADE_MIN // 60} hours is the most that is taken",
            field="end",
        )
    if end > now + dt.timedelta(minutes=_CLOCKS_MIN):
        raise InputError("The visit is in the future", found=_span(start, end), do="Check the day", field="start")
    if not 1 <= wanted.officers <= MOST_OFFICERS:
        raise InputError(
            "So many officers cannot be", found=wanted.officers, do=f"Give 1 to {MOST_OFFICERS}", field="officers"
        )
    _refuse_other_day(place.plan, start, end)
    outcome = outcome_of(wanted.outcome)
    visit = planned_visit(place.plan, wanted.visit, place.zone)
    made = VisitMade(
        id=row_id(place, visit, start, (end.isoformat(), wanted.crew.strip().casefold())),
        plan=place.plan.id if place.plan else "",
        team=place.team or wanted.team.strip(),
        zone=place.zone,
        start=start,
        end=end,
        officers=wanted.officers,
        source="csv",
        outcome=outcome,
        visit=visit,
    )
    return made, content_of(made, place)


def _refuse_other_day(plan: PatrolPlan | None, start: dt.datetime, end: dt.datetime) -> None:
    """Refuse a visit of a plan that lies days from its shift: none that counts the plan's visits would find it."""
    if plan is None:
        return
    shift = plan.request.shift
    if not shift.start - _DAYS_ROUND <= start <= shift.end + _DAYS_ROUND:
        raise InputError(
            "The visit is not on the day of its plan",
            found=f"{_span(start, end)}; plan {plan.id} is of {shift.words}",
            do="Check the day, or leave the plan out",
            field="start",
        )


def outcome_of(text: str) -> str:
    """Return an outcome as it is written here; raise InputError for another."""
    found = " ".join(text.split()).casefold()
    if found and found not in OUTCOMES:
        raise InputError("No such outcome", found=text, do=f"Use {', '.join(OUTCOMES)}", field="outcome")
    return found


def planned_visit(plan: PatrolPlan | None, visit: str, zone: str) -> str:
    """Return the id of a planned visit; raise InputError where the plan has none such for that zone."""
    if not visit.strip():
        return ""
    if plan is None:
        raise InputError("A planned visit needs its plan", found=visit, do="Name the plan too", field="visit")
    found = next((one for one in plan.visits if one.id == visit.strip()), None)
    if found is None or found.zone != zone:
        listed = ", ".join(one.id for one in plan.visits if one.zone == zone)
        raise InputError(
            f"Plan {plan.id} has no such visit to that zone",
            found=visit,
            do=f"It has {listed or 'none'}",
            field="visit",
        )
    return found.id


def row_id(place: Place, visit: str, start: dt.datetime, more: Sequence[str]) -> str:
    """Return the day in London and a hash: of the planned visit, which is made once, or else of zone and times."""
    if visit and place.plan is not None:
        day = place.plan.request.shift.at(next(v.start_min for v in place.plan.visits if v.id == visit)).date()
        key = ["planned", place.plan.id, visit]
    else:
        day, key = start.date(), [place.zone, start.isoformat(), *more]
    return f"{day}/{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:12]}"


def content_of(made: VisitMade, place: Place) -> dict[str, object]:
    """Return what is kept of a visit: no name, number or device of anybody."""
    said: dict[str, object] = {name: getattr(made, name) for name in _KEPT}
    said |= {"start": made.start.isoformat(), "end": made.end.isoformat()}
    return said | {"zone_name": place.name, "boundary_set": place.boundary_set, "members": list(place.members)}


_KEPT: Final = (
    "plan",
    "team",
    "zone",
    "officers",
    "source",
    "outcome",
    "error_min",
    "near_edge_min",
    "inside_min",
    "officer_min",
    "visit",
)
"""Fields of VisitMade that are kept as they are."""


def _span(start: dt.datetime, end: dt.datetime) -> str:
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"


def visits_made(
    services: Services,
    *,
    plan: str = "",
    zones: Iterable[str] = (),
    period: Period | None = None,
    days: tuple[dt.date, dt.date] | None = None,
) -> Sequence[VisitMade]:
    """List the visits that have ended and may be seen, in order of time; record that they were looked at.

    plan: only those of that plan. zones: only those to some zones, by id. period, days: only those that began in some
    months or from one day to another, both included.
    """
    wanted = frozenset(zones)
    found = [made_of(item) for item in rows_of(services, plan, period, days) if item.content["end"]]
    services.store.record(CONSULTATION, "visits made", {"plan": plan, "visits": len(found)})
    kept = [made for made in found if not wanted or made.zone in wanted]
    return sorted(kept, key=lambda made: (made.start.timestamp(), made.id))


def rows_of(
    services: Services, plan_id: str, period: Period | None, days: tuple[dt.date, dt.date] | None
) -> Iterator[Item]:
    """Yield the kept rows of a plan, some months or some days, those of visits that have not ended among them."""
    items = services.store.items(VISIT)
    first, last = _reach(services, plan_id, period, days)
    # A planned visit lies under its planned day, and may have begun on the one beside it.
    for prefix in _prefixes(
        None if first is None else first - _DAYS_ROUND, None if last is None else last + _DAYS_ROUND
    ):
        for item in items.all(prefix):
            day = time_of(item.content["start"]).astimezone(LONDON).date()
            within = (first is None or first <= day) and (last is None or day <= last)
            if within and (not plan_id or item.content["plan"] == plan_id):
                yield item


def _reach(
    services: Services, plan_id: str, period: Period | None, days: tuple[dt.date, dt.date] | None
) -> tuple[dt.date | None, dt.date | None]:
    if days is not None:
        return days
    if period is not None:
        return period.first.first_day, period.last.last_day
    if plan_id:
        shift = find_plan(services, plan_id).request.shift
        return shift.day - _DAYS_ROUND, shift.end.date() + _DAYS_ROUND
    return None, None


def _prefixes(first: dt.date | None, last: dt.date | None) -> list[str]:
    """Return beginnings of ids that hold every day of a span: whole months, and the days before and after them."""
    if first is None or last is None:
        return [""]
    found, day = [], first
    while day <= last:
        month = Month.of(day)
        whole = day == month.first_day and month.last_day <= last
        found.append(f"{month}-" if whole else f"{day}/")
        day = (month.last_day if whole else day) + _DAYS_ROUND
    return found


def made_of(item: Item) -> VisitMade:
    """Read a visit back."""
    said: dict[str, Any] = {name: item.content[name] for name in _KEPT}
    return VisitMade(
        id=item.id,
        start=time_of(item.content["start"]),
        end=time_of(item.content["end"]),
        not_ended=bool(item.content.get(NOT_ENDED, False)),
        **said,
    )


def time_of(text: object) -> dt.datetime:
    """Read a moment of a kept row, by London's clock."""
    return dt.datetime.fromisoformat(str(text)).astimezone(LONDON)
