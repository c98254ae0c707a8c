"""Street segments: lines cut at their junctions, and how many incidents lie nearest to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from geo_service.spatial import project_geometry, to_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats, Ints

TOUCH_M: Final = 0.5
"""An end of a line that lies this near to another line makes a junction there."""
_DEGREE_OF_A_CROSSING: Final = 3


@dataclass(frozen=True, slots=True)
class Segments:
    """Hold n stretches of street between junctions."""

    geometry: Geometries
    """Lines, metres, EPSG:27700 (n)."""
    line: Ints
    """Position of the (first) line that each was cut from (n)."""
    length_m: Floats

    @property
    def lonlat(self) -> Geometries:
        """Return the lines in EPSG:4326 (n)."""
        return np.atleast_1d(project_geometry(self.geometry, "lonlat"))


class SegmentCounts(NamedTuple):
    """Hold what lies nearest to each of n segments."""

    ids: tuple[str, ...]
    """Id of the line, with a number after a point where it was cut into several."""
    counts: Floats
    length_m: Floats
    unassigned: float
    """What lies farther from every segment than was allowed, or has no position."""


def cut(lines: Geometries, names: Sequence[str | None] | None = None) -> Segments:
    """Cut lines where they meet, and join pieces of one name that meet where nothing else does.

    lines: EPSG:4326 (m); areas and empty ones are passed over. Lines meet where they share a vertex, or where one ends
    within TOUCH_M of another; a bridge over a road shares no vertex with it and meets nothing. names: (m), by default
    pieces of any names are joined. A segment is what Weisburd et al. (2004), Criminology 42, 283-321 count by: both
    sides of a street between two intersections.
    """
    grid = np.atleast_1d(project_geometry(lines, "grid"))
    parts, of_line = shapely.get_parts(grid, return_index=True)
    good = (shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)
    parts, of_line = parts[good], of_line[good]
    pieces, of_part = _pieces(parts)
    of_line = of_line[of_part]
    label = _joined(pieces, of_line, names)
    count = int(label.max(initial=-1)) + 1
    order = np.argsort(label, kind="stable")
    merged = shapely.line_merge(shapely.multilinestrings(pieces[order], indices=label[order])) if count else pieces
    first = np.full(count, len(lines), dtype=np.int64)
    np.minimum.at(first, label, of_line)
    return Segments(merged, first, shapely.length(merged))


def nearest_segment(lon: ArrayLike, lat: ArrayLike, segments: Segments, within_m: float) -> Ints:
    """Return the segment nearest to each point (r), -1 where none is within `within_m` or the point is nan.

    lon, lat: degrees, EPSG:4326. Of segments equally near, as at a junction, the first one takes the point.
    """
    at = np.column_stack([np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)])
    found = np.full(len(at), -1, dtype=np.int64)
    there = ~np.isnan(at).any(axis=1)
    if not there.any() or not len(segments.geometry):
        return found
    distinct, back = np.unique(at[there], axis=0, return_inverse=True)
    points = shapely.points(np.column_stack(to_grid(*distinct.T)))
    point, segment = shapely.STRtree(segments.geometry).query_nearest(points, max_distance=within_m)
    nearest = np.full(len(distinct), len(segments.geometry), dtype=np.int64)
    np.minimum.at(nearest, point, segment)
    found[there] = np.where(nearest < len(segments.geometry), nearest, -1)[back.ravel()]
    return found


def segment_counts(  # noqa: PLR0913, PLR0917 - points, lines, and how they are joined
    lon: ArrayLike,
    lat: ArrayLike,
    lines: Geometries,
    within_m: float,
    weights: ArrayLike | None = None,
    ids: Sequence[str] | None = None,
    names: Sequence[str | None] | None = None,
) -> SegmentCounts:
    """Count points by the street segment that they lie nearest to.

    lon, lat: degrees, EPSG:4326 (r). lines: EPSG:4326 (m). within_m: how far a point may lie from its segment. weights:
    (r), by default 1 each. ids, names: of the lines (m). `counts` and `unassigned` together lose nothing.
    """
    segments = cut(lines, names)
    nearest = nearest_segment(lon, lat, segments, within_m)
    size = len(segments.geometry)
    amount = np.ones(len(nearest)) if weights is None else np.asarray(weights, dtype=np.float64)
    totals = np.bincount(np.where(nearest < 0, size, nearest), weights=amount, minlength=size + 1)
    named = np.arange(len(lines)).astype(np.str_) if ids is None else np.asarray(ids, dtype=np.str_)
    counts = totals[:size].astype(np.float64)
    return SegmentCounts(_numbered(named[segments.line]), counts, segments.length_m, float(totals[size]))


def _numbered(names: NDArray[np.str_]) -> tuple[str, ...]:
    """Add a number to names that come several times."""
    _, back, count = np.unique(names, return_inverse=True, return_counts=True)
    order = np.argsort(back, kind="stable")
    starts = np.cumsum(count) - count
    nth = np.empty(len(names), dtype=np.int64)
    nth[order] = np.arange(len(names)) - np.repeat(starts, count)
    return tuple(
        f"{name}.{number + 1}" if several > 1 else str(name)
        for name, number, several in zip(names.tolist(), nth.tolist(), count[back].tolist(), strict=True)
    )


def _pieces(parts: Geometries) -> tuple[Geometries, Ints]:
    """Cut lines (metres) at their junctions; return the pieces and the part that each was cut from."""
    if not len(parts):
        return parts, np.zeros(0, dtype=np.int64)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[np.flatnonzero(np.diff(part, prepend=-1))] = 0
    along = np.cumsum(step)
    along -= along[np.searchsorted(part, part)]
    is_end = np.diff(part, prepend=-1) != 0
    is_end |= np.diff(part, append=part[-1] + 1) != 0
    place = _same_place(xy)
    degree = np.bincount(place, weights=np.where(is_end, 1, 2))[place]
    at = np.flatnonzero(~is_end & (degree >= _DEGREE_OF_A_CROSSING))
    cut_part, cut_m, cut_xy = _cuts(parts, (part[at], along[at], xy[at]), xy[is_end])
    # Each line's vertices in order, with an end and a beginning wherever it is cut.
    inner = ~np.isin(np.arange(len(part)), at)
    every_part = np.concatenate([part[inner], cut_part, cut_part])
    every_m = np.concatenate([along[inner], cut_m, cut_m])
    every_xy = np.concatenate([xy[inner], cut_xy, cut_xy])
    begins = np.zeros(len(every_part), dtype=np.int64)
    begins[: inner.sum()] = np.diff(part[inner], prepend=-1) != 0
    begins[len(every_part) - len(cut_part) :] = 1
    # At one place an end comes before the beginning that follows it.
    order = np.lexsort((begins, every_m, every_part))
    piece = np.cumsum(begins[order]) - 1
    kept = np.bincount(piece)[piece] > 1
    labels, piece = np.unique(piece[kept], return_inverse=True)
    pieces = shapely.linestrings(every_xy[order][kept], indices=piece)
    of_part = every_part[order][kept][np.searchsorted(piece, np.arange(len(labels)))]
    long = shapely.length(pieces) > 0
    return pieces[long], of_part[long]


def _same_place(xy: Floats) -> Ints:
    """Number places to the nearest decimetre."""
    return np.unique(np.round(xy, 1), axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _cuts(parts: Geometries, shared: tuple[Ints, Floats, Floats], ends: Floats) -> tuple[Ints, Floats, Floats]:
    """Return (part, metres along it, place) of every cut: at shared vertices, and where an end of another line lies."""
    ends = np.unique(ends, axis=0)
    points = shapely.points(ends)
    point, part = shapely.STRtree(parts).query(points, predicate="dwithin", distance=TOUCH_M)
    where_m = shapely.line_locate_point(parts[part], points[point])
    inside = (where_m > TOUCH_M) & (where_m < shapely.length(parts)[part] - TOUCH_M)
    # Shared vertices stand first, so that of two cuts within TOUCH_M the one at a vertex is kept.
    every_part = np.concatenate([shared[0], part[inside]]).astype(np.int64)
    every_m = np.concatenate([shared[1], where_m[inside]])
    # The place of the end, not of the line beside it: there the three must be found to meet.
    every_xy = np.concatenate([shared[2], ends[point[inside]]])
    order = np.lexsort((np.arange(len(every_part)) >= len(shared[0]), np.round(every_m / TOUCH_M), every_part))
    every_part, every_m, every_xy = every_part[order], every_m[order], every_xy[order]
    near = (np.diff(every_part, prepend=-1) == 0) & (np.abs(np.diff(every_m, prepend=0.0)) <= TOUCH_M)
    return every_part[~near], every_m[~near], every_xy[~near]


def _joined(pieces: Geometries, of_line: Ints, names: Sequence[str | None] | None) -> Ints:
    """Give pieces that meet where nothing else does one label, if they are of one name."""
    if not len(pieces):
        return np.zeros(0, dtype=np.int64)
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(pieces, 0)), shapely.get_coordinates(shapely.get_point(pieces, -1))]
    )
    place, piece = _same_place(ends), np.tile(np.arange(len(pieces)), 2)
    order = np.argsort(place, kind="stable")
    count = np.bincount(place)
    starts = (np.cumsum(count) - count)[count == 2]  # noqa: PLR2004 (two meet)
    one, other = piece[order][starts], piece[order][starts + 1]
    if names is not None:
        named = np.array(["" if name is None else name for name in names], dtype=np.str_)[of_line]
        alike = named[one] == named[other]
        one, other = one[alike], other[alike]
    graph = sparse.coo_array((np.ones(len(one)), (one, other)), shape=(len(pieces), len(pieces)))
    labels: Ints = csgraph.connected_components(graph, directed=False)[1].astype(np.int64)
    return labels
