"""What is said of a place, and what is not known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.web.places import Place, by_town, pins, read_places

if TYPE_CHECKING:
    import datetime as dt
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
    assert library.opening.words == "open now, closes in 40 minutes"
    assert library.hours == ("Monday to Saturday 09:00 to 12:40", "Bank holidays closed")


def test_what_is_not_known_is_named_and_never_called_open_or_absent(places: dict[str, Place]) -> None:
    advice = places["p5"]
    assert advice.opening.state == "unknown"
    assert advice.unknown == (
        "telephone", "step-free entrance", "toilet", "quiet space", "hearing loop", "languages",
    )  # fmt: skip
    assert advice.facts == ()
    assert ("Does not have", "Toilet") in places["p2"].facts


def test_a_place_without_a_pin_and_a_postcode_centre_say_so(places: dict[str, Place]) -> None:
    assert places["p5"].position == "Not on the map: its position is not known yet."
    assert "postcode centre" in places["p3"].position
    assert places["p1"].position == ""


def test_a_place_says_when_it_was_verified(places: dict[str, Place]) -> None:
    assert places["p1"].verified == "Last verified 1 March 2025."
    assert places["p2"].verified.endswith("That is more than a year ago: check before you go.")
    assert places["p3"].verified == "Never verified, as listed 1 November 2023."


def test_places_at_one_position_share_a_pin_that_is_as_open_as_the_most_open_of_them(
    places: dict[str, Place],
) -> None:
    shared = pins(list(places.values()))
    assert [pin["places"] for pin in shared] == [["p1"], ["p3", "p2"], ["p4"]]
    assert [pin["state"] for pin in shared] == ["open", "unknown", "open"]
    assert shared[1]["name"] == "2 places: 2-3"


def test_a_telephone_number_can_be_dialled(places: dict[str, Place]) -> None:
    assert places["p4"].telephone == "+441632960004"
