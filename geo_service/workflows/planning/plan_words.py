"""A plan in words: who, when, where, for people to read on any screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service.workflows.planning.plans_json import to_facts

if TYPE_CHECKING:
    from geo_service.model.patrol import Loop, PatrolPlan, PlanZone, Visit
    from geo_service.patrol import Change


BY: Final = {"foot": "on foot", "cycle": "by cycle", "car": "by car"}
"""How a crew goes."""


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
    """Say whose plan it is, for when, and how much it is."""
    return f"{plan.team_name}, {plan.request.shift.words}: {amount(plan)}"


def amount(plan: PatrolPlan) -> str:
    """Say with how many officers how many visits are made."""
    request = plan.request
    by = BY[request.rules.mode]
    if request.rules.crew > 1:
        who = f"{number_of(request.officers, 'officer')} as {number_of(request.crews, 'pair')} {by}"
    else:
        who = f"{number_of(request.officers, 'single officer')} {by}"
    visited = len({visit.zone for visit in plan.visits})
    return (
        f"{who}, {number_of(len(plan.visits), 'visit')} to {number_of(visited, 'zone')} in "
        f"{number_of(len(plan.loops), 'loop')}."
    )


def number_of(number: int, word: str) -> str:
    """Return `1 visit`, `2 visits`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


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
        f"{travel:.0f} min {BY[plan.request.rules.mode]}",
        tuple(
            Stop(visit, plan.zone(visit.zone), f"{shift.clock(visit.start_min)} to {shift.clock(visit.end_min)}")
            for visit in loop.visits
        ),
        tuple(plan.zone(zone).number for zone in loop.if_two),
    )


def visit_words(plan: PatrolPlan, visit_id: str) -> str:
    """Name a visit by its zone and time, such as `zone 2 at 18:11`; by its id where the plan has it no more."""
    for visit in plan.visits:
        if visit.id == visit_id:
            return f"zone {plan.zone(visit.zone).number} at {plan.request.shift.clock(visit.start_min)}"
    return f"visit {visit_id}, which the plan no longer has"


def change_words(plan: PatrolPlan, change: Change) -> str:
    """Say what somebody wants changed."""
    said = f"{change.kind} {'the loop of ' if change.loop else ''}{visit_words(plan, change.visit)}"
    said += f" with {visit_words(plan, change.other)}" if change.other else ""
    said += f" to {change.start}" if change.start else ""
    return said + (f" to {crew_word(plan, change.crew).lower()}" if change.crew else "")


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
