"""How long it takes from each place to each, and the way there."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo_service.model.patrol import DETOUR, SPEED_KMH, PatrolRules, Travel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints
    from geo_service.model.places import EastNorth
    from geo_service.patrol.streets import StreetGraph

REACH_M: Final = 250.0
"""A place further than this from every street is reached across country: a convention of this product."""
STREETS: Final = "streets"
STRAIGHT: Final = "straight line"
_NOWHERE: Final = -9999
"""What scipy puts before the first node of a way."""
_ON_FOOT_M_PER_MIN: Final = SPEED_KMH["foot"] * 1000 / 60


class _Snapped(NamedTuple):
    """Hold the nearest point on a street to each place (p)."""

    piece: Ints
    """Piece of the graph; -1 where no street is near."""
    along: Floats
    """Share of the piece that lies before the point."""
    at_m: Floats
    """(p, 2), EPSG:27700."""
    walk_m: Floats
    """From the place to it."""


class _Net(NamedTuple):
    """Hold a graph with the places put in as its last nodes."""

    minutes: csr_array
    first: int
    """Node of the first place."""
    at_m: Floats
    """(nodes, 2), EPSG:27700."""


def travel(
    places: Sequence[EastNorth], streets: StreetGraph | None, rules: PatrolRules, *, names: Sequence[str] = ()
) -> Travel:
    """Return minutes and metres between places, the parade station first.

    places: EPSG:27700. streets: a graph of the mode of the rules, or None where none are loaded. names: of the places,
    for the notes. Each place is put on the nearest point of a street, walked to in a straight line; then the quickest
    way is taken (Dijkstra 1959). A pair that no street joins, or of which a place has no street within REACH_M, goes by
    the straight line times DETOUR, and a note says so; where no pair has streets, `by` is `straight line`. Symmetric:
    one-way streets are not known. No way is slower than one through another place.
    """
    at = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    speed = rules.speed_m_per_min
    metres = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) * DETOUR
    minutes = metres / speed
    if streets is None or not len(streets.ends):
        note = f"No streets are loaded: travel is the straight line times {DETOUR:g}."
        return Travel(minutes, metres, STRAIGHT, (note,))
    snapped = _snap(at, streets)
    by_street = _by_street(streets, snapped, speed)
    joined = np.isfinite(by_street[0])
    minutes, metres = (np.where(joined, found, line) for found, line in zip(by_street, (minutes, metres), strict=True))
    if not joined.all():
        _take_short_cuts(minutes, metres)
    said = names or ["the station", *(f"place {number}" for number in range(1, len(at)))]
    by = STREETS if (joined & ~np.eye(len(at), dtype=np.bool_)).any() else STRAIGHT
    return Travel(minutes, metres, by, tuple(_notes(snapped, joined, said, rules.mode)))


def way(streets: StreetGraph | None, places: Sequence[EastNorth]) -> shapely.LineString:
    """Return the way from each place to the next along streets, for a map; straight where there are none.

    places: EPSG:27700, in order; a loop begins and ends with the station. At least two points are returned, though
    they may be one place.
    """
    at = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    if streets is None or not len(streets.ends) or len(at) < 2:  # noqa: PLR2004 - from somewhere to somewhere
        return shapely.LineString(at if len(at) > 1 else np.repeat(at, 2, axis=0))
    places_m, of = np.unique(at, axis=0, return_inverse=True)
    snapped = _snap(places_m, streets)
    net = _net(streets, snapped, PatrolRules(mode=streets.mode).speed_m_per_min)
    nodes = net.first + np.arange(len(places_m))
    _, before = dijkstra(net.minutes, indices=nodes, return_predecessors=True)
    pieces = [at[:1]]
    for start, end in pairwise(of.ravel()):
        if start != end and before[start, nodes[end]] != _NOWHERE:
            pieces.append(net.at_m[_steps(before[start], int(nodes[end]))])
        pieces.append(places_m[[end]])
    points = np.concatenate(pieces)
    moved = np.append(True, (points[1:] != points[:-1]).any(axis=1))
    return shapely.LineString(points[moved] if moved.sum() > 1 else points[:2])


def _steps(before: NDArray[np.int32], end: int) -> list[int]:
    """Follow a way back from its end; return its nodes in order."""
    nodes = [end]
    while (node := int(before[nodes[-1]])) != _NOWHERE:
        nodes.append(node)
    return nodes[::-1]


def _snap(at: Floats, streets: StreetGraph) -> _Snapped:
    """Put each place on the nearest street of the connected part that most places can use."""
    place, piece = streets.tree.query(shapely.points(at), predicate="dwithin", distance=REACH_M)
    start, step = streets.nodes_m[streets.ends[piece, 0]], streets.length_m[piece]
    course = streets.nodes_m[streets.ends[piece, 1]] - start
    along = np.clip(((at[place] - start) * course).sum(axis=1) / step**2, 0.0, 1.0)
    point = start + along[:, None] * course
    walk_m = np.hypot(*(at[place] - point).T)
    part = streets.component[streets.ends[piece, 0]]
    chosen = np.full(len(at), -1, dtype=np.int64)
    order = np.lexsort((piece, walk_m))
    for _ in range(len(at)):
        open_rows = order[chosen[place[order]] < 0]
        if not len(open_rows):
            break
        # One row for each place and part, the nearest; then the part with most places, the longest of equals.
        pairs, first = np.unique(np.column_stack([part[open_rows], place[open_rows]]), axis=0, return_index=True)
        parts, count = np.unique(pairs[:, 0], return_counts=True)
        best = pairs[:, 0] == parts[np.argmax(count)]
        chosen[pairs[best, 1]] = open_rows[first[best]]
    found = chosen >= 0
    rows = chosen[found]
    snapped = _Snapped(np.full(len(at), -1), np.zeros(len(at)), at.copy(), np.zeros(len(at)))
    snapped.piece[found], snapped.along[found] = piece[rows], along[rows]
    snapped.at_m[found], snapped.walk_m[found] = point[rows], walk_m[rows]
    return snapped


def _net(streets: StreetGraph, snapped: _Snapped, speed: float) -> _Net:
    """Put the places into the graph, each joined to both ends of its piece and to the others on it."""
    n = len(streets.nodes_m)
    pace = 1 / np.where(streets.pushed, min(speed, _ON_FOOT_M_PER_MIN), speed)
    on = np.flatnonzero(snapped.piece >= 0)
    piece = snapped.piece[on]
    left_m = snapped.along[on] * streets.length_m[piece]
    one, other = (side.ravel() for side in np.meshgrid(np.arange(len(on)), np.arange(len(on)), indexing="ij"))
    same = (one < other) & (piece[one] == piece[other])
    one, other = one[same], other[same]
    start = np.concatenate([streets.ends[:, 0], n + on, n + on, n + on[one]])
    end = np.concatenate([streets.ends[:, 1], *streets.ends[piece].T, n + on[other]])
    metres = [left_m, streets.length_m[piece] - left_m, np.abs(left_m[one] - left_m[other])]
    paces = [pace[piece], pace[piece], pace[piece[one]]]
    minutes = np.concatenate([streets.length_m * pace, np.concatenate(metres) * np.concatenate(paces)])
    rows, columns = np.concatenate([start, end]), np.concatenate([end, start])
    nodes = n + len(snapped.piece)
    matrix = csr_array((np.tile(minutes, 2), (rows, columns)), shape=(nodes, nodes))
    return _Net(matrix, n, np.concatenate([streets.nodes_m, snapped.at_m]))


def _by_street(streets: StreetGraph, snapped: _Snapped, speed: float) -> tuple[Floats, Floats]:
    """Return minutes and metres between all places (p, p), infinite where no street joins them, 0 from itself."""
    net = _net(streets, snapped, speed)
    nodes = net.first + np.arange(len(snapped.piece))
    minutes, before = dijkstra(net.minutes, indices=nodes, return_predecessors=True)
    metres = minutes[:, nodes] * speed
    if streets.pushed.any():
        metres = _lengths(net.at_m, before)[:, nodes]
    walk = snapped.walk_m[:, None] + snapped.walk_m[None]
    pace = speed if streets.mode == "foot" else min(speed, _ON_FOOT_M_PER_MIN)
    minutes, metres = minutes[:, nodes] + walk / pace, np.where(np.isfinite(minutes[:, nodes]), metres, np.inf) + walk
    for each in (minutes, metres):
        # Of the two directions the sums differ in the last digits.
        np.minimum(each, each.T, out=each)
        np.fill_diagonal(each, 0.0)
    return minutes, metres


def _lengths(at_m: Floats, before: NDArray[np.int32]) -> Floats:
    """Return the metres of the way to each node (p, n), by jumping twice as far back each time."""
    row = np.arange(len(before))[:, None]
    back = np.where(before == _NOWHERE, np.arange(before.shape[1])[None], before)
    metres: Floats = np.hypot(*(at_m[None] - at_m[back]).transpose(2, 0, 1))
    while (back[row, back] != back).any():
        metres += metres[row, back]
        back = back[row, back]
    return metres


def _take_short_cuts(minutes: Floats, metres: Floats) -> None:
    """Let no pair take longer than through another place (Floyd 1962); changes both arrays."""
    for middle in range(len(minutes)):
        through = minutes[:, [middle]] + minutes[[middle]]
        quicker = through < minutes
        metres[quicker] = (metres[:, [middle]] + metres[[middle]])[quicker]
        minutes[quicker] = through[quicker]


def _notes(snapped: _Snapped, joined: NDArray[np.bool_], names: Sequence[str], mode: str) -> list[str]:
    """Say of which places the streets are not known, and what is not taken into account."""
    said = []
    if mode != "foot":
        said.append("One-way streets and turns that are forbidden are not known to the travel times.")
    if mode == "cycle":
        said.append("A cycle is pushed along footways and paths, at walking pace.")
    if mode == "car":
        said.append("What lies off the street is walked to from the car.")
    off = np.flatnonzero(snapped.piece < 0)
    rest = f"travel there is the straight line times {DETOUR:g}"
    if len(off):
        said.append(f"No street within {REACH_M:g} m of {_listed([names[int(place)] for place in off])}: {rest}.")
    apart = ~joined & (snapped.piece >= 0)[:, None] & (snapped.piece >= 0)[None]
    pairs = [f"{names[int(one)]} and {names[int(other)]}" for one, other in np.argwhere(np.triu(apart))]
    if pairs:
        said.append(f"No way along the streets that are loaded between {_listed(pairs)}: {rest}.")
    return said


def _listed(words: Sequence[str], most: int = 4) -> str:
    shown = list(words[:most])
    return ", ".join(shown) + (f" and {len(words) - most} more" if len(words) > most else "")
