"""Tell which zone of an earlier run each zone is, and what became of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.model.hotspots import ZoneChange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats

HALF: Final = 0.5
"""A zone is the same while at least so much of its area stays."""
_ROUNDING: Final = 1e-9


def same_zones(shared_m2: Floats, before_m2: Floats) -> NDArray[np.int64]:
    """Match zones with those of an earlier run: at least half of the earlier one's area lies in the later one.

    shared_m2: area that an earlier and a later zone share (m earlier, n later). before_m2: area of the earlier ones
    (m). Returns the earlier zone that each later one is, -1 for none (n); where several became one, the one that gave
    the most area, the first of equals.
    """
    same = np.full(shared_m2.shape[1], -1, dtype=np.int64)
    stays = (shared_m2 > 0) & (shared_m2 >= HALF * before_m2[:, None] * (1 - _ROUNDING))
    before, after = np.nonzero(stays)
    # The most area first; an earlier zone that was cut in exact halves lives on in one of them.
    for each in np.argsort(-shared_m2[before, after], kind="stable").tolist():
        if same[after[each]] < 0 and before[each] not in same:
            same[after[each]] = before[each]
    return same


def changes(  # noqa: C901 - one rule after the other
    shared_m2: Floats, before_m2: Floats, after_m2: Floats, before: list[str], after: list[str]
) -> tuple[ZoneChange, ...]:
    """Say what became of each zone: kept, moved, merged, split, new or dropped.

    shared_m2: as in `same_zones` (m, n). before_m2, after_m2: areas (m), (n). before, after: names of the zones.
    Merged: at least half of each of several earlier zones lies in one. Split: at least half of each of several later
    zones lies in an earlier one. Moved: some ground is shared, less than half of it. Each zone stands in one at least.
    """
    stays = shared_m2 >= HALF * before_m2[:, None] * (1 - _ROUNDING) if shared_m2.size else shared_m2 > 0
    comes = shared_m2 >= HALF * after_m2[None, :] * (1 - _ROUNDING) if shared_m2.size else shared_m2 > 0
    found: list[ZoneChange] = []
    told_before, told_after = set[int](), set[int]()

    def tell(kind: str, earlier: list[int], later: list[int]) -> None:
        found.append(ZoneChange(kind, tuple(before[each] for each in earlier), tuple(after[each] for each in later)))
        told_before.update(earlier)
        told_after.update(later)

    for later in range(len(after)):
        earlier = np.flatnonzero(stays[:, later]).tolist()
        if len(earlier) > 1:
            tell("merged", earlier, [later])
    for each in range(len(before)):
        parts = np.flatnonzero(comes[each]).tolist()
        if len(parts) > 1:
            tell("split", [each], parts)
    for later, each in enumerate(same_zones(shared_m2, before_m2).tolist()):
        if each >= 0 and not (each in told_before and later in told_after):
            tell("kept", [each], [later])
    for later in (number for number in range(len(after)) if number not in told_after):
        nearest = int(shared_m2[:, later].argmax()) if len(before) else -1
        if nearest >= 0 and shared_m2[nearest, later] > 0:
            tell("moved", [nearest], [later])
        else:
            tell("new", [], [later])
    for each in (number for number in range(len(before)) if number not in told_before):
        tell("dropped", [each], [])
    return tuple(found)
