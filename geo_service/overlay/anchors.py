"""What an anchor point may stand for: its catchment, and what that says of the cells around it.

data.police.uk moves every incident to the nearest of its anchors (the middle of a street, a park, a station …), so an
incident may have happened anywhere nearer to its anchor than to another: in the anchor's Voronoi cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely
from scipy import sparse

if TYPE_CHECKING:
    from shapely import Geometry

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats

Z_90: Final = 1.6448536269514722
"""Standard deviations to either side that hold 90 % of a normal law."""
_ROUNDING: Final = 1e-9
_SELDOM: Final = 0.05
"""Probability on either side of a 90 % interval."""


class Together(NamedTuple):
    """Say what some cells may hold together."""

    mean: float
    deviation: float
    """Standard deviation, each incident placed for itself."""
    certain: float
    """Least that they hold, wherever in its catchment each incident happened."""
    possible: float
    """Most that they may hold."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Hold what n cells may hold when each incident lies anywhere in its anchor's catchment."""

    expected: Floats
    """Mean of the measure (n); its sum is that of the anchors."""
    deviation: Floats
    """Standard deviation (n), each incident placed for itself."""
    low: Floats
    """Lower end of the 90 % interval (n)."""
    high: Floats
    certain: Floats
    """What lies in the cell wherever in its catchment it happened (n)."""
    possible: Floats
    """What lies there if all that may do so does (n)."""
    cells_meant: Floats
    """How many cells one incident of the cell may mean, as many of equal chance (n); nan where there is none."""


def catchments(east_north_m: Floats, area: Geometry) -> Geometries:
    """Return the part of an area that is nearer to each anchor than to any other (Voronoi 1908).

    east_north_m: distinct anchors, EPSG:27700 (a, 2). area: polygon, EPSG:27700. Returns polygons (a), empty where all
    of an anchor's catchment lies outside; together they are the area.
    """
    if not len(east_north_m):
        return np.zeros(0, dtype=object)
    if len(east_north_m) == 1:
        return np.array([area], dtype=object)
    points = shapely.multipoints(east_north_m)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=area, ordered=True))
    clip = shapely.from_wkb(shapely.to_wkb(area))  # our own copy: two threads must not prepare the same one
    shapely.prepare(clip)
    edge = ~shapely.covers(clip, cells)
    clipped = np.array(cells, dtype=object)
    clipped[edge] = shapely.intersection(cells[edge], clip)
    return clipped


def shares(catchments: Geometries, outlines: Geometries) -> sparse.csr_array:
    """Return which share of each catchment lies in each cell: (a, n), rows that sum to 1, or to 0 where empty.

    catchments (a) and outlines of cells (n): polygons, EPSG:27700.
    """
    own = shapely.from_wkb(shapely.to_wkb(catchments))
    shapely.prepare(own)
    cell, anchor = shapely.STRtree(own).query(outlines)
    inside = shapely.covers(own[anchor], outlines[cell])
    common = np.where(inside, shapely.area(outlines)[cell], 0.0)
    edge = np.flatnonzero(~inside)
    edge = edge[shapely.intersects(own[anchor[edge]], outlines[cell[edge]])]
    common[edge] = shapely.area(shapely.intersection(own[anchor[edge]], outlines[cell[edge]]))
    held = common > 0
    entries = (common[held], (anchor[held], cell[held]))
    shared = sparse.coo_array(entries, shape=(len(catchments), len(outlines))).tocsr()
    whole = shared.sum(axis=1)
    scale = np.divide(1.0, whole, out=np.zeros(len(whole)), where=whole > 0)
    return (sparse.dia_array((scale[None, :], [0]), shape=(len(whole), len(whole))) @ shared).tocsr()


def spread(amount: Floats, squares: Floats, shared: sparse.csr_array, *, whole_numbers: bool) -> Spread:
    """Say what each cell may hold.

    amount: measure at each anchor (a). squares: sum of the squared measure of its incidents (a); of counts the same as
    amount. shared: `shares`. whole_numbers: whether the measure is a count, whose interval then is too. Each incident
    falls into a cell with the share of the catchment that lies there, apart from the others: a multinomial for each
    anchor. Incidents of one address fall together, so the interval is narrow rather than wide.
    """
    expected = shared.T @ amount
    variance = (shared - shared.multiply(shared)).T @ squares
    deviation = np.sqrt(np.maximum(variance, 0.0))
    sure = shared.copy()
    sure.data = (sure.data > 1 - _ROUNDING).astype(np.float64)
    may = shared.copy()
    may.data = (may.data > _ROUNDING).astype(np.float64)
    certain, possible = sure.T @ amount, may.T @ amount
    low, high = expected - Z_90 * deviation, expected + Z_90 * deviation
    if whole_numbers:
        low, high = np.floor(low + _ROUNDING), np.ceil(high - _ROUNDING)
    else:
        # One heavy incident is there or is not: no normal law tells that.
        high = np.maximum(high, certain + _lone(amount, squares, shared))
        low = np.minimum(low, possible - _lone(amount, squares, shared, elsewhere=True))
    return Spread(
        expected=expected,
        deviation=deviation,
        low=np.clip(low, certain, possible),
        high=np.clip(high, certain, possible),
        certain=certain,
        possible=possible,
        cells_meant=_cells_meant(amount, shared),
    )


def _lone(amount: Floats, squares: Floats, shared: sparse.csr_array, *, elsewhere: bool = False) -> Floats:
    """Return what the heaviest incident weighs that one time in twenty or more lies in a cell, or elsewhere (n).

    By the mean of the incidents of each anchor, the heavy ones counting by their weight.
    """
    weight = np.divide(squares, amount, out=np.zeros(len(amount)), where=amount > 0)
    chance = shared.copy().tocoo()
    at = 1 - chance.data if elsewhere else chance.data
    chance.data = np.where((at >= _SELDOM) & (chance.data > _ROUNDING), weight[chance.row], 0.0)
    heaviest: Floats = chance.tocsr().max(axis=0).toarray().ravel()
    return heaviest


def held_by(amount: Floats, squares: Floats, shared: sparse.csr_array, chosen: Floats) -> Together:
    """Say what some cells may hold together; chosen: 1 for those, 0 for others (n), the rest as in `spread`."""
    share = np.clip(shared @ chosen, 0.0, 1.0)
    return Together(
        mean=float(amount @ share),
        deviation=float(np.sqrt(squares @ (share * (1 - share)))),
        certain=float(amount[share > 1 - _ROUNDING].sum()),
        possible=float(amount[share > _ROUNDING].sum()),
    )


def _cells_meant(amount: Floats, shared: sparse.csr_array) -> Floats:
    """Average, over the incidents of a cell, how many cells their anchors may mean: 1 / sum of squared shares.

    The effective number of Laakso and Taagepera (1979), Comparative Political Studies 12, 3-27.
    """
    evenness = shared.multiply(shared).sum(axis=1)
    meant = np.divide(1.0, evenness, out=np.zeros(len(evenness)), where=evenness > 0)
    expected = shared.T @ amount
    total = shared.T @ (amount * meant)
    average: Floats = np.divide(total, expected, out=np.full(len(expected), np.nan), where=expected > 0)
    return average
