"""What is said of a place, and what is not known of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geo_service.web.places import SHAPES, Place, by_town, pins, read_places

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.layers import FeatureTable


@pytest.fixture
def places(table_of_places: Callable[[], FeatureTable], noon: dt.datetime) -> dict[str, Place]:
    return {place.id: place for place in read_places(table_of_places(), noon)}


def test_places_stand_by_town_with_open_ones_first_and_closed_ones_last(places: dict[str, Place]) -> None:
    grouped = by_town(list(places.values()))
    assert [(town, [place.id for place in group]) for town, group in grouped] == [
        ("Northmere", ["p1", "p3", "p2"]),
        ("Overton", ["p4", "p5"]),
    ]
    assert [place.number for place in places.values()] == [1, 2, 3, 4, 5]


def test_hours_are_said_in_words(places: dict[str, Place]) -> None:
    library = places["p1"]
    assert library.opening.words == "open now, closes in 39 minutes"
    assert library.hours == ("Monday to Saturday 09:00 to 12:40", "Bank holidays closed")
    assert library.raw_hours == "Mo-Sa 09:00-12:40; PH off"


def test_what_is_not_known_is_named_and_never_called_open_or_absent(places: dict[str, Place]) -> None:
    advice = places["p5"]
    assert advice.opening.state == "unknown"
    assert advice.unknown == ("phone", "step_free", "toilet", "quiet_space", "hearing_loop", "languages")
    assert (advice.has, advice.lacks) == ((), ())
    assert (places["p2"].has, places["p2"].lacks) == (("step_free",), ("toilet",))


def test_a_place_without_a_pin_and_a_postcode_centre_say_so(places: dict[str, Place]) -> None:
    assert [places[name].position for name in ("p5", "p3", "p1")] == ["unknown", "postcode", ""]


def test_a_place_says_when_it_was_verified(places: dict[str, Place]) -> None:
    assert (places["p1"].verified, places["p1"].overdue) == (dt.date(2025, 3, 1), False)
    assert (places["p2"].verified, places["p2"].overdue) == (dt.date(2024, 1, 1), True)
    assert (places["p3"].verified, places["p3"].listed_on) == (None, dt.date(2023, 11, 1))


def test_places_at_one_position_share_a_pin_that_is_as_open_as_the_most_open_of_them(
    places: dict[str, Place],
) -> None:
    shared = pins(list(places.values()))
    assert [pin["places"] for pin in shared] == [["p1"], ["p3", "p2"], ["p4"]]
    assert [pin["state"] for pin in shared] == ["open", "unknown", "open"]
    assert [pin["shape"] for pin in shared] == [SHAPES[2], "several", SHAPES[3]]


def test_a_telephone_number_can_be_dialled(places: dict[str, Place]) -> None:
    assert places["p4"].telephone == "+441632960004"


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("+44 (0)1632 960004", "+441632960004"),
        ("0044 (0) 1632 960004", "00441632960004"),
        ("(01632) 960004", "01632960004"),
        ("116 123", "116123"),
    ],
)
def test_a_zero_that_is_not_dialled_after_the_44_is_left_out(
    places: dict[str, Place], written: str, dialled: str
) -> None:
    assert replace(places["p4"], phone=written).telephone == dialled
