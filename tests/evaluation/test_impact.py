"""Impact areas: the published table of the West Midlands, and the rules where it says nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.evaluation import impact
from geo_service.evaluation.impact import arrow, changes, directions, funnel, rolling, status

TABLE = Path(__file__).with_name("west-midlands-impact-areas.csv")
"""Table 3 of West Midlands Police's paper on neighbourhood policing to the Strategic Police and Crime Board, January
2023: rolling 12-month harm to the end of each month, the change printed beside it, and the arrow."""
MONTHS = ["2022-08", "2022-09", "2022-10", "2022-11"]
STATUSES = {
    "Bordesley Green": "OUTSTANDING",
    "Erdington": "GOOD",
    "Sparkbrook and Sparkhill": "GOOD",
    "Birmingham City Centre": "NEEDS IMPROVEMENT",
    "Lozells": "NEEDS IMPROVEMENT",
    "Three Estates": "NEEDS IMPROVEMENT",
    "Hillfields": "POOR",
    "Wood End and Bell Green": "NEEDS IMPROVEMENT",
    "Brierley Hill": "NEEDS IMPROVEMENT",
    "Dudley Central": "OUTSTANDING",
    "Princes End": "NEEDS IMPROVEMENT",
    "Smethwick Soho and Victoria": "POOR",
    "West Bromwich Central": "NEEDS IMPROVEMENT",
    "Chelmsley Town": "NEEDS IMPROVEMENT",
    "Smiths Wood": "GOOD",
    "St Matthews Caldmore": "OUTSTANDING",
    "Willenhall": "GOOD",
    "Bilston": "POOR",
    "Whitmore Reans": "GOOD",
}
"""Worked out by hand from the signs of the printed percentages: the table's colours are lost in the text."""
NEED_EARLIER = {
    "Bordesley Green",
    "Hillfields",
    "Dudley Central",
    "Smethwick Soho and Victoria",
    "St Matthews Caldmore",
    "Bilston",
}


@pytest.fixture(scope="module")
def published() -> pl.DataFrame:
    return pl.read_csv(TABLE)


@pytest.fixture(scope="module")
def harm(published: pl.DataFrame) -> np.ndarray:
    return published.select(MONTHS).to_numpy().astype(float)


def test_all_57_published_percentages_come_out_to_two_decimals(published: pl.DataFrame, harm: np.ndarray) -> None:
    printed = published.select(f"change_{month}" for month in MONTHS[1:]).to_numpy()
    found = changes(harm)[:, 1:] * 100
    assert found.size == 57
    said = [[f"{value:.2f}" for value in row] for row in found]
    assert said == [[f"{value:.2f}" for value in row] for row in printed]


def test_the_status_of_each_published_area_follows_the_rule(published: pl.DataFrame, harm: np.ndarray) -> None:
    found = [status(list(moved)) for moved in directions(harm)]
    assert dict(zip(published["area"], found, strict=True)) == STATUSES


def test_four_windows_allow_13_arrows_and_they_are_the_published_ones(
    published: pl.DataFrame, harm: np.ndarray
) -> None:
    found = {name: arrow(list(moved)) for name, moved in zip(published["area"], directions(harm), strict=True)}
    assert {name for name, said in found.items() if said is None} == NEED_EARLIER
    printed = dict(zip(published["area"], published["arrow"].fill_null("="), strict=True))
    known = {name: said for name, said in found.items() if said is not None}
    assert len(known) == 13
    assert known == {name: printed[name] for name in known}


def test_with_one_month_more_the_six_arrows_are_known(published: pl.DataFrame, harm: np.ndarray) -> None:
    # What the printed arrows say of July 2022: ↑ to OUTSTANDING needs a rise before, none at POOR a rise.
    earlier = np.column_stack([harm[:, 0] * 0.99, harm])
    found = [arrow(list(moved)) for moved in directions(earlier)]
    printed = published["arrow"].fill_null("=").to_list()
    assert found == printed


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        ([1, 1, -1], "GOOD"),
        ([-1, 1, -1], "GOOD"),
        ([1, -1, -1], "GOOD"),
        ([-1, -1, 1], "NEEDS IMPROVEMENT"),
        ([-1, 1, 1], "NEEDS IMPROVEMENT"),
        ([-1, -1, -1], "OUTSTANDING"),
        ([1, 1, 1, 1], "POOR"),
        ([-1, -1, 0], "NO CHANGE"),
        ([-1, -1, 0, -1], "GOOD"),
        ([0, 0, 0], "NO CHANGE"),
        ([-1, -1], None),
        ([1], None),
        ([np.nan, -1, -1], None),
        ([np.nan, 1, -1, -1], "GOOD"),
        ([np.nan, -1, -1, -1], "OUTSTANDING"),
        ([-1, -1, np.nan], None),
        ([], None),
    ],
)
def test_a_mixed_run_counts_only_its_latest_months(moved: list[float], expected: str | None) -> None:
    assert status(moved) == expected


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        ([1, 1, 1, 1, -1], "↑"),
        ([1, -1, -1, -1], "↑"),
        ([-1, 1, 1, 1], "↓"),
        ([1, -1, 0, 1], "↓"),
        ([-1, 1, -1, -1], "="),
        ([1, 1, -1], "↑"),  # NEEDS IMPROVEMENT or POOR before: GOOD is better than either
        ([-1, -1, 1], "↓"),
        ([-1, -1, -1], None),
        ([1], None),
        ([np.nan, -1], None),
        ([-1, np.nan], None),
    ],
)
def test_an_arrow_says_better_worse_the_same_or_nothing(moved: list[float], expected: str | None) -> None:
    assert arrow(moved) == expected


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=3, max_size=9))
def test_rises_and_falls_mirror_each_other(moved: list[float]) -> None:
    mirror = dict(zip(impact.BEST_FIRST, reversed(impact.BEST_FIRST), strict=True))
    found, mirrored = status(moved), status([-step for step in moved])
    assert mirrored == (None if found is None else mirror[found])


def test_the_same_days_added_in_another_order_are_no_change() -> None:
    values = np.array([[0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]])
    assert values[0, 0] != values[0, 1]
    assert directions(values)[0, 1] == 0


def test_a_rolling_sum_is_the_sum_of_its_months_and_nothing_where_one_is_missing() -> None:
    rng = np.random.default_rng(4)
    values, known = rng.poisson(20, (3, 30)).astype(float), np.ones(30, dtype=bool)
    known[14] = False
    found = rolling(values, known)
    for month in range(30):
        window = slice(month - 11, month + 1)
        if month < 11 or not known[window].all():
            assert np.isnan(found[:, month]).all()
        else:
            assert found[:, month].tolist() == [sum(row[window]) for row in values.tolist()]


def test_fewer_months_than_a_window_give_no_sum() -> None:
    assert np.isnan(rolling(np.ones((2, 5)), np.ones(5, dtype=bool))).all()


def test_a_change_from_nothing_is_not_known() -> None:
    assert np.isnan(changes(np.array([[0.0, 5.0]]))[0, 1])


def test_funnel_limits_of_two_poisson_counts_hold_about_as_many_as_they_say() -> None:
    # Of 4,000 areas that change alike 5 % lie beyond; a test at one in a million: 4,000 * 0.05 = 200 ± 5 * 13.8.
    rng = np.random.default_rng(8)
    mean = rng.uniform(30, 300, 4_000)
    then, now = rng.poisson(mean).astype(float), rng.poisson(mean * 0.8).astype(float)
    found = funnel(then, now, then, now)
    beyond = ((found.ratio < found.low_95) | (found.ratio > found.high_95)).sum()
    assert 131 <= beyond <= 269
    assert found.target == pytest.approx(0.8, abs=0.01)
    assert found.dispersion < 1.1


def test_areas_that_spread_by_more_than_chance_widen_the_limits() -> None:
    rng = np.random.default_rng(9)
    mean = rng.uniform(100, 300, 500)
    then, now = rng.poisson(mean).astype(float), rng.poisson(mean * rng.lognormal(0, 0.3, 500)).astype(float)
    assert funnel(then, now, then, now).dispersion > 2
    few = funnel(then[:5], now[:5], then[:5], now[:5])
    assert few.dispersion == 1


def test_a_funnel_names_what_fell_rose_and_is_not_known() -> None:
    then, now = np.array([1000.0, 1000.0, 1000.0, 0.0]), np.array([1000.0, 300.0, 1900.0, 5.0])
    found = funnel(then, now, then, now)
    said = [found.verdict(place) for place in range(4)]
    assert said == ["as the others", "beyond 99.8 %: fell", "beyond 99.8 %: rose", "not known"]


def test_an_area_that_fell_to_nothing_is_named_where_chance_would_not_empty_it() -> None:
    then = np.array([200.0, 12.0, 8.0, 3.0, *[100.0] * 4])
    now = np.array([0.0, 0.0, 0.0, 0.0, *[100.0] * 4])
    found = funnel(then, now, then, now)
    # By the binomial: all of `then` incidents lie in the first period, each with 623 / (623 + 400) = 0.609.
    assert pytest.approx((0.0026, 0.0189, 0.226), abs=5e-4) == (0.609**12, 0.609**8, 0.609**3)
    assert [found.verdict(at) for at in range(4)] == [
        "beyond 99.8 %: fell",
        "beyond 95 %: fell",
        "beyond 95 %: fell",
        "as the others",
    ]
    assert found.low_998[2] == found.low_95[3] == 0
    assert (found.high_95[:4] > found.target).all()
    nowhere = funnel(then, np.zeros(8), then, np.zeros(8))
    assert {nowhere.verdict(at) for at in range(8)} == {"not known"}
