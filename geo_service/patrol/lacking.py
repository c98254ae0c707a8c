"""Tell where a plan is later than every two hours, and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geo_service.model.patrol import Commitment, Loop, PatrolRules, PlanZone


@dataclass(frozen=True, slots=True)
class Lack:
    """Hold one window in which the rule `every_min` is not kept."""

    zone: PlanZone
    start_min: int
    end_min: int
    visits: int
    late_min: int
    """Minutes beyond the rule in all; the whole window where nobody comes."""
    longest_min: int
    """Longest time without the start of a visit."""


def late_minutes(start: int, end: int, begins: Iterable[int], every_min: int) -> tuple[int, int, int]:
    """Return the minutes of a window beyond the rule, its longest time without the start of a visit, and its visits.

    begins: starts of visits of the zone, whether in this window or not.
    """
    own = sorted(at for at in begins if start <= at < end)
    if not own:
        return end - start, end - start, 0
    spells = [later - before for before, later in pairwise([start, *own, end])]
    return sum(max(spell - every_min, 0) for spell in spells), max(spells), len(own)


def lacks(
    loops: Sequence[Loop],
    zones: Sequence[PlanZone],
    shift_min: int,
    rules: PatrolRules,
    *,
    commitments: Sequence[Commitment] = (),
) -> tuple[Lack, ...]:
    """Return the windows in which a visit comes later than `every_min`, in the order of the zones.

    Counted to the minute: from the opening to the first start, from start to start, from the last start to the close.
    """
    found = []
    for zone in zones:
        begins = [visit.start_min for loop in loops for visit in loop.visits if visit.zone == zone.id]
        begins += [bound.start_min for bound in commitments if bound.zone == zone.id]
        for first, last in zone.windows:
            start, end = max(first, 0), min(last, shift_min)
            if start < end:
                late, longest, visits = late_minutes(start, end, begins, rules.every_min)
                if late:
                    found.append(Lack(zone, start, end, visits, late, longest))
    return tuple(found)


def into_shift(minute: float) -> str:
    """Say a minute of a shift whose clock time is not known: `2:05 into the shift`."""
    return f"{int(minute) // 60}:{int(minute) % 60:02d} into the shift"


def lack_words(lack: Lack, rules: PatrolRules, clock: Callable[[float], str] = into_shift) -> str:
    """Say where the rule is not kept and by how much; clock: `Shift.clock` where the shift is known."""
    zone = f"Zone {lack.zone.number} ({lack.zone.name})" if lack.zone.name else f"Zone {lack.zone.number}"
    span = f"between {clock(lack.start_min)} and {clock(lack.end_min)}"
    if not lack.visits:
        return f"{zone} gets no visit {span}"
    return (
        f"{zone} is left for up to {lack.longest_min} minutes {span}, "
        f"{lack.longest_min - rules.every_min} more than the rule of every {rules.every_min}"
    )
