"""Change a plan by hand: every rule is checked again, and a change that breaks one is refused by its name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service.errors import QueryError
from geo_service.model.clock import LONDON
from geo_service.model.patrol import Loop, Visit
from geo_service.patrol.changes import clock_minute
from geo_service.patrol.checking import check
from geo_service.patrol.edit_refusals import refuse_broken, rule_of
from geo_service.patrol.lacking import lack_words, lacks
from geo_service.patrol.problem import state, whole_minutes
from geo_service.patrol.remaining import with_if_two
from geo_service.patrol.solving import harm_minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.model.patrol import PatrolPlan, Shift, Travel
    from geo_service.patrol.changes import Change

SEARCH_MIN: Final = 120
"""How far from the time that was asked for another one is looked for, when that cannot be."""
FINE_MIN: Final = 15
"""Up to here every minute is tried, from then on every fifth."""
_STEP_MIN: Final = 5


class _Tried(NamedTuple):
    """Hold loops that would do what is asked, and the rules that they break."""

    loops: tuple[Loop, ...]
    broken: tuple[str, ...]


class _Desk:
    """Hold a plan that is being changed, with the travel times of its places."""

    def __init__(self, plan: PatrolPlan, travel: Travel) -> None:
        self.plan = plan
        self.travel = travel
        self.rules = plan.request.rules
        self.shift = plan.request.shift
        self.legs = whole_minutes(travel)
        self.row = {zone.id: row for row, zone in enumerate(plan.zones, start=1)}

    def find(self, name: str, field: str) -> tuple[Loop, Visit]:
        """Return a visit by its id, in any case, with its loop; raise QueryError."""
        wanted = name.strip().casefold()
        for loop in self.plan.loops:
            for visit in loop.visits:
                if visit.id.casefold() == wanted:
                    return loop, visit
        ids = ", ".join(visit.id for visit in self.plan.visits) or "none"
        raise QueryError("The plan has no such visit", found=name, do=f"Its visits are {ids}", field=field)

    def timed(self, crew: int, visits: Sequence[Visit], anchor: int) -> Loop:
        """Make a loop of visits in their order, each as near to its time as the way to and from the anchor allows."""
        rows = [self.row[visit.zone] for visit in visits]
        placed = list(visits)
        for at in range(anchor + 1, len(placed)):
            soonest = placed[at - 1].end_min + int(self.legs[rows[at - 1], rows[at]])
            placed[at] = _begun(placed[at], max(placed[at].start_min, soonest))
        for at in range(anchor - 1, -1, -1):
            latest = placed[at + 1].start_min - int(self.legs[rows[at], rows[at + 1]]) - placed[at].minutes
            placed[at] = _begun(placed[at], min(placed[at].start_min, latest))
        start = placed[0].start_min - int(self.legs[0, rows[0]])
        end = placed[-1].end_min + int(self.legs[rows[-1], 0])
        legs = tuple(float(self.travel.minutes[one, other]) for one, other in pairwise([0, *rows, 0]))
        return Loop(crew, start, end, tuple(placed), legs)

    def broken(self, loops: Sequence[Loop]) -> tuple[str, ...]:
        """Return in words what loops break, a locked visit that moves included."""
        where = {visit.id: (loop.crew, visit) for loop in loops for visit in loop.visits}
        moved = tuple(
            f"The visit {visit.id} is locked and would move"
            for loop in self.plan.loops
            for visit in loop.visits
            if visit.locked and where.get(visit.id) != (loop.crew, visit)
        )
        request = self.plan.request
        return moved + check(
            loops, self.plan.zones, request.crews, self.shift.minutes, self.rules, self.travel,
            commitments=request.commitments,
        )  # fmt: skip

    def first_kept(self, tries: Iterable[Sequence[Loop]]) -> _Tried:
        """Return the first loops that break nothing, else those that break least, what every way breaks named first."""
        every: list[_Tried] = []
        for tried in tries:
            loops = tuple(sorted(tried, key=lambda loop: (loop.crew, loop.start_min)))
            every.append(_Tried(loops, self.broken(loops)))
            if not every[-1].broken:
                return every[-1]
        always = set.intersection(*({rule_of(words) for words in tried.broken} for tried in every))
        least = min(every, key=lambda tried: len(tried.broken))
        return least._replace(broken=tuple(sorted(least.broken, key=lambda words: rule_of(words) not in always)))

    def named(self, visit: Visit) -> str:
        """Name a visit as a reader of the plan knows it."""
        zone = self.plan.zone(visit.zone)
        return f"{visit.id} (zone {zone.number}, {zone.name}, {self.shift.clock(visit.start_min)})"


def edit(plan: PatrolPlan, change: Change, travel: Travel) -> PatrolPlan:
    """Return a plan changed by hand, every rule checked again and the change noted in `edits`.

    travel: the travel times that the plan was made with, row k + 1 for zone k. The other visits keep their times as far
    as the way between them allows; ids stay, commitments are kept, and nothing locked is moved. Legs, times of loops,
    harm-minutes, what is not kept and what two officers do are worked out again. Raises QueryError for a change that
    breaks a rule: `field` names the rule, and the words say how to make it fit.
    """
    desk = _Desk(plan, travel)
    loops, words = _CHANGES[change.kind](desk, change)
    if change.kind in {"lock", "unlock"}:
        return replace(plan, loops=loops, edits=(*plan.edits, words))
    request = plan.request
    problem = state(plan.zones, request.crews, desk.shift.minutes, desk.rules, travel, commitments=request.commitments)
    late = lacks(loops, plan.zones, desk.shift.minutes, desk.rules, commitments=request.commitments)
    return replace(
        plan,
        loops=with_if_two(loops, problem),
        harm_minutes=harm_minutes(loops, plan.zones),
        unkept=tuple(lack_words(lack, desk.rules, desk.shift.clock) for lack in late),
        edits=(*plan.edits, words),
    )


def _drop(desk: _Desk, change: Change) -> tuple[tuple[Loop, ...], str]:
    loop, visit = _unlocked(desk, change.visit, "visit")
    found = desk.first_kept([_without(desk, loop, visit)])
    refuse_broken(desk.plan, found.broken)
    return found.loops, f"Dropped visit {desk.named(visit)}"


def _swap(desk: _Desk, change: Change) -> tuple[tuple[Loop, ...], str]:
    (one_loop, one), (other_loop, other) = (
        _unlocked(desk, change.visit, "visit"),
        _unlocked(desk, change.other, "other"),
    )
    if one.zone == other.zone:
        raise QueryError(
            "Both visits are of one zone, so swapping them changes nothing",
            found=f"{desk.named(one)} and {desk.named(other)}",
            do="Name visits of two zones",
            field="other",
        )
    places = {one.id: _begun(other, one.start_min), other.id: _begun(one, other.start_min)}
    touched = [one_loop] if one_loop is other_loop else [one_loop, other_loop]
    kept = [loop for loop in desk.plan.loops if loop not in touched]
    swapped = [[places.get(visit.id, visit) for visit in loop.visits] for loop in touched]
    tries = (
        [
            *kept,
            *(desk.timed(loop.crew, visits, at) for loop, visits, at in zip(touched, swapped, anchors, strict=True)),
        ]
        for anchors in product(*(range(len(visits)) for visits in swapped))
    )
    found = desk.first_kept(tries)
    refuse_broken(desk.plan, found.broken)
    return found.loops, f"Swapped visits {desk.named(one)} and {desk.named(other)}"


def _move(desk: _Desk, change: Change) -> tuple[tuple[Loop, ...], str]:
    loop, visit = _unlocked(desk, change.visit, "visit")
    crew = loop.crew if change.crew is None else change.crew
    crews = desk.plan.request.crews
    if crew > crews:
        do = f"Give crew 1 to {crews}" if crews > 1 else "The plan has one crew"
        raise QueryError("The plan has no such crew", found=f"crew {crew}", do=do, field="crew")
    start = _minute_of(desk.shift, change.start) if change.start else visit.start_min
    if (start, crew) == (visit.start_min, loop.crew):
        raise QueryError("The visit is there already", found=desk.named(visit), do="Name another time", field="start")
    found = desk.first_kept(_moves(desk, loop, visit, start, crew))
    if found.broken:
        refuse_broken(desk.plan, found.broken, _fitting(desk, loop, visit, start, crew))
    to = f" to {desk.shift.clock(start)}" if change.start else ""
    return found.loops, f"Moved visit {desk.named(visit)}{to}" + (f" to crew {crew}" if crew != loop.crew else "")


def _lock(desk: _Desk, change: Change) -> tuple[tuple[Loop, ...], str]:
    locked = change.kind == "lock"
    loop, visit = desk.find(change.visit, "visit")
    meant = {each.id for each in (loop.visits if change.loop else (visit,)) if each.locked != locked}
    if not meant:
        said = f"{change.kind}ed"
        raise QueryError(f"That is {said} already", found=desk.named(visit), do="Nothing is left to do", field="visit")
    loops = tuple(
        replace(
            each, visits=tuple(replace(own, locked=locked) if own.id in meant else own for own in each.visits)
        )
        for each in desk.plan.loops
    )  # fmt: skip
    what = f"the loop with visit {desk.named(visit)}" if change.loop else f"visit {desk.named(visit)}"
    return loops, f"{change.kind.capitalize()}ed {what}"


_CHANGES: Final = {"drop": _drop, "swap": _swap, "move": _move, "lock": _lock, "unlock": _lock}


def _begun(visit: Visit, start: int) -> Visit:
    return replace(visit, start_min=start, end_min=start + visit.minutes)


def _unlocked(desk: _Desk, name: str, field: str) -> tuple[Loop, Visit]:
    loop, visit = desk.find(name, field)
    if visit.locked:
        raise QueryError(
            "The visit is locked", found=desk.named(visit), do=f"Unlock it first: unlock {visit.id}", field="locked"
        )
    return loop, visit


def _without(desk: _Desk, loop: Loop, visit: Visit) -> list[Loop]:
    """Return the loops of the plan without one visit, the others at their times."""
    rest = [each for each in loop.visits if each is not visit]
    others = [each for each in desk.plan.loops if each is not loop]
    return [*others, desk.timed(loop.crew, rest, 0)] if rest else others


def _moves(desk: _Desk, loop: Loop, visit: Visit, start: int, crew: int) -> Iterator[list[Loop]]:
    """Yield the ways of making a visit at a time: within each loop of the crew, the nearest first, or on its own."""
    moved = _begun(visit, start)
    rest = _without(desk, loop, visit)
    own = [each for each in rest if each.crew == crew]
    for into in sorted(
        own, key=lambda each: (max(each.start_min - moved.end_min, start - each.end_min), each.start_min)
    ):
        visits = sorted([*into.visits, moved], key=lambda each: each.start_min)
        yield [*(each for each in rest if each is not into), desk.timed(crew, visits, visits.index(moved))]
    yield [*rest, desk.timed(crew, [moved], 0)]


def _fitting(desk: _Desk, loop: Loop, visit: Visit, start: int, crew: int) -> str:
    """Return the nearest time at which a move would do, as advice; empty where none is near."""
    windows = desk.plan.zone(visit.zone).windows
    for away in (*range(1, FINE_MIN), *range(FINE_MIN, SEARCH_MIN + 1, _STEP_MIN)):
        for minute in (start + away, start - away):
            fits = any(first <= minute and minute + visit.minutes <= last for first, last in windows)
            other = (minute, crew) != (visit.start_min, loop.crew)
            if fits and other and not desk.first_kept(_moves(desk, loop, visit, minute, crew)).broken:
                return f"It would fit at {desk.shift.clock(minute)}"
    return ""


def _minute_of(shift: Shift, text: str) -> int:
    """Return the minute of the shift at which a clock shows a time; raise QueryError where it never does."""
    of_day = clock_minute(text)
    for days in (0, 1):
        midnight = dt.datetime.combine(shift.day + dt.timedelta(days=days), dt.time(), LONDON)
        minute = round(shift.minute(midnight + dt.timedelta(minutes=of_day)))
        if 0 <= minute < shift.minutes:
            return minute
    raise QueryError("That time is not in the shift", found=text, do=f"The shift is {shift.words}", field="start")
