"""Say why nothing at all can be planned: which rule to relax, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import QueryError
from geo_service.model.patrol import FASTEST_KMH, LONGEST_LOOP_MIN, SHORTEST_VISIT_MIN
from geo_service.patrol.problem import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.patrol.problem import Problem


def shortest_loop(problem: Problem, zone: int) -> int:
    """Return the minutes of a loop that visits one zone; NEVER or more where there is no way."""
    return int(problem.legs[0, zone + 1] + problem.legs[zone + 1, 0]) + problem.rules.visit_min


def refuse_broken(broken: Sequence[str]) -> None:
    """Raise QueryError where what is to stay as it is breaks a rule."""
    if broken:
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        raise QueryError(
            "What is locked breaks a rule, so nothing can be planned around it",
            found=broken[0] + more,
            do="Unlock it, or relax the rule that it breaks",
            field="locked",
        )


def refuse_hopeless(problem: Problem) -> None:
    """Raise QueryError that names what keeps every visit out; for a shift in which no loop at all can be walked."""
    reach = {zone: shortest_loop(problem, zone) for zone in range(len(problem.zones))}
    near = min(reach, key=lambda zone: reach[zone])
    if reach[near] >= NEVER:
        raise QueryError(
            "There is no way from the parade station to any zone",
            found="every travel time is unknown",
            do="Choose another station, or plan without streets",
            field="station",
        )
    if reach[near] > problem.rules.loop_min:
        _refuse_loop(problem, near, reach[near])
    if reach[near] > problem.shift_min:
        raise QueryError(
            "The shift is shorter than the shortest loop",
            found=f"{problem.shift_min} minutes; zone {problem.zones[near].number} takes {reach[near]} there and back",
            do=f"Make the shift {reach[near] - problem.shift_min} minutes longer",
            field="shift",
        )
    within = [zone for zone, minutes in reach.items() if minutes <= min(problem.rules.loop_min, problem.shift_min)]
    _refuse_caps(problem, within)
    _refuse_short_windows(problem, within)
    longest = max((last - first for spans in problem.free for first, last in spans), default=0)
    if longest < reach[near]:
        raise QueryError(
            "Commitments leave no crew free for long enough to walk a loop",
            found=f"at most {longest} minutes free at once; the shortest loop takes {reach[near]}",
            do=f"Drop or shorten a commitment so that a crew has {reach[near] - longest} more minutes at once",
            field="commitments",
        )
    _refuse_windows(problem, within)


def _refuse_loop(problem: Problem, zone: int, minutes: int) -> None:
    rules, number = problem.rules, problem.zones[zone].number
    over, travel = minutes - rules.loop_min, minutes - rules.visit_min
    if minutes <= LONGEST_LOOP_MIN:
        do = f"Give --loop {minutes}, {over} minutes more"
    else:
        faster = rules.speed_m_per_min * 60 / 1000 * travel / (LONGEST_LOOP_MIN - rules.visit_min)
        do = (
            f"A loop may last {LONGEST_LOOP_MIN} minutes at most, so go faster than on {rules.mode}: with --mode cycle "
            f"or car, at {faster:.1f} km/h at least, or choose a station that is nearer"
            if rules.mode == "foot" and faster <= FASTEST_KMH
            else f"Choose a station that is {minutes - LONGEST_LOOP_MIN} minutes nearer, there and back"
        )
    raise QueryError(
        f"No zone can be visited within a loop of {rules.loop_min} minutes",
        found=f"the nearest, zone {number}, takes {travel} minutes there and back and {rules.visit_min} for the visit, "
        f"{over} too many",
        do=do,
        field="loop",
    )


def _refuse_caps(problem: Problem, within: Sequence[int]) -> None:
    if not any(problem.cap(zone) for zone in within):
        raise QueryError(
            "The caps allow no visit beyond those that stand already",
            found=", ".join(f"zone {problem.zones[zone].number}: {len(problem.fixed[zone])} made" for zone in within),
            do="Raise the cap of at least one zone by 1",
            field="cap",
        )


def _refuse_short_windows(problem: Problem, within: Sequence[int]) -> None:
    visit = problem.rules.visit_min
    spans = [window.end - window.start for window in problem.windows if window.zone in within]
    if max(spans, default=0) < visit:
        shorter = f", or give --visit {max(spans)}" if max(spans, default=0) >= SHORTEST_VISIT_MIN else ""
        raise QueryError(
            "No zone that can be reached has a window in this shift that a visit fits into",
            found=f"the longest has {max(spans)} of {visit} minutes" if spans else "no window in the shift",
            do=f"Widen a window by {visit - max(spans, default=0)} minutes{shorter}",
            field="windows",
        )


def _refuse_windows(problem: Problem, within: Sequence[int]) -> None:
    visit, lacking = problem.rules.visit_min, []
    for window in problem.windows:
        if window.zone in within:
            out, back = int(problem.legs[0, window.zone + 1]), int(problem.legs[window.zone + 1, 0])
            for first, last in (span for spans in problem.free for span in spans):
                late = max(first + out + visit - window.end, 0) + max(window.start + visit + back - last, 0)
                late = max(late, out + visit + back - (last - first), visit - (window.end - window.start))
                lacking.append((late, problem.zones[window.zone].number))
    late, number = min(lacking, default=(0, 0))
    if late > 0:
        raise QueryError(
            "No crew can be at a zone within its window and back in time",
            found=f"zone {number} comes nearest, {late} minutes short",
            do=f"Widen the window of zone {number} by {late} minutes, or free a crew for as long",
            field="windows",
        )
    raise QueryError(
        "The visits that stand already leave no room for another",
        found=f"gaps of {problem.rules.gap_min} minutes around them",
        do="Give a smaller --gap, wider windows, or drop a commitment in a zone",
        field="gap",
    )
