"""Build the whole demonstration from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.demonstration import ground, incidents, names, places
from geo_service.model.boundaries import BoundarySet, Geometries, PolicingArea
from geo_service.model.periods import Month, Period
from geo_service.spatial.projection import project_geometry

if TYPE_CHECKING:
    from geo_service.demonstration.curves import Shapes
    from geo_service.demonstration.places import Mapped

MONTHS: Final = 24
LAST_MONTH: Final = Month.parse("2026-10")
"""Fixed, so that the demonstration does not change with the calendar."""
WARD_SET: Final = "demonstration-wards"
LICENCE: Final = "Invented demonstration data, MIT licence."


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Hold an invented borough and two years of its incidents."""

    seed: int
    period: Period
    wards: BoundarySet
    """Nine wards that tile the borough, EPSG:4326."""
    teams: tuple[PolicingArea, ...]
    """Three neighbourhood teams as lists of wards."""
    team_rows: pl.DataFrame
    team_geometry: Geometries
    """The teams' areas, EPSG:4326."""
    ground: Mapped
    """Streets, water, parks, landmarks: `id`, `kind`, `name`, `class`; metres, EPSG:27700."""
    cctv: Mapped
    cctv_redeployable: Mapped
    pspos: Mapped
    safe_places: Mapped
    postcodes: pl.DataFrame
    """Columns of Code-Point Open, all strings."""
    incidents: pl.DataFrame
    """The force export (`incidents.COLUMNS`), all strings, in the order of recording."""
    bad_rows: pl.DataFrame
    """`line` of the CSV (header: line 1), `crime_number`, `defect`: counts by kind are `traps.BAD_ROWS`."""


def build(seed: int, offences: pl.DataFrame, last_month: Month = LAST_MONTH) -> Demonstration:
    """Build the borough of a seed: the same seed and offences give the same borough, byte for byte.

    offences: `offence_code` and `offence`, for example the rows of a harm table; no other pair occurs in the
    incidents. last_month: last of the 24 months. Raises InputError when there are no offences.
    """
    rng = np.random.default_rng(seed)
    period = Period(last_month - (MONTHS - 1), last_month)
    made = ground.make(rng)
    export, bad = incidents.draw(made, offences, period, rng)
    codes = places.postcodes(made)
    last_day = last_month.last_day
    teams = tuple(PolicingArea(code, name, members) for code, name, members in names.TEAMS)
    return Demonstration(
        seed=seed,
        period=period,
        wards=_wards(made.wards, period),
        teams=teams,
        team_rows=pl.DataFrame({"code": [team.code for team in teams], "name": [team.name for team in teams]}),
        team_geometry=_teams(made.wards, teams),
        ground=places.map_ground(made),
        cctv=places.cameras(made),
        cctv_redeployable=places.redeployable_cameras(made, last_day),
        pspos=places.orders(made, last_day),
        safe_places=places.safe_places(made, codes, last_day),
        postcodes=codes,
        incidents=export,
        bad_rows=bad,
    )


def _wards(shapes: Shapes, period: Period) -> BoundarySet:
    return BoundarySet(
        id=WARD_SET,
        title=f"{names.BOROUGH} wards (DEMONSTRATION)",
        vintage="invented",
        valid_from=period.first.first_day,
        licence=LICENCE,
        codes=tuple(code for code, _ in names.WARDS),
        names=tuple(name for _, name in names.WARDS),
        parent_codes=(names.BOROUGH_CODE,) * len(names.WARDS),
        parent_names=(names.BOROUGH,) * len(names.WARDS),
        geometry=project_geometry(shapes, "lonlat"),
    )


def _teams(shapes: Shapes, teams: tuple[PolicingArea, ...]) -> Geometries:
    codes = [code for code, _ in names.WARDS]
    joined = [shapely.coverage_union_all(shapes[[codes.index(code) for code in team.members]]) for team in teams]
    return project_geometry(np.array(joined, dtype=object), "lonlat")
