"""Which Safe Places are near somebody, nearest first: how far, whether open, and what to say where none is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats, Ints
    from geo_service.safe_places.finding import Origin
    from geo_service.safe_places.opening import Opening

DETOUR: Final = 1.3
"""What a straight line is multiplied by where the way along streets is not known: a convention."""
NEAR_MINUTES: Final = 15
"""If nothing is open within this walk, the page says so first."""


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """Hold what is asked of every place, one entry for each row of the table; made once for a release."""

    lon_lat: Floats
    """(n, 2) degrees, nan where the position is not known."""
    hours: tuple[tuple[str, ...], ...]
    """Opening hours of the place, then of the buildings it is in; an empty text is not known."""
    phone: tuple[bool, ...]
    """Whether there is a number to ring."""
    step_free: NDArray[np.bool_]
    """True only where it is known to be so; as is `toilet`."""
    toilet: NDArray[np.bool_]


class Wanted(NamedTuple):
    """Hold what somebody asks for; what is not known of a place is never taken for yes."""

    open_now: bool = False
    step_free: bool = False
    late: bool = False
    """Open at some moment after 21:00 today or in the night that follows; in the small hours: in what is left."""
    toilet: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Hold the answer; all arrays but `order` and `all_night` have one entry for each row of the table."""

    order: Ints
    """Rows of the places that are wanted, nearest first; those without a position last."""
    openings: tuple[Opening, ...]
    metres: Floats
    """To walk; nan where the place's position is not known, or where nobody said where they are."""
    by_street: NDArray[np.bool_]
    """Whether the metres follow streets; where not they are DETOUR times the straight line: say "about"."""
    minutes: Ints
    """To walk, rounded up; -1 where the metres are nan."""
    nothing_open_near: bool
    """Whether no place at all is known to be open within NEAR_MINUTES of walking (filters aside)."""
    all_night: Ints
    """Rows of the places that are open day and night, nearest first (filters aside)."""


def read_directory(rows: pl.DataFrame, geometry: Geometries) -> Directory:
    """Read what is asked of every place.

    rows: Safe Places; `within` (id of another place) and `building_hours` are read where there are such columns.
    geometry: a point or None for each, EPSG:4326.
    """
    raise NotImplementedError


def near(
    directory: Directory,
    origin: Origin | None,
    now: dt.datetime,
    wanted: Wanted = Wanted(),  # noqa: B008 - a frozen tuple
    *,
    street_metres: Floats | None = None,
) -> Near:
    """Put the places in order for somebody, nearest first.

    origin: None leaves the rows as they are, those open first. now: with its zone. street_metres: metres along streets
    to each place (n), nan where not known, of whoever has a graph of them.
    """
    raise NotImplementedError


def straight_metres(lon_lat: Floats, at: tuple[float, float]) -> Floats:
    """Measure metres over the ground in a straight line from one position to others (n, 2), degrees WGS84."""
    raise NotImplementedError
