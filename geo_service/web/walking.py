"""Ways on foot to the places of a release, made beside the requests: until they are, distances are estimates."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from geo_service import spatial
from geo_service.model.places import EastNorth
from geo_service.patrol.streets import street_graph
from geo_service.patrol.walks import Walks
from geo_service.safe_places.directions import directions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cells import Floats
    from geo_service.model.language import Language
    from geo_service.model.release import PublicRelease, Ways
    from geo_service.patrol.streets import StreetGraph


class Walking:
    """Know the ways to the places of one release; `ready` is set once they are made."""

    def __init__(self, release: PublicRelease, lon_lat: Floats, former: Sequence[Walking] = ()) -> None:
        """Begin to make them, without waiting.

        lon_lat: (n, 2) of each place, degrees, nan where it is not known. former: those of other releases; of one
        with the same streets the graph is taken over, and with the same places the ways too: they are ready at once.
        """
        self.ready = threading.Event()
        self._ways = release.ways
        self._walks: Walks | None = None
        self._graph: StreetGraph | None = None
        located = np.isfinite(lon_lat).all(axis=1)
        self._at_m = np.full(lon_lat.shape, np.nan)
        self._at_m[located] = np.column_stack(spatial.to_grid(*lon_lat[located].T))
        for other in former:
            if other._ways is self._ways:  # noqa: SLF001 - one of its own kind
                self._graph = other._graph  # noqa: SLF001
                if np.array_equal(other._at_m, self._at_m, equal_nan=True):  # noqa: SLF001
                    self._walks = other._walks  # noqa: SLF001
        if self._walks is not None or self._ways is None or not len(self._ways.lines) or not located.any():
            self.ready.set()
        else:
            threading.Thread(target=self._make, args=(self._ways,), daemon=True).start()

    def metres(self, lon_lat: tuple[float, float]) -> Floats | None:
        """Return metres on foot from a position to each place (n), nan where not known; None without streets."""
        return None if self._walks is None else self._walks.metres(_on_grid(lon_lat))

    def steps(
        self, lon_lat: tuple[float, float], place: int, language: Language, *, exact: bool = True
    ) -> tuple[str, ...]:
        """Say the way from a position to a place (its row) in sentences; empty where none is known.

        exact: whether the place's position is, so that it can be said on which side it is.
        """
        route = None if self._walks is None else self._walks.route(_on_grid(lon_lat), place)
        if route is None or self._ways is None:
            return ()
        names = [self._ways.names[line] for line in route.line]
        classes = [self._ways.classes[line] for line in route.line]
        east_m, north_m = self._at_m[place]
        goal = (float(east_m), float(north_m)) if exact else None
        return directions(route.coords, names, classes, goal=goal, language=language)

    def _make(self, ways: Ways) -> None:
        try:
            if self._graph is None:
                self._graph = street_graph(ways.lines, ways.classes, "foot")
            walks = Walks(self._graph, self._at_m)
            for at in self._at_m[np.isfinite(self._at_m).all(axis=1)]:
                walks.metres(EastNorth(float(at[0]), float(at[1])))  # looks for the ways around it, which are kept
            self._walks = walks
        finally:
            self.ready.set()


def _on_grid(lon_lat: tuple[float, float]) -> EastNorth:
    east_m, north_m = spatial.to_grid(np.array([lon_lat[0]]), np.array([lon_lat[1]]))
    return EastNorth(float(east_m[0]), float(north_m[0]))
