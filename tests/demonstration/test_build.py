"""The borough as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas
import pytest
import shapely

from geo_service import demonstration
from geo_service.errors import InputError
from geo_service.model.periods import Month
from geo_service.spatial.projection import project_geometry

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from geo_service.demonstration import Demonstration

SQUARE_TB = shapely.box(600_000, 400_000, 700_000, 500_000)
"""The 100 km square east of TA. Maps of the National Grid letter only squares that hold land, and the row of
northings 400 to 500 km ends with TA (Wikipedia, "Ordnance Survey National Grid", map of squares with land)."""
SPURN = shapely.Point(539_900, 410_800)
"""The nearest headland: TA 399 108 (Wikipedia, "Spurn")."""


def test_the_same_seed_gives_the_same_files_byte_for_byte(borough: Demonstration, offences: pl.DataFrame) -> None:
    again = demonstration.files(demonstration.build(1, offences))
    assert dict(again) == dict(demonstration.files(borough))


def test_another_seed_gives_another_borough(borough: Demonstration, offences: pl.DataFrame) -> None:
    first, other = demonstration.files(borough), demonstration.files(demonstration.build(2, offences))
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)


def test_it_lies_at_sea_far_from_any_land(borough: Demonstration) -> None:
    outline = shapely.union_all(project_geometry(borough.wards.geometry, "grid"))
    assert shapely.contains_properly(SQUARE_TB, outline)
    assert outline.distance(SPURN) > 50_000


@pytest.mark.shared
def test_it_is_more_than_60_km_from_every_police_force_area(borough: Demonstration, shared: Path) -> None:
    """ONS, police force areas of December 2023: 43 areas that cover all land of England and Wales."""
    forces = geopandas.read_file(shared / "boundaries" / "police-force-areas-2023.geojson").to_crs(27700)
    outline = shapely.union_all(project_geometry(borough.wards.geometry, "grid"))
    assert len(forces) == 43
    assert forces.distance(outline).min() > 60_000


@pytest.mark.parametrize("seed", [0, 75, 2_026])
def test_many_seeds_give_a_whole_borough(seed: int, offences: pl.DataFrame) -> None:
    made = demonstration.build(seed, offences)
    assert len(made.wards) == 9
    assert 20_000 < made.incidents.height < 30_000
    assert {"water", "park", "wood"} == set(made.ground.rows["kind"])
    assert 5_000 < made.buildings.rows.height < 30_000
    for drawn in (made.ground, made.buildings, made.landmarks):
        assert shapely.is_valid(drawn.geometry).all()


def test_the_teams_share_out_all_wards(borough: Demonstration) -> None:
    members = [code for team in borough.teams for code in team.members]
    assert len(borough.teams) == 3
    assert sorted(members) == sorted(borough.wards.codes)


def test_it_covers_the_24_months_that_end_with_the_one_asked_for(offences: pl.DataFrame) -> None:
    made = demonstration.build(4, offences, Month.parse("2024-02"))
    begun = made.incidents["committed_from"].str.to_datetime("%d/%m/%Y %H:%M", strict=False)
    months = begun.drop_nulls().dt.strftime("%Y-%m").unique().sort()
    assert (months[0], months[-1], len(months)) == ("2022-03", "2024-02", 24)


def test_nothing_can_be_drawn_without_offences(offences: pl.DataFrame) -> None:
    with pytest.raises(InputError, match="no offences"):
        demonstration.build(1, offences.clear())
