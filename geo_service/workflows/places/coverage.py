"""Whom the public Safe Places reach on foot, and where many are out at night and no place is open near; staff only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import overlay, spatial
from geo_service.errors import InputError, NotFoundError
from geo_service.model.access import PLANNERS, Audience
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.safe_places.opening import LONDON, opening
from geo_service.safe_places.reach import MINUTES, beyond, shares_within, straight_m
from geo_service.workflows import releases

if TYPE_CHECKING:
    from geo_service.model.boundaries import Area, BoundarySet
    from geo_service.model.cells import Floats
    from geo_service.model.denominators import Denominator
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

FOOTFALL: Final = "footfall"
"""How the id of a denominator begins that counts people who are out in the evening."""
_PEOPLE: Final = ("residents", "population", "people")
_MOST_GAPS: Final = 20
_GAP_MINUTES: Final = 10
_DUSK, _DAWN = 18, 6
_FRIDAY, _AT = 4, dt.time(22)
_RESOLUTION: Final = 10
STYLE: Final = LayerStyle(shape="area", colour="#00703c")
GAP_STYLE: Final = LayerStyle(shape="area", colour="#d4351c", letter="G")
_SCHEMA: Final = {
    "id": pl.String(), "kind": pl.String(), "name": pl.String(), "share_5": pl.Float64(), "share_10": pl.Float64(),
    "share_15": pl.Float64(), "people": pl.Float64(), "people_5": pl.Float64(), "people_10": pl.Float64(),
    "people_15": pl.Float64(), "night": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coverage:
    """Say whom the public places reach."""

    area: str
    places: int
    """Located places."""
    at_night: int
    """Those of them that are open on Friday at 22:00."""
    shares: tuple[float, float, float]
    """Share of the ground within 5, 10, 15 minutes' walk."""
    people: tuple[float, float, float, float] | None
    """People within 5, 10, 15 minutes, and all; None where no number of people is loaded."""
    people_title: str
    members: FeatureTable
    """`share_5` … and `people_5` … of each member."""
    gaps: FeatureTable
    """Where many are out at night and no open place is within ten minutes, the most first; `night` says how many."""
    notes: tuple[str, ...]

    @property
    def sentences(self) -> list[str]:
        """Say it in words."""
        of = [f"{share:.0%}" for share in self.shares]
        said = [
            (
                f"Within 5, 10 and 15 minutes' walk of a public place: {of[0]}, {of[1]} and {of[2]} of the ground of "
                f"{self.area}."
            )
        ]
        if self.people is not None:
            near = [f"{count:,.0f}" for count in self.people]
            said.append(f"{self.people_title}: {near[0]}, {near[1]} and {near[2]} of {near[3]}.")
        said.append(f"{self.places} public places have a position, {self.at_night} of them open on Friday at 22:00.")
        return said

    @property
    def table(self) -> FeatureTable:
        """Return members and gaps as one table, for a file."""
        rows = pl.concat([self.members.rows, self.gaps.rows])
        return _table(
            "safe-place-coverage", "Coverage of the Safe Places", rows, [*self.members.geometry, *self.gaps.geometry],
            self.members.provenance, self.notes,
        )  # fmt: skip

    @property
    def facts(self) -> dict[str, object]:
        """Return the same for a program."""
        return {
            "area": self.area, "places": self.places, "open_friday_22": self.at_night,
            "share_5_10_15": [round(share, 4) for share in self.shares],
            "people_5_10_15_all": None if self.people is None else [round(count) for count in self.people],
            "members": self.members.rows.to_dicts(), "gaps": self.gaps.rows.to_dicts(), "notes": list(self.notes),
        }  # fmt: skip


def coverage(services: Services, boundary: str = "") -> Coverage:
    """Measure an area, or all that is loaded; incidents are counted only for whoever may see them.

    Raises NotFoundError where nothing was published or the area is unknown, InputError without boundaries.
    """
    snapshot = services.store.snapshot()
    found = _area(services, snapshot, boundary)
    member_set, at = (found.boundary_set, list(found.members)) if found else _all_of(snapshot)
    outlines = member_set.geometry[at]
    lonlat, at_night = _places(services)
    shares, ground_m2 = shares_within(outlines, lonlat), _ground_m2(outlines)
    counted = _people(snapshot, member_set)
    people = None if counted is None else _numbers(counted, member_set, at)
    rows = _rows(member_set, at, shares, people)
    whole = shapely.union_all(outlines)
    gaps, gap_notes = _gaps(services, snapshot, whole, lonlat[at_night])
    told = Provenance(snapshot.version, _today(services), demonstration=services.demonstration)
    notes = (
        (
            f"Straight lines of {straight_m(5):.0f}, {straight_m(10):.0f} and {straight_m(15):.0f} metres stand for "
            "5, 10 and 15 minutes on foot: ways are taken to be 1.3 times as long."
        ),
        *(
            []
            if counted is None
            else [f"{counted.title} of each area are spread evenly over its ground. {counted.licence}."]
        ),
        *gap_notes,
    )
    return Coverage(
        found.name if found else member_set.title,
        len(lonlat),
        int(at_night.sum()),
        _three(ground_m2 @ shares / ground_m2.sum()),
        None if people is None else (*_three(people @ shares), float(people.sum())),
        "" if counted is None else counted.title,
        _table("coverage", "Within a walk of a Safe Place", rows, list(outlines), told, notes),
        _table("gaps", "Busy at night, no open place within ten minutes", gaps[0], gaps[1], told, notes, GAP_STYLE),
        notes,
    )


def _today(services: Services) -> str:
    return services.today().isoformat()


def _area(services: Services, snapshot: Snapshot, boundary: str) -> Area | None:
    if not boundary.strip():
        return None
    return snapshot.area(boundary.strip(), boundary_set=None, on=services.today())


def _all_of(snapshot: Snapshot) -> tuple[BoundarySet, list[int]]:
    """Return the set that numbers of people are given for, else the first, and all of its members."""
    sets = snapshot.boundary_sets()
    if not sets:
        raise InputError(
            "No boundaries are loaded", do="Import some: `geo-service import boundaries FILE`", field="boundary"
        )
    wanted = [held.boundary_set for held in snapshot.denominators().values() if held.boundary_set in sets]
    chosen = sets[wanted[0] if wanted else next(iter(sets))]
    return chosen, list(range(len(chosen)))


def _places(services: Services) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return (p, 2) degrees of the places that the public site shows, and which are open on Friday at 22:00."""
    try:
        table = services.releases.current().places
    except NotFoundError:
        try:
            table, _ = releases.candidates(services, show_unverified=True)
        except InputError:
            return np.empty((0, 2)), np.zeros(0, dtype=np.bool_)
    night = _friday(services.today())
    rows = [
        (shape.x, shape.y, opening(hours, night).state == "open")
        for shape, hours in zip(table.geometry, table.rows["opening_hours"].to_list(), strict=True)
        if shape is not None
    ]
    lonlat = np.array([row[:2] for row in rows], dtype=np.float64).reshape(-1, 2)
    return lonlat, np.array([row[2] for row in rows], dtype=np.bool_)


def _friday(today: dt.date) -> dt.datetime:
    return dt.datetime.combine(today + dt.timedelta(days=(_FRIDAY - today.weekday()) % 7), _AT, LONDON)


def _people(snapshot: Snapshot, members: BoundarySet) -> Denominator | None:
    of_set = {key: held for key, held in snapshot.denominators().items() if held.boundary_set == members.id}
    named = [held for key, held in of_set.items() if key.startswith(_PEOPLE)]
    return named[0] if named else next((held for key, held in of_set.items() if not key.startswith(FOOTFALL)), None)


def _numbers(counted: Denominator, members: BoundarySet, at: list[int]) -> Floats:
    by_code = dict(zip(counted.codes, counted.values.tolist(), strict=True))
    return np.array([by_code.get(members.codes[place], 0.0) for place in at], dtype=np.float64)


def _ground_m2(outlines: np.ndarray[tuple[int], np.dtype[np.object_]]) -> Floats:
    return np.asarray(shapely.area(spatial.project_geometry(outlines, to="grid")), dtype=np.float64)


def _three(values: Floats) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third


def _rows(members: BoundarySet, at: list[int], shares: Floats, people: Floats | None) -> pl.DataFrame:
    columns: dict[str, object] = {
        "id": [members.codes[place] for place in at],
        "kind": ["area"] * len(at),
        "name": [members.names[place] for place in at],
    }
    for position, minutes in enumerate(MINUTES):
        columns[f"share_{minutes}"] = shares[:, position].round(4)
        if people is not None:
            columns[f"people_{minutes}"] = (people * shares[:, position]).round(0)
    if people is not None:
        columns["people"] = people
    frame = pl.DataFrame(columns)
    missing = [pl.lit(None).alias(name) for name in _SCHEMA if name not in frame.columns]
    return frame.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())


def _gaps(
    services: Services, snapshot: Snapshot, whole: shapely.Geometry, open_at: Floats
) -> tuple[tuple[pl.DataFrame, list[shapely.Geometry]], list[str]]:
    """Return where no open place is near, and what must be said of it; coordinators see footfall, no incidents."""
    footfall = next((held for key, held in snapshot.denominators().items() if key.startswith(FOOTFALL)), None)
    if footfall is not None and footfall.boundary_set in snapshot.boundary_sets():
        members = snapshot.boundary_sets()[footfall.boundary_set]
        at = np.flatnonzero(overlay.meeting(members.geometry, whole)).tolist()
        inside = shapely.point_on_surface(members.geometry[at])
        points = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
        numbers = _numbers(footfall, members, at)
        names, shapes = [members.names[place] for place in at], list(members.geometry[at])
        return _most(names, shapes, points, numbers, open_at), [f"Gaps: {footfall.title}. {footfall.licence}."]
    if not services.principal.may(PLANNERS):
        return _most([], [], np.empty((0, 2)), np.empty(0), open_at), [
            "Gaps are found by evening footfall: none is loaded (`geo-service import denominator FILE --id footfall`)."
        ]
    return _by_incidents(snapshot, whole, open_at)


def _by_incidents(
    snapshot: Snapshot, whole: shapely.Geometry, open_at: Floats
) -> tuple[tuple[pl.DataFrame, list[shapely.Geometry]], list[str]]:
    months = snapshot.months()
    column = f"cell_{_RESOLUTION}"
    if not months:
        return _most([], [], np.empty((0, 2)), np.empty(0), open_at), ["Gaps: no incidents are loaded."]
    frame = snapshot.incidents(["month", "committed_from", column]).filter(
        (pl.col("month") > months[-1].ordinal - 12) & (pl.col(column) != 0)
    )
    hour = pl.col("committed_from").dt.hour()
    night = frame.filter((hour >= _DUSK) | (hour < _DAWN))
    note = f"Gaps: incidents from {_DUSK}:00 to 0{_DAWN}:00 in the 12 months to {months[-1]}, in cells of 1.4 ha."
    if night.is_empty():
        night, note = frame, f"Gaps: incidents of the 12 months to {months[-1]} at all hours: the data has no hour."
    counted = night.group_by(column).len().sort(["len", column], descending=[True, False])
    cells = counted[column].to_numpy()
    lon, lat = spatial.cell_centres(cells)
    inside = shapely.contains_xy(whole, lon, lat)
    points = np.column_stack([lon, lat])[inside]
    east_m, north_m = spatial.to_grid(points[:, 0], points[:, 1])
    names = [spatial.grid_reference(*at) for at in zip(east_m.tolist(), north_m.tolist(), strict=True)]
    shapes = spatial.cell_polygons(cells[inside])
    return _most(names, list(shapes), points, counted["len"].to_numpy()[inside].astype(float), open_at), [note]


def _most(
    names: list[str], shapes: list[shapely.Geometry], points: Floats, numbers: Floats, open_at: Floats
) -> tuple[pl.DataFrame, list[shapely.Geometry]]:
    """Return the busiest that are further than ten minutes from a place that is open at night."""
    order = np.argsort(-numbers, kind="stable")
    far = beyond(points, open_at, _GAP_MINUTES) if len(points) else np.zeros(0, dtype=np.bool_)
    kept = [int(place) for place in order if far[place] and numbers[place] > 0][:_MOST_GAPS]
    frame = pl.DataFrame(
        {
            "id": [f"gap-{number}" for number in range(1, len(kept) + 1)],
            "kind": ["gap"] * len(kept),
            "name": [names[place] for place in kept],
            "night": [float(numbers[place]) for place in kept],
        },
        schema_overrides={"id": pl.String, "kind": pl.String, "name": pl.String, "night": pl.Float64},
    )
    missing = [pl.lit(None).alias(name) for name in _SCHEMA if name not in frame.columns]
    whole = frame.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
    return whole, [shapes[place] for place in kept]


def _table(  # noqa: PLR0913, PLR0917 - the parts of a table
    table_id: str,
    title: str,
    rows: pl.DataFrame,
    shapes: list[shapely.Geometry],
    told: Provenance,
    notes: tuple[str, ...],
    style: LayerStyle = STYLE,
) -> FeatureTable:
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return FeatureTable(table_id, title, rows, geometry, told, notes=notes, audience=Audience.FORCE, style=style)
