"""A zone has a name that an officer can find."""

from __future__ import annotations

import pytest

from geo_service.hotspots import name_zone

WARD, GRID = "Central", "SP 041 678"


@pytest.mark.parametrize(
    ("places", "name"),
    [
        ([("On or near Unicorn Hill", 9), ("On or near Church Road", 5)], "Unicorn Hill and Church Road"),
        ([("On or near Unicorn Hill", 9), ("On or near Church Road", 4)], "Unicorn Hill"),
        (
            [("On or near Supermarket", 9), ("On or near High Street", 5), ("On or near Mill Lane", 4)],
            "High Street and Mill Lane",
        ),
        (
            [("On or near Hospital", 31), ("On or near High Street", 2), ("On or near Mill Lane", 1)],
            "Hospital near High Street",
        ),
        (
            [("on or near  high street", 3), ("On or near High Street", 4), ("Mill Lane", 5)],
            "high street and Mill Lane",
        ),
        ([("On or near Parking Area", 5), ("On or near Supermarket", 9)], "Supermarket, Central"),
        ([("No Location", 50), ("On or near ", 9), ("-", 3)], "Central SP 041 678"),
        ([], "Central SP 041 678"),
        ([("On or near B", 2), ("On or near A", 2)], "A and B"),
        ([("On or near Station Road", 2)], "Station Road"),
    ],
)
def test_a_zone_is_named_after_its_streets(places: list[tuple[str, int]], name: str) -> None:
    assert name_zone(places, WARD, GRID) == name


def test_a_name_that_is_taken_gets_the_grid_reference() -> None:
    places = [("On or near High Street", 5)]
    assert name_zone(places, WARD, GRID, taken=["High Street"]) == "High Street (SP 041 678)"
    assert name_zone(places, WARD, GRID, taken=["Mill Lane"]) == "High Street"


@pytest.mark.parametrize(
    ("streets", "incidents", "name"),
    [
        ([("High Street", 9), ("Church Lane", 5), ("Mill Lane", 4)], 20, "High Street and Church Lane"),
        ([("High Street", 9), ("Church Lane", 7), ("Mill Lane", 5)], 21, "High Street, Church Lane and Mill Lane"),
        ([("A", 3), ("B", 3), ("C", 3), ("D", 3)], 12, "A, B and C"),
        ([("High Street", 9)], 18, "High Street"),
        ([("High Street", 9)], 19, "Candle Meadows"),
    ],
)
def test_streets_of_the_map_come_first_where_half_of_the_incidents_are_on_one(
    streets: list[tuple[str, int]], incidents: int, name: str
) -> None:
    places = [("On or near Candle Meadows", 12)]
    assert name_zone(places, WARD, GRID, streets=streets, incidents=incidents) == name


def test_a_name_of_streets_that_is_taken_gets_the_grid_reference_too() -> None:
    assert name_zone([], WARD, GRID, streets=[("Mill Lane", 2)], incidents=2, taken=["Mill Lane"]) == (
        "Mill Lane (SP 041 678)"
    )
