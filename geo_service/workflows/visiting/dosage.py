"""Planned against delivered: minutes and visits of each zone and hour, and how much of the plan was made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from geo_service import patrol
from geo_service.errors import QueryError
from geo_service.model.layers import FeatureTable, Provenance
from geo_service.model.patrol import LONGEST_VISIT_MIN, SHORTEST_VISIT_MIN, elapsed_min
from geo_service.workflows.planning.plan_keeping import find_plan, plans
from geo_service.workflows.planning.plan_words import number_of
from geo_service.workflows.visiting.dosage_table import Delivered, dosage_table, is_long, is_short
from geo_service.workflows.visiting.visits_made import visits_made

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from geo_service.model.patrol import PatrolPlan, VisitMade
    from geo_service.model.periods import Month
    from geo_service.workflows.services import Services

TOLERANCE_MIN: Final = 30
MOST_TOLERANCE_MIN: Final = 180
_ABOUT_MIN: Final = LONGEST_VISIT_MIN
"""Apart by no more than this, two visits of a zone may be parts of one."""


class ZoneDosage(NamedTuple):
    """Sum up one zone."""

    zone: str
    number: int
    name: str
    planned_visits: int
    planned_min: float
    visits: int
    patrol_min: float
    low_min: float
    high_min: float
    officer_min: float
    planned_made: int
    too_short: int
    too_long: int
    longest_gap_min: float
    """In any one shift, between two visits, or to its begin or end."""


@dataclass(frozen=True, slots=True)
class Dosage:
    """Hold planned against delivered of some plans."""

    title: str
    plans: tuple[PatrolPlan, ...]
    zones: tuple[ZoneDosage, ...]
    table: FeatureTable
    """A row for each zone and hour of the clock."""
    tolerance_min: int
    sentences: tuple[str, ...]
    provenance: Provenance
    notes: tuple[str, ...]

    @property
    def facts(self) -> dict[str, object]:
        """Return what JSON can hold."""
        return {
            "title": self.title,
            "plans": [plan.id for plan in self.plans],
            "sentences": self.sentences,
            "zones": [zone._asdict() for zone in self.zones],
            "hours": self.table.rows.to_dicts(),
            "tolerance_min": self.tolerance_min,
            "data_version": self.provenance.data_version,
            "parameters": dict(self.provenance.parameters),
            "seed": self.provenance.seed,
            "notes": self.notes,
            "licences": self.table.licences,
        }


def dosage_of_plan(services: Services, plan_id: str = "latest", tolerance_min: int = TOLERANCE_MIN) -> Dosage:
    """Hold one plan against what was made of it; raise NotFoundError, QueryError."""
    plan = find_plan(services, plan_id)
    title = f"Planned and delivered of {plan.team_name}, {plan.request.shift.day}"
    return _dosage(services, title, [plan], tolerance_min)


def dosage_of_month(services: Services, month: Month, team: str = "", tolerance_min: int = TOLERANCE_MIN) -> Dosage:
    """Hold the plans of a month against what was made of them; raise QueryError where there are none.

    team: code or name; empty for every team that may be seen.
    """
    held = plans(services, team, days=(month.first_day, month.last_day))
    if not held:
        raise QueryError(
            "There is no plan in that month",
            found=f"{month}{f', {team}' if team else ''}",
            do="List the plans: `geo-service plans`",
            field="month",
        )
    names = ", ".join(dict.fromkeys(plan.team_name for plan in held)) if team else f"{len(held)} plans"
    return _dosage(services, f"Planned and delivered of {names}, {month}", _in_force(held), tolerance_min)


def _in_force(held: Sequence[PatrolPlan]) -> list[PatrolPlan]:
    """Leave out plans that a later one of the same team and shift took the place of; the newest stands first."""
    seen: dict[tuple[str, dt.datetime], PatrolPlan] = {}
    for plan in held:
        seen.setdefault((plan.team_code, plan.request.shift.start), plan)
    return list(seen.values())


def _dosage(services: Services, title: str, held: Sequence[PatrolPlan], tolerance_min: int) -> Dosage:
    if not 0 <= tolerance_min <= MOST_TOLERANCE_MIN:
        raise QueryError(
            "The tolerance is out of range",
            found=f"{tolerance_min} minutes",
            do=f"Give 0 to {MOST_TOLERANCE_MIN}",
            field="tolerance",
        )
    days = [day for plan in held for day in (plan.request.shift.day, plan.request.shift.end.date())]
    visits = visits_made(services, zones={zone.id for plan in held for zone in plan.zones}, days=(min(days), max(days)))
    of = {made.id: _plan_of(made, held) for made in visits}
    delivered = [_delivered(plan, [made for made in visits if of[made.id] == plan.id], tolerance_min) for plan in held]
    newest = held[0].provenance
    parameters = {"plans": ", ".join(plan.id for plan in held[:20]), "tolerance": f"{tolerance_min} min"}
    provenance = Provenance(
        services.store.snapshot().version,
        newest.data_to,
        parameters,
        newest.seed,
        demonstration=newest.demonstration,
    )
    zones = _zones(delivered)
    sentences = _sentences(zones, tolerance_min)
    notes = _notes(delivered)
    table = dosage_table(title, delivered, provenance, (*sentences, *notes))
    return Dosage(title, tuple(held), zones, table, tolerance_min, sentences, provenance, notes)


def _plan_of(made: VisitMade, held: Sequence[PatrolPlan]) -> str:
    """Return the plan that a visit is counted in: the one it names, else the one whose visit of its zone is nearest.

    Shifts of a team overlap by an hour and more: without that a visit would be delivered twice.
    """
    if made.plan:
        return made.plan
    near = [
        (min((abs(visit.start_min - shift.minute(made.start)) for visit in plan.visits if visit.zone == made.zone),
             default=float("inf")), plan.id)
        for plan in held
        for shift in [plan.request.shift]
        if any(zone.id == made.zone for zone in plan.zones)
        and shift.minute(made.start) < shift.minutes
        and shift.minute(made.end) > 0
    ]  # fmt: skip
    return min(near, default=(0.0, ""))[1]


def _delivered(plan: PatrolPlan, visits: Sequence[VisitMade], tolerance_min: int) -> Delivered:
    zones = {zone.id for zone in plan.zones}
    once = counted(made for made in visits if made.zone in zones)
    return Delivered(plan, once, frozenset(matched(plan, once, tolerance_min)))


def counted(visits: Iterable[VisitMade]) -> tuple[VisitMade, ...]:
    """Take a visit that was written down and that a device recorded as one: measured minutes, written outcome."""
    held = list(visits)
    measured = [made for made in held if made.source == "gps"]
    found: dict[str, VisitMade] = {made.id: made for made in measured}
    for made in held:
        if made.source == "gps":
            continue
        same = next((one for one in measured if one.zone == made.zone and _overlap(one, made)), None)
        if same is None:
            found[made.id] = made
        else:
            now = found[same.id]
            found[same.id] = replace(now, outcome=now.outcome or made.outcome, visit=now.visit or made.visit)
    return tuple(sorted(found.values(), key=lambda made: (made.start.timestamp(), made.id)))


def _overlap(one: VisitMade, other: VisitMade) -> bool:
    return elapsed_min(one.start, other.end) > 0 and elapsed_min(other.start, one.end) > 0


def matched(plan: PatrolPlan, visits: Iterable[VisitMade], tolerance_min: int = TOLERANCE_MIN) -> Mapping[str, str]:
    """Return planned visit -> the visit that it was made by.

    That is the one that names it, or else one to its zone that begins within the tolerance of its time, closest first,
    unless it is certainly too short with what else was there about then: who walks through a zone makes none, and a
    device that fell silent makes two of one. Each visit is one planned visit at most.
    """
    held, known = list(visits), {visit.id for visit in plan.visits}
    found = {made.visit: made.id for made in held if made.visit in known}
    pairs = sorted(
        (abs(plan.request.shift.minute(made.start) - planned.start_min), made.id, planned.id)
        for made in held
        for planned in plan.visits
        if made.visit not in known and planned.zone == made.zone and _stayed(made, held)
    )
    for off, made_id, planned_id in pairs:
        if off <= tolerance_min and planned_id not in found and made_id not in found.values():
            found[planned_id] = made_id
    return found


def _stayed(made: VisitMade, held: Sequence[VisitMade]) -> bool:
    """Tell whether a visit may be long enough, with those of its zone that begin about then."""
    near = [one for one in held if one.zone == made.zone and abs(elapsed_min(one.start, made.start)) <= _ABOUT_MIN]
    return sum(one.minutes + one.error_min for one in near) >= SHORTEST_VISIT_MIN


def _zones(delivered: Sequence[Delivered]) -> tuple[ZoneDosage, ...]:
    order: dict[str, tuple[int, str]] = {}
    for one in delivered:
        for zone in one.plan.zones:
            order.setdefault(zone.id, (zone.number, zone.name))
    return tuple(_zone(delivered, zone, *said) for zone, said in sorted(order.items(), key=lambda at: at[1]))


def _zone(delivered: Sequence[Delivered], zone: str, number: int, name: str) -> ZoneDosage:
    planned = [(one, visit) for one in delivered for visit in one.plan.visits if visit.zone == zone]
    made = [visit for one in delivered for visit in one.counted if visit.zone == zone]
    minutes, low, high = summed(made)
    return ZoneDosage(
        zone,
        number,
        name,
        len(planned),
        float(sum(visit.minutes for _, visit in planned)),
        len(made),
        round(minutes, 1),
        round(low, 1),
        round(high, 1),
        round(sum(visit.officer_minutes for visit in made), 1),
        sum(visit.id in one.made for one, visit in planned),
        sum(is_short(visit) for visit in made),
        sum(is_long(visit) for visit in made),
        round(max((_longest_gap(one, zone) for one in delivered), default=0.0), 1),
    )


def summed(made: Sequence[VisitMade]) -> tuple[float, float, float]:
    """Return the patrol-minutes of visits to one zone with their interval; who is there at once counts once."""
    minutes, low, high = patrol.total(*_arrays(made))
    covered = patrol.covered_minutes(
        np.array([visit.start.timestamp() for visit in made]), np.array([visit.end.timestamp() for visit in made])
    )
    once = min(minutes, covered)
    return once, max(once - (minutes - low), 0.0), once + (high - minutes)


def _arrays(made: Sequence[VisitMade]) -> tuple[Any, Any, Any]:
    return (
        np.array([visit.minutes for visit in made]),
        np.array([visit.error_min for visit in made]),
        np.array([visit.near_edge_min for visit in made]),
    )


_CHANCE: Final = (
    "That a planned visit was made says that somebody was there about then, not that the plan was followed: with a "
    "tolerance of half an hour about half of the visits would count that are made every two hours at any times."
)


def _longest_gap(one: Delivered, zone: str) -> float:
    shift = one.plan.request.shift
    if all(held.id != zone for held in one.plan.zones):
        return 0.0
    spans = sorted((shift.minute(made.start), shift.minute(made.end)) for made in one.counted if made.zone == zone)
    at, longest = 0.0, 0.0
    for start, end in spans:
        longest, at = max(longest, start - at), max(at, end)
    return max(longest, shift.minutes - at)


def _sentences(zones: Sequence[ZoneDosage], tolerance_min: int) -> tuple[str, ...]:
    planned, made = sum(zone.planned_visits for zone in zones), sum(zone.planned_made for zone in zones)
    visits, minutes = sum(zone.visits for zone in zones), sum(zone.patrol_min for zone in zones)
    wanted = sum(zone.planned_min for zone in zones)
    share = f" ({made / planned * 100:.0f} %)" if planned else ""
    short, long = sum(zone.too_short for zone in zones), sum(zone.too_long for zone in zones)
    by = f"logged as that visit, or {SHORTEST_VISIT_MIN} minutes in its zone from within {tolerance_min} of its time"
    hours = f"{number_of(visits, 'visit')}, {minutes:,.0f} patrol-minutes of {wanted:,.0f} planned"
    officers = f"{sum(zone.officer_min for zone in zones):,.0f} officer-minutes"
    return (
        f"{made} of {planned} planned visits {'was' if made == 1 else 'were'} made{share}: {by}.",
        f"{hours}; {officers}.",
        f"{number_of(short, 'visit')} under {SHORTEST_VISIT_MIN} minutes, {long} over {LONGEST_VISIT_MIN}.",
    )


def _notes(delivered: Sequence[Delivered]) -> tuple[str, ...]:
    said = ["Patrol-minutes count somebody's presence once, officer-minutes each officer's."]
    if any(made.source == "gps" for one in delivered for made in one.counted):
        said.append(
            "Minutes from positions lie in the interval with about 90 %. Where a visit was written down and recorded "
            "by a device, the device's minutes count."
        )
    else:
        said.append("All minutes are as they were written down or tapped, so their interval has no width.")
    forgotten = sum(made.not_ended for one in delivered for made in one.counted)
    if forgotten:
        said.append(f"{number_of(forgotten, 'visit')} not ended on the phone: counted as long as was planned.")
    return (
        *said,
        "What is shorter or longer is told only where the interval leaves no doubt.",
        _CHANCE,
    )
