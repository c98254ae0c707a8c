"""Whom the public Safe Places reach on foot, and where many are out at night and no place is open near; staff only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.errors import InputError, NotFoundError
from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.safe_places.nearness import read_directory
from geo_service.safe_places.opening import LONDON, openings
from geo_service.safe_places.reach import MINUTES, shares_within, straight_m
from geo_service.workflows.places.gaps import FOOTFALL, find_gaps, numbers_of, with_all_columns
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from geo_service.model.boundaries import Area, BoundarySet
    from geo_service.model.cells import Floats
    from geo_service.model.denominators import Denominator
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

_PEOPLE: Final = ("residents", "population", "people")
_FRIDAY, _AT = 4, dt.time(22)
STYLE: Final = LayerStyle(shape="area", colour="#00703c")
GAP_STYLE: Final = LayerStyle(shape="area", colour="#d4351c", letter="G")


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
    people = None if counted is None else numbers_of(counted, member_set, at)
    rows = _rows(member_set, at, shares, people)
    whole = shapely.union_all(outlines)
    gaps, gap_notes = find_gaps(services, snapshot, whole, lonlat[at_night])
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
    known = read_directory(table.rows, table.geometry)
    said = openings(known.hours, _friday(services.today()), known.phone)
    rows = [
        (shape.x, shape.y, found.state == "open")
        for shape, found in zip(table.geometry, said, strict=True)
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
    return with_all_columns(frame)


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
