"""Ways on foot to a few places from anywhere: for many questions about the same places."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cells import Floats, Ints
    from geo_service.model.places import EastNorth
    from geo_service.patrol.streets import StreetGraph


class Route(NamedTuple):
    """Hold a way."""

    coords: Floats
    """(k, 2) corners, EPSG:27700, from the start to the place."""
    line: Ints
    """(k - 1) number of the line that each piece goes along, -1 across country."""


class Walks:
    """Know the way to some places from anywhere near them; made once, asked often.

    graph: on foot. places: EPSG:27700, nan where a position is not known.
    """

    def __init__(self, graph: StreetGraph, places: Sequence[EastNorth]) -> None:
        raise NotImplementedError

    def metres(self, start: EastNorth) -> Floats:
        """Return metres along streets to each place (n), nan where no street within REACH_M leads there."""
        raise NotImplementedError

    def route(self, start: EastNorth, place: int) -> Route | None:
        """Return the way to one place, None where no street leads there."""
        raise NotImplementedError
