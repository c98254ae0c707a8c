"""State a shift to be planned: whole minutes of travel, turns of visits, and what every crew is bound to already."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.model.patrol import Commitment, Loop, PatrolRules, PlanZone, Travel

Span: TypeAlias = tuple[int, int]
NEVER: Final = 10**6
"""More minutes than any shift has: there is no way, or no later visit."""
PLAY_MIN: Final = 15
"""Minutes by which visits of a long window lie further apart than they must, on average, so that chance has room."""
FEW: Final = 4
"""Visits of a window that may lie as close as they can: so few tell nobody when the next one comes."""
LEAST_WEIGHT: Final = 0.01
"""No zone counts for less than this share of the highest when it is chosen: one without harm is visited too."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hold one window of one zone."""

    zone: int
    """Place in `Problem.zones`."""
    start: int
    end: int
    turns: int
    """Visits that it may have in all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold a shift to be planned, times in whole minutes of the shift."""

    zones: tuple[PlanZone, ...]
    shift_min: int
    rules: PatrolRules
    legs: NDArray[np.int64]
    """(n + 1, n + 1) travel rounded up; NEVER where there is no way."""
    windows: tuple[Window, ...]
    fixed: tuple[tuple[Span, ...], ...]
    """For each zone the visits that stand already: of locked loops and of commitments."""
    free: tuple[tuple[Span, ...], ...]
    """For each crew the spans in which a whole loop may lie."""
    spare: tuple[Span, ...]
    """The same for a crew that there is not: only what binds every crew binds it."""
    weights: tuple[float, ...]
    """For each zone its expected harm an hour over the highest, at least LEAST_WEIGHT."""

    def cap(self, zone: int) -> int:
        """Return how many visits a zone may still have in the shift."""
        caps = [cap for cap in (self.zones[zone].cap, self.rules.cap) if cap is not None]
        return max(min(caps) - len(self.fixed[zone]), 0) if caps else NEVER

    def allowed(self, zone: int) -> NDArray[np.bool_]:
        """Return for each minute of the shift whether a visit of the zone may begin then, others left aside."""
        may = np.zeros(self.shift_min + 1, dtype=bool)
        for window in self.windows:
            if window.zone == zone and self.open_turns(window):
                may[window.start : max(window.end - self.rules.visit_min + 1, window.start)] = True
        for start, end in self.fixed[zone]:
            first = start - self.rules.gap_min - self.rules.visit_min + 1
            may[max(first, 0) : max(end + self.rules.gap_min, 0)] = False
        return may if self.cap(zone) else np.zeros_like(may)

    def open_turns(self, window: Window) -> int:
        """Return how many visits a window still lacks."""
        made = sum(window.start <= start < window.end for start, _ in self.fixed[window.zone])
        return max(window.turns - made, 0)


def turns(minutes: int, rules: PatrolRules) -> int:
    """Return how many visits a window of so many minutes may have: about as many as `gap_min` leaves room for.

    Koper (1995) has a place visited again at least every two hours, so two hours are no upper bound: officers given to
    a shift are not left at the station while a zone could be visited. Who wants them free for calls gives a cap.
    Visits are to be irregular: with more than FEW, they would come on the minute if they were packed, so each is given
    PLAY_MIN besides.
    """

    def packed(apart: int) -> int:
        return max((minutes - rules.visit_min) // apart + 1, 0)

    closest = rules.visit_min + rules.gap_min
    return max(min(packed(closest), FEW), packed(closest + PLAY_MIN))


def needed(minutes: int, rules: PatrolRules) -> int:
    """Return how many visits keep `every_min` in a window of so many minutes with room for chance, at most `turns`.

    One for every `every_min` begun: in eight hours four at two hours, for three keep the rule only at regular times.
    """
    return min(-(-minutes // rules.every_min), turns(minutes, rules))


def keepable(problem: Problem, window: Window) -> bool:
    """Return whether crews enough could keep `every_min` in a window: it is in reach, turns and cap leave room."""
    there, rules = window.zone + 1, problem.rules
    fewest = max(-(-(window.end - window.start) // rules.every_min) - 1, 1)
    made = window.turns - problem.open_turns(window)
    loop = int(problem.legs[0, there] + problem.legs[there, 0]) + rules.visit_min
    return loop <= rules.loop_min and min(window.turns, made + problem.cap(window.zone)) >= fewest


def whole_minutes(travel: Travel) -> NDArray[np.int64]:
    """Round travel up to whole minutes; NEVER where it is infinite or unknown."""
    minutes = np.asarray(travel.minutes, dtype=np.float64)
    found = np.isfinite(minutes) & (minutes < NEVER)
    whole = np.full(minutes.shape, NEVER, dtype=np.int64)
    whole[found] = np.ceil(minutes[found] - 1e-9).astype(np.int64)
    return whole


def state(  # noqa: PLR0913 - the shift, and what stands already
    zones: Sequence[PlanZone],
    crews: int,
    shift_min: int,
    rules: PatrolRules,
    travel: Travel,
    *,
    commitments: Sequence[Commitment] = (),
    locked: Sequence[Loop] = (),
) -> Problem:
    """State the shift; raise QueryError where what is asked contradicts itself, naming the field."""
    _refuse_disorder(zones, crews, shift_min, travel, commitments)
    place = {zone.id: number for number, zone in enumerate(zones)}
    fixed: list[list[Span]] = [[] for _ in zones]
    for bound in commitments:
        if bound.zone is not None:
            fixed[place[bound.zone]].append((bound.start_min, bound.end_min))
    for loop in locked:
        for visit in loop.visits:
            if visit.zone in place:
                fixed[place[visit.zone]].append((visit.start_min, visit.end_min))
    windows = [
        Window(number, max(start, 0), min(end, shift_min), turns(min(end, shift_min) - max(start, 0), rules))
        for number, zone in enumerate(zones)
        for start, end in zone.windows
        if min(end, shift_min) > max(start, 0)
    ]
    top = max(zone.harm_per_h for zone in zones)
    return Problem(
        zones=tuple(zones),
        shift_min=shift_min,
        rules=rules,
        legs=whole_minutes(travel),
        windows=tuple(windows),
        fixed=tuple(tuple(sorted(spans)) for spans in fixed),
        free=tuple(_free(crew, shift_min, rules, commitments, locked) for crew in range(1, crews + 1)),
        spare=_free(None, shift_min, rules, commitments, ()),
        weights=tuple(max(zone.harm_per_h / top, LEAST_WEIGHT) if top > 0 else 1.0 for zone in zones),
    )


def _free(
    crew: int | None, shift_min: int, rules: PatrolRules, commitments: Sequence[Commitment], locked: Sequence[Loop]
) -> tuple[Span, ...]:
    bound = [(at.start_min, at.end_min) for at in commitments if at.crew in {None, crew}]
    bound += [
        (loop.start_min - rules.pause_min, loop.end_min + rules.pause_min) for loop in locked if loop.crew == crew
    ]
    since, spans = 0, []
    for start, end in sorted(bound):
        if start > since:
            spans.append((since, min(start, shift_min)))
        since = max(since, end)
    return tuple(span for span in (*spans, (since, shift_min)) if span[1] > span[0])


def _refuse_disorder(
    zones: Sequence[PlanZone], crews: int, shift_min: int, travel: Travel, commitments: Sequence[Commitment]
) -> None:
    ids = [zone.id for zone in zones]
    if not ids:
        raise QueryError("There is no zone to patrol", do="Run `zones` first, or choose another team", field="zones")
    twice = [zone for zone, times in Counter(ids).items() if times > 1]
    if twice:
        raise QueryError("A zone stands in the plan twice", found=twice[0], do="Give each zone once", field="zones")
    if any(not zone.harm_per_h >= 0 for zone in zones):
        odd = next(zone for zone in zones if not zone.harm_per_h >= 0)
        raise QueryError(
            f"The expected harm of zone {odd.number} is not a number from 0 up",
            found=odd.harm_per_h,
            do="Make the run of zones again",
            field="zones",
        )
    if crews < 1:
        raise QueryError("There is no crew", found=f"{crews} crews", do="Give more officers", field="officers")
    if shift_min < 1:
        raise QueryError("The shift has no length", found=f"{shift_min} minutes", do="Give its end", field="shift")
    if np.shape(travel.minutes) != (len(ids) + 1,) * 2:
        raise QueryError(
            "The travel times are not those of these zones",
            found=f"{np.shape(travel.minutes)} for a station and {len(ids)} zones",
            do="Give one row and one column for the station and for each zone",
            field="travel",
        )
    for bound in commitments:
        _refuse_commitment(bound, crews, set(ids))


def _refuse_commitment(bound: Commitment, crews: int, ids: set[str]) -> None:
    if bound.end_min <= bound.start_min:
        raise QueryError(
            f"The commitment `{bound.what}` ends before it begins",
            found=f"{bound.start_min} to {bound.end_min} minutes",
            do="Swap its times",
            field="commitments",
        )
    if bound.crew is not None and not 1 <= bound.crew <= crews:
        raise QueryError(
            f"The commitment `{bound.what}` binds a crew that there is not",
            found=f"crew {bound.crew}",
            do=f"Give crew 1 to {crews}, or none to bind every crew" if crews > 1 else "Give crew 1",
            field="commitments",
        )
    if bound.zone is not None and bound.zone not in ids:
        raise QueryError(
            f"The commitment `{bound.what}` is in a zone that the plan does not have",
            found=bound.zone,
            do="Give the id of one of its zones, or none",
            field="commitments",
        )
