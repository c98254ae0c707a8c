"""The slips that a real export has, in the numbers that are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from geo_service.demonstration import traps

if TYPE_CHECKING:
    from geo_service.demonstration import Demonstration


def test_the_bad_rows_are_those_documented_and_no_others(borough: Demonstration) -> None:
    """Found again in the export itself, not in the list of what was done."""
    rows = borough.incidents.with_row_index("line", offset=2)
    begun = pl.col("committed_from").str.to_datetime("%d/%m/%Y %H:%M", strict=False)
    ended = pl.col("committed_to").str.to_datetime("%d/%m/%Y %H:%M", strict=False)
    found = {
        "easting of thirty digits": rows.filter(pl.col("easting").str.len_chars() == 30),
        "easting and northing swapped": rows.filter(pl.col("easting").str.starts_with("44")),
        "committed_to before committed_from": rows.filter(ended < begun),
        "unreadable date": rows.filter(begun.is_null()),
        "no crime number": rows.filter(pl.col("crime_number") == ""),
        "crime number used twice": rows.filter(~pl.col("crime_number").is_first_distinct()),
    }
    assert {defect: frame.height for defect, frame in found.items()} == traps.BAD_ROWS
    done = {(defect, line) for defect, frame in found.items() for line in frame["line"]}
    assert done == set(borough.bad_rows.select("defect", "line").iter_rows())


def test_about_two_rows_in_a_hundred_have_no_position(borough: Demonstration) -> None:
    rows = borough.incidents
    blank = rows.filter((pl.col("easting") == "") & (pl.col("northing") == ""))
    zero = rows.filter((pl.col("easting") == "0") & (pl.col("northing") == "0"))
    for lost in (blank, zero):
        assert 0.007 < lost.height / rows.height < 0.013
        assert (lost["location"] == "").all()


def test_midnight_and_noon_stand_for_unknown_hours(borough: Demonstration) -> None:
    """One minute of 1,440 would hold 0.07 % of the rows; rounding to the half hour makes that 0.6 %."""
    clock = borough.incidents["committed_from"].str.slice(11)
    assert 0.025 < (clock == "00:00").mean() < 0.045
    assert 0.012 < (clock == "12:00").mean() < 0.03


def test_some_rows_carry_the_police_stations_own_position(borough: Demonstration) -> None:
    spots = borough.incidents.group_by("easting", "northing").agg(pl.len(), pl.col("offence").n_unique())
    assert spots.filter(
        (pl.col("len") >= 60) & (pl.col("offence") >= 15) & (pl.col("easting").str.len_chars() == 6)
    ).height
