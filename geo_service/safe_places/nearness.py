"""Which Safe Places are near somebody, nearest first: how far, whether open, and what to say where none is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from geo_service import spatial
from geo_service.model.language import ENGLISH
from geo_service.safe_places.opening import LONDON, open_between, openings
from geo_service.safe_places.timelines import timeline
from geo_service.safe_places.words import METRES_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats, Ints
    from geo_service.model.language import Language
    from geo_service.safe_places.finding import Origin
    from geo_service.safe_places.opening import Opening

DETOUR: Final = 1.3
"""What a straight line is multiplied by where the way along streets is not known: a convention."""
NEAR_MINUTES: Final = 15
"""If nothing is open within this walk, the page says so first."""
LATE: Final = dt.time(21)
"""From when on a place is open late, until NIGHT_ENDS of the day after."""
NIGHT_ENDS: Final = dt.time(4)
_OPEN, _UNKNOWN, _CLOSED = range(3)
_RANK: Final = {"open": _OPEN, "unknown": _UNKNOWN, "closed": _CLOSED}


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
    """Known to be open at some moment between LATE today, or now where that is later, and NIGHT_ENDS.

    In the small hours it is what is left of the night that is meant."""
    toilet: bool = False


ANY: Final = Wanted()


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
    """Whether no place at all is known to be open within NEAR_MINUTES of walking (filters aside).

    False where nobody said where they are."""
    all_night: Ints
    """Rows of the places that are open day and night, nearest first (filters aside)."""


def read_directory(rows: pl.DataFrame, geometry: Geometries) -> Directory:
    """Read what is asked of every place.

    rows: Safe Places; `within` (id of another place) and `building_hours` are read where there are such columns. A
    building that is not among the rows, or one that is within itself, has hours that nobody knows.
    geometry: a point or None for each, EPSG:4326.
    """
    shapes = np.asarray(geometry, dtype=object)
    points = shapes.copy()
    points[(shapely.get_type_id(shapes) != 0) | shapely.is_empty(shapes)] = None
    listed = list(rows.iter_rows(named=True))
    records = {_text(row, "id"): row for row in listed}
    nothing = np.zeros(rows.height, dtype=np.bool_)

    def known(name: str) -> NDArray[np.bool_]:
        return rows[name].fill_null(value=False).to_numpy().astype(np.bool_) if name in rows.columns else nothing

    return Directory(
        lon_lat=np.column_stack([shapely.get_x(points), shapely.get_y(points)]).astype(np.float64).reshape(-1, 2),
        hours=tuple(_hours(row, records) for row in listed),
        phone=tuple(bool(_text(row, "phone")) for row in listed),
        step_free=known("step_free"),
        toilet=known("toilet"),
    )


def near(  # noqa: PLR0913 - each is something that somebody said or chose
    directory: Directory,
    origin: Origin | None,
    now: dt.datetime,
    wanted: Wanted = ANY,
    *,
    street_metres: Floats | None = None,
    language: Language = ENGLISH,
) -> Near:
    """Put the places in order for somebody, nearest first.

    origin: None keeps the order of the rows, those open first. now: with its zone. street_metres: metres along streets
    to each place (n), nan where not known, of whoever has a graph of them. language: of the words of `openings`.
    """
    said = openings(directory.hours, now, directory.phone, language)
    rank = np.array([_RANK[each.state] for each in said], dtype=np.int64)
    metres = np.full(len(rank), np.nan)
    by_street = np.zeros(len(rank), dtype=np.bool_)
    if origin is not None:
        metres = straight_metres(directory.lon_lat, origin.lon_lat) * DETOUR
        if street_metres is not None:
            by_street = np.isfinite(street_metres) & np.isfinite(metres)
            metres = np.where(by_street, street_metres, metres)
    minutes = walk_minutes(metres)
    order = np.argsort(np.where(np.isfinite(metres), metres, np.inf) if origin else rank, kind="stable")
    today = now.astimezone(LONDON).date()
    always = np.array([timeline(hours, today).always for hours in directory.hours], dtype=np.bool_)
    close_by = (minutes >= 0) & (minutes <= NEAR_MINUTES)
    return Near(
        order=order[_wanted(directory, rank == _OPEN, now, wanted)[order]],
        openings=said,
        metres=metres,
        by_street=by_street,
        minutes=minutes,
        nothing_open_near=origin is not None and not (close_by & (rank == _OPEN)).any(),
        all_night=order[always[order]],
    )


def straight_metres(lon_lat: Floats, at: tuple[float, float]) -> Floats:
    """Measure metres over the ground in a straight line from one position to others (n, 2), degrees WGS84.

    Geodesics of the WGS 84 ellipsoid (Karney 2013); nan where a position is.
    """
    return spatial.metres_between(lon_lat[:, 0], lon_lat[:, 1], at[0], at[1])


def walk_minutes(metres: Floats) -> Ints:
    """Return whole minutes on foot, rounded up as in `words.walk_words`, 1 at least; -1 where the metres are nan."""
    known = np.isfinite(metres)
    whole = np.maximum(1, np.ceil(np.where(known, metres, 0.0) / METRES_PER_MINUTE))
    return np.where(known, whole, -1).astype(np.int64)


def _wanted(directory: Directory, is_open: NDArray[np.bool_], now: dt.datetime, wanted: Wanted) -> NDArray[np.bool_]:
    kept = np.ones(len(is_open), dtype=np.bool_)
    if wanted.open_now:
        kept &= is_open
    if wanted.step_free:
        kept &= directory.step_free
    if wanted.toilet:
        kept &= directory.toilet
    if wanted.late:
        start, end = _night(now)
        kept &= [open_between(hours, start, end) for hours in directory.hours]
    return kept


def _night(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Return the night that is meant by late: the one that it is, else the one to come."""
    here = now.astimezone(LONDON)
    if here.time() < NIGHT_ENDS:
        return here, dt.datetime.combine(here.date(), NIGHT_ENDS, LONDON)
    begins = dt.datetime.combine(here.date(), LATE, LONDON)
    return max(here, begins), dt.datetime.combine(here.date() + dt.timedelta(days=1), NIGHT_ENDS, LONDON)


def _hours(row: Mapping[str, object], records: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    """Return the hours of a place and of each building around it."""
    texts = [_text(row, "opening_hours")]
    seen = {_text(row, "id")}
    while True:
        if stated := _text(row, "building_hours"):
            texts.append(stated)
        building = _text(row, "within")
        if not building:
            return tuple(texts)
        if building in seen or building not in records:
            return (*texts, "")
        seen.add(building)
        row = records[building]
        texts.append(_text(row, "opening_hours"))


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()
