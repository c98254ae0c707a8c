"""Say how far two rankings of the same places agree, and which places one of them alone would choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints

    Flags = NDArray[np.bool_]

Lead: TypeAlias = Literal["first", "second", "both"]
_LEADS_BY: Final = 0.5
"""Share of a zone's cells that one measure alone chose, above which the zone is led by it."""


def jaccard(first: Flags, second: Flags) -> float:
    """Return what both chose over what either chose; 1 where neither chose anything. first, second: (n)."""
    either = int((first | second).sum())
    return int((first & second).sum()) / either if either else 1.0


def rank_biased_overlap(first: Ints, second: Ints, persistence: float) -> float:
    """Return how far two rankings agree, the top counting most: 0 nothing in common, 1 the same.

    first, second: the same or other things, best first, each at most once (lengths may differ). persistence: chance
    that a reader goes on from one rank to the next, 0 < p < 1; the first 1 / (1 - p) ranks carry most weight. What lies
    below the shorter list is taken to agree as far as what is seen, so that lists cut at the same depth are
    compared without a bias towards 0 (Webber, Moffat and Zobel 2010, ACM Transactions on Information Systems 28(4) 20,
    equation 32). 1 for two empty lists, 0 where one of them is empty.
    """
    if not len(first) or not len(second):
        return float(len(first) == len(second))
    short, long = sorted((first, second), key=len)
    s, depth = len(short), len(long)
    overlap = _overlaps(short, long)
    d = np.arange(1, depth + 1)
    weight = persistence ** d.astype(np.float64)
    seen = float((overlap / d * weight).sum())
    # Beyond the end of the short list its unseen part is credited with the agreement that it had at its end.
    beyond = d[s:]
    unseen = float((overlap[s - 1] * (beyond - s) / (s * beyond) * weight[s:]).sum())
    rest = ((overlap[-1] - overlap[s - 1]) / depth + overlap[s - 1] / s) * float(weight[-1])
    return float((1 - persistence) / persistence * (seen + unseen) + rest)


def _overlaps(short: Ints, long: Ints) -> Floats:
    """Return how many things both lists have above each depth of the longer one."""
    _, at_short, at_long = np.intersect1d(short, long, assume_unique=True, return_indices=True)
    depths = np.maximum(at_short, at_long)
    overlap: Floats = np.cumsum(np.bincount(depths, minlength=len(long))).astype(np.float64)
    return overlap


@dataclass(frozen=True, slots=True)
class Agreement:
    """Say how far two measures choose the same places."""

    cells: float
    """Jaccard of the chosen cells."""
    zone_cells: float
    """Jaccard of the cells that lie in zones."""
    zones_in_both: int
    """Zones of the first that overlap with a zone of the second by half or more of their cells."""
    rank_biased_overlap: float


def agree(
    chosen: tuple[Flags, Flags], zones: tuple[list[Ints], list[Ints]], ranked: tuple[Ints, Ints], persistence: float
) -> Agreement:
    """Hold two choices side by side.

    chosen: cells of the area that each chose (n). zones: cells of each zone. ranked: cells, best first.
    """
    size = len(chosen[0])
    covered = [_covered(each, size) for each in zones]
    return Agreement(
        cells=jaccard(*chosen),
        zone_cells=jaccard(covered[0], covered[1]),
        zones_in_both=sum(float(covered[1][zone].mean()) >= _LEADS_BY for zone in zones[0]),
        rank_biased_overlap=rank_biased_overlap(*ranked, persistence),
    )


def _covered(zones: list[Ints], size: int) -> Flags:
    covered = np.zeros(size, dtype=np.bool_)
    for zone in zones:
        covered[zone] = True
    return covered


def lead(zone: Ints, first: Flags, second: Flags) -> Lead:
    """Say which of two choices a zone is owed to: one where more than half of its cells are that one's alone.

    zone: positions of its cells. first, second: cells that each chose (n).
    """
    alone = [float((one & ~other)[zone].mean()) for one, other in ((first, second), (second, first))]
    if alone[0] > _LEADS_BY:
        return "first"
    return "second" if alone[1] > _LEADS_BY else "both"
