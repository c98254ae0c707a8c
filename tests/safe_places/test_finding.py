"""Somebody says where they are: what is taken for what, and never a guess about a postcode."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service import spatial
from geo_service.model.release import POSTCODE_SCHEMA, STREET_SCHEMA, TOWN_SCHEMA, Gazetteer
from geo_service.safe_places.finding import MOST_CHOICES, POSTCODE_M, Origin, find_origin
from geo_service.safe_places.place_names import folded

POSTCODES = {
    "B97 4HJ": (-1.944, 52.306), "B97 4HK": (-1.946, 52.307), "B98 8AE": (-1.939, 52.307), "B98 8AR": (-1.941, 52.308),
    "B98 7AL": (-1.937, 52.304), "B9 8AA": (-1.86, 52.47), "B60 1AA": (-2.06, 52.33),
}  # fmt: skip
TOWNS = [("Bromsgrove", -2.06, 52.335), ("Redditch", -1.942, 52.306)]
STREETS = [
    ("Church Green East", "Redditch", -1.940, 52.308),
    ("Evesham Street", "Redditch", -1.943, 52.305),
    ("High Street", "Bromsgrove", -2.059, 52.336),
    ("High Street", "Redditch", -1.93, 52.31),
    ("Mason Close", "Redditch", -1.951, 52.294),
    ("Mason Road", "Redditch", -1.95, 52.295),
    ("Mill Lane", "Redditch", -1.90, 52.30),
    ("Mill Lane", "Redditch", -1.97, 52.32),
    ("Oak Street", "Redditch", -1.96, 52.30),
    ("St Stephen's Road", "Redditch", -1.935, 52.306),
    ("Weir Lane", "", -1.80, 52.2),
    ("West Lane", "Redditch", -1.902, 52.301),
]


def frame(rows: list[tuple[object, ...]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


PLACES = Gazetteer(
    frame(sorted((code, *at) for code, at in POSTCODES.items()), POSTCODE_SCHEMA),
    frame(TOWNS, TOWN_SCHEMA),
    frame(STREETS, STREET_SCHEMA),
)


def labels(text: str, places: Gazetteer = PLACES) -> list[str]:
    found = find_origin(text, places)
    return [] if found is None else [found.label] if isinstance(found, Origin) else [each.label for each in found]


def one(text: str, places: Gazetteer = PLACES) -> Origin:
    found = find_origin(text, places)
    assert isinstance(found, Origin), found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "B98 8AE", "b988ae", "  B98   8ae ", "B 98 8 AE", "b98-8ae", "B98\N{NO-BREAK SPACE}8AE", "B98.8AE",
        "\N{FULLWIDTH LATIN CAPITAL LETTER B}98 8AE", "12 Alcester Street, Redditch B98 8AE", "(B98 8AE)",
    ],
)  # fmt: skip
def test_a_whole_postcode_is_found_however_it_is_typed(text: str) -> None:
    found = one(text)
    assert (found.label, found.lon_lat, found.guessed) == ("B98 8AE", POSTCODES["B98 8AE"], False)
    assert found.precision_m >= POSTCODE_M


@given(st.sampled_from(sorted(POSTCODES)), st.lists(st.integers(0, 6), max_size=4), st.lists(st.booleans(), min_size=9))
def test_spacing_and_case_of_a_postcode_never_matter(code: str, spaces: list[int], upper: list[bool]) -> None:
    typed = "".join(
        sign.upper() if up else sign.lower() for sign, up in zip(code.replace(" ", ""), upper, strict=False)
    )
    for at in spaces:
        typed = typed[:at] + " " + typed[at:]
    assert one(typed).label == code


@pytest.mark.parametrize(("text", "label", "held"), [("B97", "B97", 2), ("b98 8", "B98 8", 2), ("B98 8A", "B98 8A", 2)])
def test_a_part_of_a_postcode_is_the_middle_of_all_that_begin_so(text: str, label: str, held: int) -> None:
    found = one(text)
    within = [at for code, at in POSTCODES.items() if code.startswith(label)]
    assert (found.label, len(within)) == (label, held)
    np.testing.assert_allclose(found.lon_lat, np.mean(within, axis=0), atol=1e-6)
    furthest = max(float(spatial.metres_between(*found.lon_lat, *at)) for at in within)
    assert found.precision_m == pytest.approx(max(POSTCODE_M, furthest), rel=1e-3)


def test_where_a_part_may_be_read_in_two_ways_both_are_the_choice() -> None:
    assert labels("B98") == ["B98", "B9 8"]
    assert labels("B9 8") == ["B9 8"]
    assert labels("B9") == ["B9"]


@pytest.mark.parametrize(("text", "label"), [("B98 8ZZ", "B98 8"), ("B98 1AA", "B98"), ("B98 1", "B98")])
def test_a_postcode_that_is_not_in_the_list_is_never_another_but_what_is_around_it_and_says_so(
    text: str, label: str
) -> None:
    found = one(text)
    assert (found.label, found.guessed) == (label, True)


@pytest.mark.parametrize("text", ["B98 OZZ", "b98ozz", "b 98 ozz"])
def test_a_letter_where_only_a_digit_can_stand_is_read_as_that_digit_and_says_so(text: str) -> None:
    places = Gazetteer(frame([("B98 0ZZ", -1.9, 52.3), ("B98 1ZZ", -1.8, 52.2)], POSTCODE_SCHEMA))
    assert (one(text, places).label, one(text, places).guessed) == ("B98 0ZZ", True)
    assert one(text.replace("o", "i").replace("O", "I"), places).label == "B98 1ZZ"


@pytest.mark.parametrize(
    "text", ["M1 1AA", "B96 7DQ", "B96 OAE", "B98 8A0", "BB98 8AE", "Z98", "", "   ", "?", "12", "the moon"]
)
def test_what_is_not_known_is_not_guessed(text: str) -> None:
    assert labels(text) == []


def test_an_address_whose_postcode_is_not_known_here_is_found_by_its_street() -> None:
    assert labels("7 Evesham Street, Redditch, M1 1AA") == ["Evesham Street, Redditch"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Redditch", "Redditch"), ("redditch ", "Redditch"), ("Evesham Street", "Evesham Street, Redditch"),
        ("evesham st", "Evesham Street, Redditch"), ("12a Evesham St.", "Evesham Street, Redditch"),
        ("high street bromsgrove", "High Street, Bromsgrove"), ("High St, Redditch", "High Street, Redditch"),
        ("St Stephens Road", "St Stephen's Road, Redditch"), ("saint stephen\u2019s rd", "St Stephen's Road, Redditch"),
        ("Flat 3, 12 Mason Rd, Redditch", "Mason Road, Redditch"), ("Weir Lane", "Weir Lane"),
    ],
)  # fmt: skip
def test_a_town_or_street_is_found_as_people_write_it(text: str, label: str) -> None:
    found = one(text)
    assert (found.label, found.guessed) == (label, False)


def test_streets_of_one_name_are_a_choice_until_the_town_is_said() -> None:
    assert labels("High Street") == ["High Street, Bromsgrove", "High Street, Redditch"]


def test_two_streets_of_one_name_in_one_town_are_told_apart_by_what_is_near() -> None:
    choice = labels("mill lane")
    assert choice == ["Mill Lane, near West Lane, Redditch", "Mill Lane, near Oak Street, Redditch"]


def test_each_label_leads_back_to_its_place() -> None:
    everything = [*POSTCODES, *(name for name, *_ in TOWNS), *(name for name, *_ in STREETS)]
    for text in everything:
        found = find_origin(text, PLACES)
        for origin in [found] if isinstance(found, Origin) else found or ():
            again = one(origin.label)
            assert (again.lon_lat, again.guessed) == (origin.lon_lat, False)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Reditch", "Redditch"), ("Bromsgove", "Bromsgrove"), ("Eversham Street", "Evesham Street, Redditch"),
        ("Evesham Stret, Reditch", "Evesham Street, Redditch"), ("hihg street bromsgrove", "High Street, Bromsgrove"),
        ("High Street Bromsgrov", "High Street, Bromsgrove"), ("evesham", "Evesham Street, Redditch"),
    ],
)  # fmt: skip
def test_a_slip_of_the_finger_is_forgiven_and_said(text: str, label: str) -> None:
    found = one(text)
    assert (found.label, found.guessed) == (label, True)


@pytest.mark.parametrize("text", ["Ash Street", "Elm Street", "Street", "Lane", "Road", "Oxf"])
def test_a_last_word_in_common_is_no_likeness(text: str) -> None:
    assert labels(text) == []


def test_the_beginning_of_a_name_gives_all_that_begin_so() -> None:
    assert labels("mason") == ["Mason Close, Redditch", "Mason Road, Redditch"]


def test_there_are_never_more_choices_than_a_page_can_show() -> None:
    many = frame([("High Street", f"Town {n:02d}", -1.9 + n / 100, 52.3) for n in range(40)], STREET_SCHEMA)
    assert len(labels("High Street", Gazetteer(streets=many))) == MOST_CHOICES


def test_an_empty_gazetteer_finds_nothing() -> None:
    for text in ("B98 8AE", "B98", "Redditch", "High Street, Redditch"):
        assert labels(text, Gazetteer()) == []


def test_where_somebody_is_shows_in_no_log() -> None:
    shown = repr(one("B98 8AE")) + str(one("B98 8AE")) + f"{one('B98 8AE')}"
    assert not any(secret in shown for secret in ("B98", "8AE", "52.3", "1.93"))


@given(st.text(max_size=300))
def test_nothing_that_is_typed_fails(text: str) -> None:
    found = find_origin(text, PLACES)
    for origin in [found] if isinstance(found, Origin) else found or ():
        assert math.isfinite(sum(origin.lon_lat))
        assert origin.precision_m > 0


@given(st.text(max_size=60))
def test_a_name_that_is_folded_stays_as_it_is(text: str) -> None:
    once = folded(text)
    assert folded(once) == once or {"st", "saint"} & set(once.split())
