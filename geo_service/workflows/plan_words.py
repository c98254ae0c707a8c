"""A plan in words: who, when, where, for people to read on any screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.model.layers import FeatureTable, LayerStyle
from geo_service.workflows.plans_json import to_facts

if TYPE_CHECKING:
    from geo_service.model.patrol import Loop, PatrolPlan, PlanZone, Visit


class Stop(NamedTuple):
    """Say when to be where."""

    visit: Visit
    zone: PlanZone
    when: str
    """`18:11 to 18:26`."""


class LoopWords(NamedTuple):
    """Write one loop of a plan."""

    loop: Loop
    crew: str
    when: str
    travel: str
    stops: tuple[Stop, ...]
    if_two: tuple[int, ...]
    """Numbers of the zones that one pair goes to, in that order, if only two officers remain."""


def crew_word(plan: PatrolPlan, crew: int) -> str:
    """Return `Pair 1` or `Officer 1`."""
    return f"{'Pair' if plan.request.rules.crew > 1 else 'Officer'} {crew}"


def headline(plan: PatrolPlan) -> str:
    """Say whose plan it is, for when, and with how many."""
    request = plan.request
    crews, word = request.crews, "pair" if request.rules.crew > 1 else "single officer"
    as_crews = f"{request.officers} officers as {crews} {word}{'' if crews == 1 else 's'} {_BY[request.rules.mode]}"
    made = f"{len(plan.visits)} visits to {len(plan.zones)} zones in {len(plan.loops)} loops"
    return f"{plan.team_name}, {request.shift.words}: {as_crews}, {made}."


_BY = {"foot": "on foot", "cycle": "by cycle", "car": "by car"}


def loops_in_words(plan: PatrolPlan) -> tuple[LoopWords, ...]:
    """Write every loop, in order of time."""
    return tuple(_loop(plan, loop) for loop in sorted(plan.loops, key=lambda loop: (loop.start_min, loop.crew)))


def _loop(plan: PatrolPlan, loop: Loop) -> LoopWords:
    shift = plan.request.shift
    travel = sum(loop.legs_min)
    return LoopWords(
        loop,
        crew_word(plan, loop.crew),
        f"{shift.clock(loop.start_min)} to {shift.clock(loop.end_min)}",
        f"{travel:.0f} min {_BY[plan.request.rules.mode]}",
        tuple(
            Stop(visit, plan.zone(visit.zone), f"{shift.clock(visit.start_min)} to {shift.clock(visit.end_min)}")
            for visit in loop.visits
        ),
        tuple(plan.zone(zone).number for zone in loop.if_two),
    )


def facts_of(plan: PatrolPlan) -> dict[str, object]:
    """Return a plan as JSON has it, with its version and its loops by the clock."""
    shift = plan.request.shift
    return to_facts(plan) | {
        "version": plan.version,
        "headline": headline(plan),
        "shift": {"start": shift.start.isoformat(), "end": shift.end.isoformat(), "words": shift.words},
        "by_the_clock": [
            {
                "crew": words.crew,
                "when": words.when,
                "travel": words.travel,
                "stops": [
                    {"visit": at.visit.id, "zone": at.zone.number, "name": at.zone.name, "when": at.when}
                    for at in words.stops
                ],
                "if_two": words.if_two,
            }
            for words in loops_in_words(plan)
        ],
    }


def visit_table(plan: PatrolPlan) -> FeatureTable:
    """Return the visits of a plan in order of time, each at the place of its zone."""
    shift, crews = plan.request.shift, {visit.id: loop.crew for loop in plan.loops for visit in loop.visits}
    visits, zones = plan.visits, [plan.zone(visit.zone) for visit in plan.visits]
    at = np.array([zone.at for zone in zones], dtype=np.float64).reshape(-1, 2)
    lon, lat = spatial.to_lonlat(at[:, 0], at[:, 1])
    rows = {
        "id": [f"{plan.id}-{visit.id}" for visit in visits],
        "visit": [visit.id for visit in visits],
        "start": [shift.at(visit.start_min).isoformat() for visit in visits],
        "end": [shift.at(visit.end_min).isoformat() for visit in visits],
        "minutes": [visit.minutes for visit in visits],
        "crew": [crew_word(plan, crews[visit.id]) for visit in visits],
        "zone": [zone.id for zone in zones],
        "number": [zone.number for zone in zones],
        "name": [zone.name for zone in zones],
        "locked": [visit.locked for visit in visits],
        "first_day": [shift.at(visit.start_min).date() for visit in visits],
        "last_day": [shift.at(visit.end_min).date() for visit in visits],
    }
    types = {"id": pl.String, "visit": pl.String, "first_day": pl.Date, "last_day": pl.Date}
    return FeatureTable(
        id="planned-visits",
        title=f"Planned visits of {plan.team_name}, {shift.day}",
        rows=pl.DataFrame(rows, schema_overrides=types),
        geometry=np.array([shapely.Point(*each) for each in zip(lon, lat, strict=True)], dtype=object),
        provenance=plan.provenance,
        licences=plan.licences,
        notes=(*plan.unkept, *plan.notes),
        time_columns=("first_day", "last_day"),
        style=LayerStyle(shape="circle", colour="#d4351c", letter="V"),
    )
