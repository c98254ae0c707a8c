"""Ways on foot to a few places from anywhere: for many questions about the same places."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo_service.patrol.travel import REACH_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints
    from geo_service.model.places import EastNorth
    from geo_service.patrol.streets import StreetGraph

FURTHEST_M: Final = 5_000.0
"""Nobody who needs a place now walks further: about an hour."""
MOST_PLACES: Final = 32
"""Places whose way is looked for at once, the nearest in a straight line."""
_TREES_KEPT: Final = 256
_NOWHERE: Final = -9999
"""What scipy puts before the first node of a way."""


class Route(NamedTuple):
    """Hold the part of a way that goes along streets; to and from them it is straight."""

    coords: Floats
    """(k, 2) corners, EPSG:27700, from the start to the place; k may be 1 where both are at one point of a street."""
    line: Ints
    """(k - 1) number of the line that each piece goes along, among those that the graph was made of."""


class _Foot(NamedTuple):
    """Hold the nearest point of a street."""

    piece: int
    along_m: float
    """From the piece's first end."""
    at_m: Floats
    off_m: float
    """From the street."""


class _Tree(NamedTuple):
    """Hold the ways of all nodes to one place."""

    metres: Floats
    towards: NDArray[np.int32]
    """Next node on the way to the place."""


class Walks:
    """Know the way to some places from anywhere near them; made once, asked often.

    graph: on foot. places: EPSG:27700, nan where a position is not known. Each place is put on the nearest point of a
    street of the greatest connected part that has one within REACH_M, whoever asks on the nearest of the same part.
    Ways are kept once they were looked for (a tree of shortest ways to each place, Dijkstra 1959). It does not change
    when asked, but for what it keeps, and may be asked from several threads.
    """

    def __init__(self, graph: StreetGraph, places: Sequence[EastNorth] | Floats) -> None:
        """Put the places on their streets."""
        self._graph = graph
        self._at_m = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        distinct, of = np.unique(self._at_m, axis=0, return_inverse=True)
        self._of: Ints = of.ravel()
        self._feet = [self._foot(at) for at in distinct]
        self._matrix = self._with_places()
        n = len(graph.nodes_m)
        # Pieces come in the order of their ends.
        self._keys: Ints = graph.ends[:, 0] * n + graph.ends[:, 1]
        self._tree = lru_cache(maxsize=_TREES_KEPT)(self._grown)

    def metres(self, start: EastNorth) -> Floats:
        """Return metres to each place (n): along streets, and straight to them at both ends.

        nan beyond FURTHEST_M, where no street leads there, and for all but the MOST_PLACES nearest in a straight line.
        """
        at = np.asarray(start, dtype=np.float64)
        straight = np.hypot(*(self._at_m - at).T)
        found = np.full(len(self._at_m), np.nan)
        asked = np.flatnonzero(straight <= FURTHEST_M)
        asked = asked[np.argsort(straight[asked], kind="stable")[:MOST_PLACES]]
        starts: dict[int, _Foot | None] = {}
        for number in np.unique(self._of[asked]).tolist():
            way = self._way(at, number, starts)
            if way is not None and way[0] <= FURTHEST_M:
                found[asked[self._of[asked] == number]] = way[0]
        return found

    def route(self, start: EastNorth, place: int) -> Route | None:
        """Return the way to one place, None where no street leads there within FURTHEST_M."""
        number = int(self._of[place])
        way = self._way(np.asarray(start, dtype=np.float64), number, {})
        goal = self._feet[number]
        if way is None or goal is None or way[0] > FURTHEST_M:
            return None
        _, foot, end = way
        nodes = [] if end < 0 else self._nodes(number, end)
        corners = [foot.at_m, *self._graph.nodes_m[nodes], goal.at_m]
        pieces = [foot.piece, *self._between(nodes), goal.piece] if nodes else [foot.piece]
        coords, line = np.array(corners), self._graph.line[pieces]
        moved = (coords[1:] != coords[:-1]).any(axis=1)
        return Route(coords[np.append(True, moved)], line[moved])

    def _way(self, at: Floats, number: int, starts: dict[int, _Foot | None]) -> tuple[float, _Foot, int] | None:
        """Return metres, where the way comes upon a street, and the node it takes first; -1 along one piece alone."""
        goal = self._feet[number]
        if goal is None:
            return None
        part = int(self._graph.component[self._graph.ends[goal.piece, 0]])
        if part not in starts:
            starts[part] = self._foot(at, part)
        foot = starts[part]
        if foot is None:
            return None
        tree = self._tree(number)
        one, other = self._graph.ends[foot.piece].tolist()
        length_m = float(self._graph.length_m[foot.piece])
        ways = [(tree.metres[one] + foot.along_m, one), (tree.metres[other] + length_m - foot.along_m, other)]
        if foot.piece == goal.piece:
            ways.append((abs(foot.along_m - goal.along_m), -1))
        metres, end = min(ways)
        return (float(metres) + foot.off_m + goal.off_m, foot, end) if np.isfinite(metres) else None

    def _foot(self, at: Floats, part: int | None = None) -> _Foot | None:
        """Put a point on the nearest piece of a connected part, by default the greatest within REACH_M."""
        graph = self._graph
        if not np.isfinite(at).all() or not len(graph.ends):
            return None
        pieces = graph.tree.query(shapely.Point(at), predicate="dwithin", distance=REACH_M)
        parts = graph.component[graph.ends[pieces, 0]]
        if not len(pieces) or (part is not None and part not in parts):
            return None
        pieces = np.sort(pieces[parts == (parts.min() if part is None else part)])
        begins, length_m = graph.nodes_m[graph.ends[pieces, 0]], graph.length_m[pieces]
        course = (graph.nodes_m[graph.ends[pieces, 1]] - begins) / length_m[:, None]
        along_m = np.clip(((at - begins) * course).sum(axis=1), 0.0, length_m)
        points = begins + along_m[:, None] * course
        off_m = np.hypot(*(at - points).T)
        best = int(off_m.argmin())
        return _Foot(int(pieces[best]), float(along_m[best]), points[best], float(off_m[best]))

    def _with_places(self) -> csr_array:
        """Return the lengths between nodes, the places put in last; from these ways only begin."""
        graph = self._graph
        n = len(graph.nodes_m)
        one, other = graph.ends.T
        on = [(n + number, foot) for number, foot in enumerate(self._feet) if foot is not None]
        piece = np.array([foot.piece for _, foot in on], dtype=np.int64)
        along_m = np.array([foot.along_m for _, foot in on], dtype=np.float64)
        node = np.array([number for number, _ in on], dtype=np.int64)
        # scipy takes a stored 0 for no edge in some versions: a place at a corner is a hair from it.
        rest = np.maximum(np.concatenate([along_m, graph.length_m[piece] - along_m]), 1e-9)
        rows, columns = np.concatenate([one, other, node, node]), np.concatenate([other, one, *graph.ends[piece].T])
        metres = np.concatenate([graph.length_m, graph.length_m, rest])
        return csr_array((metres, (rows, columns)), shape=(n + len(self._feet), n + len(self._feet)))

    def _grown(self, number: int) -> _Tree:
        """Find the ways to one place."""
        n = len(self._graph.nodes_m)
        metres, before = dijkstra(self._matrix, indices=n + number, limit=FURTHEST_M, return_predecessors=True)
        return _Tree(metres[:n], before[:n])

    def _nodes(self, number: int, end: int) -> list[int]:
        """Return the nodes from one to a place, which itself is none of them."""
        towards, n = self._tree(number).towards, len(self._graph.nodes_m)
        nodes = [end]
        while (node := int(towards[nodes[-1]])) != _NOWHERE and node < n:
            nodes.append(node)
        return nodes

    def _between(self, nodes: Sequence[int]) -> list[int]:
        """Return the pieces from each node to the next."""
        n = len(self._graph.nodes_m)
        low, high = np.minimum(nodes[:-1], nodes[1:]), np.maximum(nodes[:-1], nodes[1:])
        pieces: list[int] = np.searchsorted(self._keys, low.astype(np.int64) * n + high).tolist()
        return pieces
