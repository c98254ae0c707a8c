"""The borough as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from geo_service import demonstration
from geo_service.errors import InputError
from geo_service.model.periods import Month
from geo_service.spatial.projection import project_geometry

if TYPE_CHECKING:
    import polars as pl

    from geo_service.demonstration import Demonstration

SQUARE_TB = shapely.box(600_000, 400_000, 700_000, 500_000)
"""The 100 km square TB of the National Grid. Ordnance Survey, "A guide to coordinate systems in Great Britain",
section 7.2: its figure of the lettered squares shows TA, TF and TG along this coast and leaves TB out, as sea."""
EASTERNMOST_HOLDERNESS = shapely.Point(541_300, 410_600)
"""Spurn Head, the nearest land, by its grid reference TA 413 106."""


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
    assert outline.distance(EASTERNMOST_HOLDERNESS) > 50_000


@pytest.mark.parametrize("seed", [0, 75, 2_026])
def test_many_seeds_give_a_whole_borough(seed: int, offences: pl.DataFrame) -> None:
    made = demonstration.build(seed, offences)
    assert len(made.wards) == 9
    assert 20_000 < made.incidents.height < 30_000
    assert {"street", "water", "park", "building"} == set(made.ground.rows["kind"])
    assert shapely.is_valid(made.ground.geometry).all()


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
