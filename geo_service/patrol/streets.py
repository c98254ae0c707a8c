"""Streets as a graph that somebody walks, rides or drives along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo_service.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats, Ints
    from geo_service.model.patrol import Mode
    from geo_service.model.places import EastNorth

WINDOW_M: Final = 2_000.0
"""Around the places: streets further away lie on no way between them that is worth going."""
NO_STREETS: Final = frozenset(
    {
        "railway",
        "light_rail",
        "tram",
        "river",
        "canal",
        "stream",
        "raceway",
        "busway",
        "proposed",
        "construction",
        "platform",
    }
)
"""Classes of lines that nobody goes along."""
_MOTORWAYS: Final = frozenset({"motorway", "motorway_link"})
_STEPS: Final = "steps"
ROADS: Final = frozenset(
    {
        *_MOTORWAYS, "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary",
        "tertiary_link", "unclassified", "residential", "living_street", "service", "road",
    }
)  # fmt: skip
"""Classes that a car uses."""
PUSHED: Final = frozenset({"footway", "pedestrian", "path"})
"""Classes on which a cycle is pushed: riding on a footway is an offence (Highway Act 1835, section 72)."""
_CENTIMETRES: Final = 100.0


@dataclass(frozen=True, slots=True)
class StreetGraph:
    """Hold the pieces of street between one vertex and the next; one-way streets are passed in both directions."""

    mode: Mode
    nodes_m: Floats
    """(n, 2), EPSG:27700."""
    ends: Ints
    """(e, 2) nodes of each piece, none twice."""
    length_m: Floats
    """(e)."""
    pushed: NDArray[np.bool_]
    """(e) whether a cycle is pushed there at walking pace; all False on foot and by car."""
    line: Ints
    """(e) number of the line that each piece is of, among those that the graph was made of."""
    component: NDArray[np.int32]
    """(n) number of the connected part of each node; 0 has the greatest length."""
    tree: shapely.STRtree
    """Of the pieces, to find those near a place."""

    def lengths(self) -> csr_array:
        """Return the lengths in metres as a symmetric sparse matrix (n, n)."""
        one, other = self.ends.T
        rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
        n = len(self.nodes_m)
        return coo_array((np.tile(self.length_m, 2), (rows, columns)), shape=(n, n)).tocsr()


def allowed(classes: Sequence[str], mode: Mode) -> NDArray[np.bool_]:
    """Say which classes of lines a mode may use (n).

    On foot everything but motorways; by cycle neither these nor steps; by car roads only.
    """
    kinds, of = np.unique(np.asarray(classes, dtype=str), return_inverse=True)
    may = {
        "foot": lambda kind: kind not in NO_STREETS | _MOTORWAYS,
        "cycle": lambda kind: kind not in NO_STREETS | _MOTORWAYS and kind != _STEPS,
        "car": ROADS.__contains__,
    }[mode]
    return np.array([may(str(kind)) for kind in kinds], dtype=np.bool_)[of] if len(kinds) else np.zeros(0, np.bool_)


def near_places(lines_m: Geometries, places: Sequence[EastNorth], margin_m: float = WINDOW_M) -> NDArray[np.bool_]:
    """Say which lines reach into the window around some places (n); a graph of these is enough to go between them.

    lines_m: EPSG:27700. The window is the box of the places and `margin_m` on every side.
    """
    at = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    if not len(at):
        return np.zeros(len(lines_m), dtype=np.bool_)
    west, south, east, north = shapely.bounds(lines_m).reshape(-1, 4).T
    (x0, y0), (x1, y1) = at.min(axis=0) - margin_m, at.max(axis=0) + margin_m
    inside: NDArray[np.bool_] = (west <= x1) & (east >= x0) & (south <= y1) & (north >= y0)
    return inside


def street_graph(lines_m: Geometries, classes: Sequence[str], mode: Mode) -> StreetGraph:
    """Make the graph of the lines that a mode may use.

    lines_m: LineStrings and MultiLineStrings, EPSG:27700; anything else and None is passed over. classes: of each line,
    as OpenStreetMap writes them. Lines are joined where they share a vertex, to the centimetre: OpenStreetMap's do at
    every junction, those of OS OpenMap Local end there; lines that merely cross, as at a bridge, are not. Raises
    FaultError where there are more or fewer classes than lines.
    """
    shapes = np.asarray(lines_m, dtype=object)
    if len(shapes) != len(classes):
        raise FaultError("Each street has one class", found=f"{len(shapes)} streets, {len(classes)} classes")
    kept = np.flatnonzero(allowed(classes, mode) & np.isin(shapely.get_type_id(shapes), (1, 5)))
    parts, line = shapely.get_parts(shapes[kept], return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    nodes_m, node = _joined(points)
    start = np.flatnonzero(part[1:] == part[:-1])
    pushes = np.isin(np.asarray(classes, dtype=str)[kept], list(PUSHED)) & (mode == "cycle")
    of = line[part[start]]
    ends, first = _pieces(node, start, pushes[of])
    length_m = np.hypot(*(nodes_m[ends[:, 1]] - nodes_m[ends[:, 0]]).T)
    tree = shapely.STRtree(shapely.linestrings(nodes_m[ends]))
    component = _components(len(nodes_m), ends, length_m)
    return StreetGraph(mode, nodes_m, ends, length_m, pushes[of[first]], kept[of[first]], component, tree)


def _joined(points: Floats) -> tuple[Floats, Ints]:
    """Return the distinct points (n, 2) and the number of the point that each is."""
    whole = np.round(points * _CENTIMETRES).astype(np.int64)
    order = np.lexsort(whole.T)
    new = np.ones(len(points), dtype=np.int64)
    new[1:] = (whole[order[1:]] != whole[order[:-1]]).any(axis=1)
    node = np.empty(len(points), dtype=np.int64)
    node[order] = np.cumsum(new) - 1
    return points[order[new.astype(bool)]], node


def _pieces(node: Ints, start: Ints, pushes: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the ends of each piece and where it starts in `start`; of two between the same nodes the one ridden."""
    ends = np.sort(np.column_stack([node[start], node[start + 1]]), axis=1)
    order = np.lexsort((pushes, ends[:, 1], ends[:, 0]))
    order = order[ends[order, 0] != ends[order, 1]]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (ends[order[1:]] != ends[order[:-1]]).any(axis=1)
    return ends[order[first]], order[first]


def _components(nodes: int, ends: Ints, length_m: Floats) -> NDArray[np.int32]:
    if not nodes:
        return np.zeros(0, dtype=np.int32)
    graph = coo_array((np.ones(len(ends), dtype=np.int8), tuple(ends.T)), shape=(nodes, nodes)).tocsr()
    count, label = connected_components(graph, directed=False)
    metres = np.bincount(label[ends[:, 0]], weights=length_m, minlength=count)
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(-metres, kind="stable")] = np.arange(count, dtype=np.int32)
    found: NDArray[np.int32] = rank[label]
    return found
