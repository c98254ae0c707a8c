"""Grid references are written and read as Ordnance Survey does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.spatial import grid_reference, parse_grid_reference

INSIDE = {"east_m": st.floats(0, 699_999.99), "north_m": st.floats(0, 1_299_999.99)}


def test_the_published_example_is_written_as_published() -> None:
    # Ordnance Survey, "A Guide to Coordinate Systems in Great Britain", annexe C: Caister water tower.
    assert grid_reference(651409.903, 313177.270, digits=10) == "TG 51409 13177"


@pytest.mark.parametrize(
    ("east_m", "north_m", "letters"),
    [
        (0, 0, "SV"),  # Scilly, the grid's origin
        (404500, 267700, "SP"),  # Redditch
        (530000, 180000, "TQ"),  # London
        (216600, 771200, "NN"),  # Ben Nevis
        (460000, 1_210_000, "HP"),  # Unst, Shetland
        (60000, 900000, "NA"),
    ],
)
def test_squares_carry_the_letters_of_the_map(east_m: float, north_m: float, letters: str) -> None:
    assert grid_reference(east_m, north_m, digits=0) == letters


def test_figures_are_cut_off_not_rounded() -> None:
    assert grid_reference(404599.9, 267799.9) == "SP 045 677"


def test_leading_noughts_are_kept() -> None:
    assert grid_reference(400000, 200009, digits=10) == "SP 00000 00009"


@given(**INSIDE, digits=st.sampled_from([0, 2, 4, 6, 8, 10]))
def test_a_position_lies_in_the_square_that_its_reference_names(east_m: float, north_m: float, digits: int) -> None:
    corner = parse_grid_reference(grid_reference(east_m, north_m, digits))
    side_m = 10 ** (5 - digits // 2)
    assert corner.east_m <= east_m < corner.east_m + side_m
    assert corner.north_m <= north_m < corner.north_m + side_m


@pytest.mark.parametrize("text", ["SP 045 677", "sp045677", " Sp 04 56 77 "])
def test_blanks_and_case_do_not_matter(text: str) -> None:
    assert parse_grid_reference(text) == (404500.0, 267700.0)


def test_letters_alone_name_a_square_of_a_hundred_kilometres() -> None:
    assert parse_grid_reference("SP") == (400000.0, 200000.0)


@pytest.mark.parametrize("text", ["", "S", "SP 045 67", "SI 045 677", "AA 045 677", "SP 0456789 0456789", "45 67"])
def test_only_a_grid_reference_is_read(text: str) -> None:
    with pytest.raises(QueryError, match="Not a British National Grid reference"):
        parse_grid_reference(text)


@pytest.mark.parametrize(("east_m", "north_m"), [(-1, 0), (700_000, 0), (0, 1_300_000), (float("nan"), 0)])
def test_what_is_off_the_grid_has_no_reference(east_m: float, north_m: float) -> None:
    with pytest.raises(QueryError, match="off the British National Grid"):
        grid_reference(east_m, north_m)


@pytest.mark.parametrize("digits", [-2, 3, 12])
def test_only_an_even_number_of_digits_makes_a_square(digits: int) -> None:
    with pytest.raises(QueryError, match="even number of digits"):
        grid_reference(400000, 200000, digits)
