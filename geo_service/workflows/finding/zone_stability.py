"""How much of each zone is found again where the grid of cells happens to lie elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely
from scipy import sparse

from geo_service import hotspots, spatial
from geo_service.errors import QueryError
from geo_service.model.cells import UNLOCATED
from geo_service.workflows.finding.points import points_of

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Cells, Floats
    from geo_service.model.surfaces import Observed, Points
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.finding.zone_ground import ZoneGround

MOST_SHIFTS: Final = 50
_PLASTIC: Final = 1.324717957244746
"""Its powers spread points evenly over a square (Roberts 2018, the R2 sequence)."""


class Stability(NamedTuple):
    """Hold what became of zones under shifted grids, one entry for each zone."""

    found_again: Floats
    """Mean share of its area that some zone of a shifted grid covers."""
    overlap: Floats
    """Mean Jaccard index with the zone of a shifted grid that it overlaps best."""


def check_shifts(shifts: int) -> None:
    """Refuse a number of shifts that cannot be; raise QueryError (field `stability`)."""
    if not 0 <= shifts <= MOST_SHIFTS:
        raise QueryError(
            "The number of shifted grids is out of range",
            found=shifts,
            do=f"Give 0 (not asked) to {MOST_SHIFTS}; 8 are usual",
            field="stability",
        )


def offsets_m(shifts: int, cell_m2: float) -> Floats:
    """Return metres east and north that move a grid, spread evenly over one cell and never nought (shifts, 2)."""
    number = np.arange(1, shifts + 1)[:, None]
    within = (number * np.array([1 / _PLASTIC, 1 / _PLASTIC**2]) + 0.5) % 1 - 0.5
    return np.asarray(within * np.sqrt(cell_m2), dtype=np.float64)


def zone_outlines(zones: list[Cells]) -> Geometries:
    """Return the outline of each zone on the National Grid."""
    outlines = np.empty(len(zones), dtype=np.object_)
    outlines[:] = [shapely.union_all(spatial.cell_polygons(cells)) for cells in zones]
    return spatial.project_geometry(outlines, "grid")


def stability_of(  # noqa: PLR0913, PLR0917 - the parts of one question
    question: Question,
    observed: Observed,
    ground: ZoneGround,
    rules: hotspots.ZoneRules,
    zones: list[Cells],
    shifts: int,
) -> Stability:
    """Grow the zones again on shifted grids and say how much of each is found again.

    The grid stays and the incidents, lines and places move by known metres; what is found is moved back. zones: cells
    of each zone. Incidents of a month-only source count in their month, others in that of the moment they began.
    """
    outlines = zone_outlines(zones)
    points = points_of(question, observed)
    again, overlap = np.zeros((shifts, len(zones))), np.zeros((shifts, len(zones)))
    for number, offset in enumerate(offsets_m(shifts, float(observed.area_m2.mean()))):
        east_m, north_m = float(offset[0]), float(offset[1])
        found = _shifted(question, observed, ground, rules, points, (east_m, north_m))
        back = shapely.transform(
            zone_outlines(found), lambda x, y, e=east_m, n=north_m: (x - e, y - n), interleaved=False
        )
        again[number], overlap[number] = covered(outlines, back)
    return Stability(again.mean(axis=0), overlap.mean(axis=0))


def covered(zones: Geometries, others: Geometries) -> tuple[Floats, Floats]:
    """Return the share of each zone that others cover together, and its best Jaccard index with one of them (n).

    zones, others: polygons on the National Grid; the others do not overlap each other.
    """
    share, best = np.zeros(len(zones)), np.zeros(len(zones))
    if len(zones) and len(others):
        zone, other = shapely.STRtree(others).query(zones, predicate="intersects")
        common = shapely.area(shapely.intersection(zones[zone], others[other]))
        together = shapely.area(zones[zone]) + shapely.area(others[other]) - common
        share[:] = np.bincount(zone, weights=common / shapely.area(zones[zone]), minlength=len(zones))
        np.maximum.at(best, zone, common / together)
    return np.minimum(share, 1.0), best


def _shifted(  # noqa: PLR0913, PLR0917 - the parts of one question
    question: Question,
    observed: Observed,
    ground: ZoneGround,
    rules: hotspots.ZoneRules,
    points: Points,
    shift_m: tuple[float, float],
) -> list[Cells]:
    """Return the cells of the zones that are found once everything has moved."""
    query, inside = question.query, observed.inside
    east_north_m = points.east_north_m + np.array(shift_m)
    lon, lat = spatial.to_lonlat(east_north_m[:, 0], east_north_m[:, 1])
    at = _positions(spatial.index_cells(lon, lat, query.resolution), observed.cells)
    kept = at >= 0
    months = np.array([month.first_day.toordinal() for month in observed.months]) - _EPOCH
    month = np.maximum(np.searchsorted(months, points.first_day[kept], side="right") - 1, 0)
    n = len(observed.cells)
    by_month = sparse.coo_array((points.value[kept], (month, at[kept])), shape=(len(observed.months), n)).tocsr()
    by_month_inside = (by_month @ sparse.dia_array((inside[None, :].astype(np.float64), [0]), shape=(n, n))).tocsr()
    moved = replace(
        observed,
        by_month=by_month,
        by_month_inside=by_month_inside,
        value=by_month.sum(axis=0),
        value_inside=by_month_inside.sum(axis=0),
        points=None
        if observed.points is None
        else replace(
            points,
            at=at[kept],
            east_north_m=east_north_m[kept],
            first_day=points.first_day[kept],
            last_day=points.last_day[kept],
            value=points.value[kept],
        ),
    )
    surface = hotspots.statistics()[query.statistic].surface(moved, query.tuning)
    events = np.bincount(at[kept], minlength=n)[inside].astype(np.float64)
    chosen = hotspots.choose(
        surface.score, events, observed.covered_m2[inside], observed.cells[inside], query.area_share
    )
    grown = ground.grow(
        moved, surface, events=events, chosen=chosen, share=query.area_share, rules=rules, shift_m=shift_m
    )
    return [ground.cells[zone] for zone in grown.zones]


_EPOCH: Final = 719_163
"""Ordinal of 1970-01-01, which days are counted from."""


def _positions(wanted: Cells, cells: Cells) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    order = np.argsort(cells)
    at = np.minimum(np.searchsorted(cells, wanted, sorter=order), len(cells) - 1)
    found: np.ndarray[tuple[int], np.dtype[np.int64]] = np.where(
        (cells[order[at]] == wanted) & (wanted != UNLOCATED), order[at], -1
    )
    return found
