"""Say what is different from the last plan, in a few lines for the first page of the sheet."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.model.patrol import PatrolPlan, PlanZone

MOST_LINES: Final = 6
SAME_PLACE_M: Final = 100.0
"""Zones of two runs whose middles are nearer than this are one zone: a cell of resolution 10 is some 130 m across."""
_MOST_NAMED: Final = 4
"""Of zones in a line; the rest are counted."""
_MOST_HOURS: Final = 2
_MOST_TIMES: Final = 6


def differences(before: PatrolPlan, after: PatrolPlan) -> tuple[str, ...]:
    """Say in at most MOST_LINES sentences how a plan differs from the one before, most important first.

    New zones, zones gone, who patrols and when, hours of zones, visits of zones, times of leaving. A zone is the same
    where its id is, or where its middle lies within SAME_PLACE_M. One sentence says so where nothing is different.
    """
    known = _matched(before.zones, after.zones)
    new = [zone for zone in after.zones if zone.id not in known]
    kept = [(known[zone.id], zone) for zone in after.zones if zone.id in known]
    gone = [zone for zone in before.zones if zone not in {was for was, _ in kept}]
    said = [
        *_zones("New", new),
        *_zones("No longer in the plan", gone),
        *_force(before, after),
        *_hours(before, after, kept),
        *_visits(before, after, kept),
        *_leaving(before, after),
    ]
    return tuple(said[:MOST_LINES]) or (f"Nothing is different from the plan of {before.request.shift.words}.",)


def _matched(before: Sequence[PlanZone], after: Sequence[PlanZone]) -> dict[str, PlanZone]:
    """Return for the id of each zone that was there already what it was."""
    by_id = {zone.id: zone for zone in before}
    matched = {zone.id: by_id[zone.id] for zone in after if zone.id in by_id}
    left = [zone for zone in before if zone.id not in matched]
    for zone in after:
        near = [(math.dist(zone.at, was.at), was.number, was) for was in left]
        if zone.id not in matched and near and min(near)[0] <= SAME_PLACE_M:
            matched[zone.id] = min(near)[2]
            left.remove(matched[zone.id])
    return matched


def _zones(what: str, zones: Sequence[PlanZone]) -> Iterator[str]:
    if zones:
        yield f"{what}: {_listed([_named(zone) for zone in zones])}."


def _named(zone: PlanZone) -> str:
    return f"zone {zone.number}, {zone.name}" if zone.name else f"zone {zone.number}"


def _listed(said: Sequence[str], between: str = "; ") -> str:
    shown = between.join(said[:_MOST_NAMED])
    return shown + (f" and {len(said) - _MOST_NAMED} more" if len(said) > _MOST_NAMED else "")


def _force(before: PatrolPlan, after: PatrolPlan) -> Iterator[str]:
    """Say who goes, from where, how and when, as far as it is different."""
    was, now = before.request, after.request
    said = []
    if _crews(was.crews, was.rules.crew) != _crews(now.crews, now.rules.crew):
        said.append(f"{_crews(now.crews, now.rules.crew)} instead of {_crews(was.crews, was.rules.crew)}")
    if _clocks(before) != _clocks(after):
        said.append(f"the shift is {_clocks(after)}, it was {_clocks(before)}")
    if was.rules.mode != now.rules.mode:
        ways = {"foot": "on foot", "cycle": "by cycle", "car": "by car"}
        said.append(f"{ways[now.rules.mode]} instead of {ways[was.rules.mode]}")
    if before.station_name != after.station_name:
        said.append(f"loops start at {after.station_name}, before at {before.station_name}")
    if said:
        line = "; ".join(said)
        yield f"{line[0].upper()}{line[1:]}."


def _clocks(plan: PatrolPlan) -> str:
    shift = plan.request.shift
    return f"{shift.start:%H:%M} to {shift.end:%H:%M}"


def _crews(count: int, officers: int) -> str:
    one, more = ("pair", "pairs") if officers > 1 else ("single officer", "single officers")
    return f"{count} {one if count == 1 else more}"


def _hours(before: PatrolPlan, after: PatrolPlan, kept: Sequence[tuple[PlanZone, PlanZone]]) -> Iterator[str]:
    changed = [
        (now.number, _spans(after, now), _spans(before, was))
        for was, now in kept
        if _spans(before, was) != _spans(after, now)
    ]
    if len(changed) > _MOST_HOURS:  # each card has the hours of its zone
        yield f"Other hours: zones {_listed([str(number) for number, _, _ in changed], ', ')}."
    elif changed:
        yield f"Other hours: {_listed([f'zone {number}: {now} (was {was})' for number, now, was in changed])}."


def _spans(plan: PatrolPlan, zone: PlanZone) -> str:
    clock = plan.request.shift.clock
    return " and ".join(f"{clock(start)} to {clock(end)}" for start, end in zone.windows) or "none"


def _visits(before: PatrolPlan, after: PatrolPlan, kept: Sequence[tuple[PlanZone, PlanZone]]) -> Iterator[str]:
    were, are = (Counter(visit.zone for visit in plan.visits) for plan in (before, after))
    pairs = [(are[now.id], were[was.id], now.number) for was, now in kept]
    for what, chosen in (
        ("More visits", [pair for pair in pairs if pair[0] > pair[1]]),
        ("Fewer visits", [pair for pair in pairs if pair[0] < pair[1]]),
    ):
        if chosen:
            yield f"{what}: {_listed([f'zone {number}: {now} (was {was})' for now, was, number in chosen], ', ')}."


def _leaving(before: PatrolPlan, after: PatrolPlan) -> Iterator[str]:
    """Say when loops leave, where that is different; only the first where they are many."""
    was, now = (
        [plan.request.shift.clock(start) for start in sorted(loop.start_min for loop in plan.loops)]
        for plan in (before, after)
    )
    if was == now or not now or _clocks(before) != _clocks(after):
        return
    if max(len(was), len(now)) <= _MOST_TIMES:
        yield f"Loops leave at {', '.join(now)} (before: {', '.join(was) or 'none'})."
    elif len(was) != len(now):
        yield f"{len(now)} loops instead of {len(was)}, the first at {now[0]}."
    else:
        yield f"Loops leave at other times, the first at {now[0]} (before: {was[0]})."
