"""Check a plan against its rules, whoever made it: the solver, the greedy plan or a hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.model.cells import Floats
    from geo_service.model.patrol import Commitment, Loop, PatrolRules, PlanZone, Travel, Visit

_HAIR: Final = 1e-6


def check(  # noqa: PLR0913, PLR0917 - a plan and everything that binds it
    loops: Sequence[Loop],
    zones: Sequence[PlanZone],
    crews: int,
    shift_min: int,
    rules: PatrolRules,
    travel: Travel,
    *,
    commitments: Sequence[Commitment] = (),
) -> tuple[str, ...]:
    """Return in words every rule that the loops break; nothing where all are kept.

    Checked: each crew is in one place at a time and rests between loops; loops lie in the shift, last no longer than
    they may and leave time for every leg; visits are as long as the rule says and lie inside a window; visits of one
    zone keep their gap, whoever makes them; caps; commitments; ids. `every_min` is no hard rule: see `lacks`.
    Zone k of `zones` is row k + 1 of the travel times.
    """
    rows = {zone.id: row for row, zone in enumerate(zones, start=1)}
    known = [loop for loop in loops if all(visit.zone in rows for visit in loop.visits)]
    places = ["the station", *(f"zone {zone.number}" for zone in zones)]
    minutes = np.asarray(travel.minutes)
    return (
        *_unknown(loops, rows, crews),
        *(words for loop in known for words in _loop(loop, shift_min, rules)),
        *(words for loop in known for words in _legs(loop, minutes, rows, places)),
        *(words for crew in range(1, crews + 1) for words in _crew(crew, loops, rules, commitments)),
        *(words for zone in zones for words in _zone(zone, loops, rules, commitments)),
    )


def _unknown(loops: Sequence[Loop], rows: dict[str, int], crews: int) -> Iterator[str]:
    ids = Counter(visit.id for loop in loops for visit in loop.visits)
    yield from (f"The id {name} stands at {times} visits" for name, times in ids.items() if times > 1)
    for loop in loops:
        if not 1 <= loop.crew <= crews:
            yield f"A loop is given to crew {loop.crew}, and there are {crews}"
        if not loop.visits:
            yield f"{_who(loop)} visits nothing"
        for visit in loop.visits:
            if visit.zone not in rows:
                yield f"{_who(loop)} visits zone {visit.zone}, which the plan does not have"


def _loop(loop: Loop, shift_min: int, rules: PatrolRules) -> Iterator[str]:
    if loop.start_min < 0 or loop.end_min > shift_min:
        yield f"{_who(loop)} lies outside the shift of {shift_min} minutes"
    if loop.end_min - loop.start_min > rules.loop_min:
        yield f"{_who(loop)} lasts {loop.end_min - loop.start_min} minutes; the rule `loop` allows {rules.loop_min}"
    for visit in loop.visits:
        if visit.minutes != rules.visit_min:
            yield f"{_at(visit)} lasts {visit.minutes} minutes; the rule `visit` says {rules.visit_min}"


def _legs(loop: Loop, minutes: Floats, rows: dict[str, int], places: Sequence[str]) -> Iterator[str]:
    path = [0, *(rows[visit.zone] for visit in loop.visits), 0]
    leave = [loop.start_min, *(visit.end_min for visit in loop.visits)]
    arrive = [*(visit.start_min for visit in loop.visits), loop.end_min]
    for (a, b), left, there in zip(pairwise(path), leave, arrive, strict=True):
        if not there - left >= minutes[a, b] - _HAIR:
            way = f"from {places[a]} to {places[b]}"
            yield f"{_who(loop)} has {there - left} minutes {way}; it takes {minutes[a, b]:.1f}"
    if len(loop.legs_min) != len(path) - 1 or not np.allclose(
        loop.legs_min, [minutes[a, b] for a, b in pairwise(path)]
    ):
        yield f"{_who(loop)} names other travel times than the way takes"


def _crew(crew: int, loops: Sequence[Loop], rules: PatrolRules, commitments: Sequence[Commitment]) -> Iterator[str]:
    own = sorted((loop for loop in loops if loop.crew == crew), key=lambda loop: (loop.start_min, loop.end_min))
    for one, other in pairwise(own):
        rest = other.start_min - one.end_min
        if rest < 0:
            yield f"Crew {crew} is on two loops at once, from {one.start_min} and from {other.start_min} minutes"
        elif rest < rules.pause_min:
            yield f"{_who(other)} begins {rest} minutes after the last; the rule `pause` says {rules.pause_min}"
    for bound in commitments:
        if bound.crew in {None, crew}:
            for loop in own:
                if loop.start_min < bound.end_min and bound.start_min < loop.end_min:
                    yield f"{_who(loop)} runs into the commitment `{bound.what}`"


def _zone(
    zone: PlanZone, loops: Sequence[Loop], rules: PatrolRules, commitments: Sequence[Commitment]
) -> Iterator[str]:
    own = [visit for loop in loops for visit in loop.visits if visit.zone == zone.id]
    for visit in own:
        if not any(start <= visit.start_min and visit.end_min <= end for start, end in zone.windows):
            yield f"{_at(visit)} lies outside the windows of zone {zone.number}"
    spans = sorted(
        [(visit.start_min, visit.end_min) for visit in own]
        + [(bound.start_min, bound.end_min) for bound in commitments if bound.zone == zone.id]
    )
    for (_, end), (start, _) in pairwise(spans):
        if start - end < rules.gap_min:
            yield f"Zone {zone.number} has {start - end} minutes between visits; the rule `gap` says {rules.gap_min}"
    caps = [cap for cap in (zone.cap, rules.cap) if cap is not None]
    if own and caps and len(spans) > min(caps):
        yield f"Zone {zone.number} has {len(spans)} visits; its cap is {min(caps)}"


def _who(loop: Loop) -> str:
    return f"The loop of crew {loop.crew} from {loop.start_min} to {loop.end_min} minutes"


def _at(visit: Visit) -> str:
    return f"The visit {visit.id} from {visit.start_min} to {visit.end_min} minutes"
