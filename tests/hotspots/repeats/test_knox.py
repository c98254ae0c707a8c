"""Pairs are counted as the Near Repeat Calculator and PySAL count them, and as a brute force does."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import geopandas
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_service.errors import QueryError
from geo_service.hotspots.repeats import knox as near_repeat_table
from geo_service.hotspots.repeats.knox import Bands, knox, preventable

if TYPE_CHECKING:
    from pathlib import Path

CALCULATOR = Bands(edges_m=(0.1, 200, 400, 600), edges_days=(1, 2, 3), metric="manhattan")


def brute(at: np.ndarray, day: np.ndarray, bands: Bands) -> np.ndarray:
    """Count every pair, one after another."""
    table = np.zeros((len(bands.edges_m) + 1, len(bands.edges_days) + 1), dtype=int)
    for one in range(len(day)):
        for other in range(one):
            across = np.abs(at[one] - at[other])
            metres = across.sum() if bands.metric == "manhattan" else np.sqrt((across**2).sum())
            days = abs(day[one] - day[other])
            if bands.closed == "left":
                row, column = (
                    sum(edge <= amount for edge in edges)
                    for edges, amount in ((bands.edges_m, metres), (bands.edges_days, days))
                )
            else:
                row, column = (
                    sum(edge < amount for edge in edges)
                    for edges, amount in ((bands.edges_m, metres), (bands.edges_days, days))
                )
            table[row, column] += 1
    return table


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 30),
    st.sampled_from(["euclidean", "manhattan"]),
    st.sampled_from(["left", "right"]),
)
@settings(max_examples=40, deadline=None)
def test_every_pair_is_counted_once_in_its_band(seed: int, count: int, metric: str, closed: str) -> None:
    rng = np.random.default_rng(seed)
    # Whole tens of metres and few days, so that pairs stand on the edges of bands.
    at, day = rng.integers(0, 12, (count, 2)) * 10.0, rng.integers(0, 12, count)
    bands = Bands(edges_m=(0.1, 20, 50), edges_days=(1, 3, 7), metric=metric, closed=closed)
    found = knox(at, day, bands, permutations=0)
    assert found.observed.tolist() == brute(at, day, bands).tolist()
    assert found.observed.sum() == count * (count - 1) // 2
    assert np.isnan(found.p).all()


@pytest.mark.shared
def test_the_cases_of_burkitts_lymphoma_give_what_pysal_gives(shared: Path) -> None:
    cases = geopandas.read_file(shared / "expected/burkitt/burkitt.shp")
    at = np.column_stack([cases.geometry.x, cases.geometry.y])
    found = knox(at, cases["T"].to_numpy().astype(np.int64), Bands((20,), (5,), closed="right"), permutations=99)
    assert found.observed.tolist() == [[13, 3416], [39, 14110]]
    assert stats.poisson.sf(13, found.by_margins[0, 0]) == pytest.approx(0.146246, abs=1e-6)


def calculator(text: str, title: str) -> np.ndarray:
    """Read one table of the Near Repeat Calculator's output; an empty field is nothing."""
    lines = text.split(f"{title}\n")[1].splitlines()[2:7]
    return np.array([[float(field or 0) for field in line.split(",")[2:6]] for line in lines])


@pytest.fixture(scope="module")
def arson(shared: Path) -> tuple[np.ndarray, np.ndarray, str]:
    rows = pl.read_csv(
        shared / "expected/near-repeat-chicago-arson.csv",
        has_header=False,
        new_columns=["x", "y", "day"],
        try_parse_dates=True,
    )
    # The calculator keeps coordinates in single precision; one pair, 399.96 m apart, is then 400 m apart.
    at = rows.select("x", "y").to_numpy().astype(np.float32).astype(np.float64)
    text = (shared / "expected/near-repeat-chicago-arson.calculator-output.csv").read_text(encoding="latin-1")
    return at, rows["day"].dt.epoch("d").to_numpy().astype(np.int64), text.replace("\r\n", "\n")


@pytest.mark.shared
def test_arson_gives_the_table_of_the_calculator(arson: tuple[np.ndarray, np.ndarray, str]) -> None:
    at, day, text = arson
    found = knox(at, day, CALCULATOR, permutations=999, seed=1)
    assert found.observed.tolist() == calculator(text, "Observed frequencies distribution").tolist()
    published, ours = calculator(text, "Observed over mean expected frequencies"), found.ratio
    # Of 99 runs the calculator gives a mean whose error is known: that of a Poisson count over 99, five times.
    error = 5 * np.sqrt(found.expected * (1 / 99 + 1 / 999))
    expected = np.divide(found.observed, published, out=np.full(published.shape, np.nan), where=published > 0)
    told = found.observed > 0
    assert (np.abs(expected - found.expected)[told] < error[told] + 0.001).all()
    assert np.isnan(ours[found.expected == 0]).all()


@pytest.mark.shared
def test_arson_gives_the_p_of_the_calculator(arson: tuple[np.ndarray, np.ndarray, str]) -> None:
    at, day, text = arson
    found = knox(at, day, CALCULATOR, permutations=999, seed=2)
    published = calculator(text, "Statistical significant table")
    error = 5 * np.sqrt(np.clip(found.p * (1 - found.p), 0.001, None) * (1 / 100 + 1 / 1000)) + 0.01
    assert (np.abs(found.p - published) < error).all()
    p_values = [float(each) for each in re.findall(r"P value, ([\d.]+)", text)]
    assert sorted(p_values) == sorted(published.ravel().tolist())


def test_what_follows_nearby_and_soon_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(3)
    at, day = rng.uniform(0, 20_000, (400, 2)), rng.integers(0, 365, 400)
    noise = knox(at, day, Bands(), permutations=199)
    assert (noise.p[:-1] > 0.005).all()
    followers = at[:40] + rng.normal(0, 40, (40, 2))
    found = knox(np.vstack([at, followers]), np.concatenate([day, day[:40] + 3]), Bands(), permutations=199)
    assert found.p[1, 1] == pytest.approx(1 / 200)
    assert found.ratio[1, 1] > 5


def test_the_same_seed_gives_the_same_table() -> None:
    rng = np.random.default_rng(4)
    at, day = rng.uniform(0, 1_000, (100, 2)), rng.integers(0, 60, 100)
    first, again, other = (knox(at, day, Bands(), permutations=49, seed=seed) for seed in (1, 1, 2))
    assert first.expected.tolist() == again.expected.tolist()
    assert first.expected.tolist() != other.expected.tolist()


def test_bands_are_named_as_they_count() -> None:
    assert Bands().rows[:3] == ("same place", "0 to 100 m", "100 to 200 m")
    assert Bands().rows[-1] == "more than 400 m"
    assert Bands().columns == (
        "same day",
        "1 to 7 days",
        "8 to 14 days",
        "15 to 28 days",
        "29 to 42 days",
        "43 days and more",
    )
    assert CALCULATOR.columns == ("same day", "1 day", "2 days", "3 days and more")
    right = Bands((20,), (5,), closed="right")
    assert (right.rows, right.columns) == (("up to 20 m", "more than 20 m"), ("0 to 5 days", "6 days and more"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"edges_m": (200, 100)}, "Found: 200, 100"),
        ({"edges_m": ()}, "Found: none"),
        ({"edges_days": (0, 1)}, "Found: 0, 1"),
        ({"metric": "crow"}, "Unknown distance. Found: crow"),
        ({"closed": "both"}, "Unknown closed. Found: both"),
    ],
)
def test_bands_that_are_none_are_refused(wrong: dict, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        Bands(**wrong)


def test_too_few_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(QueryError, match="Found: 1 incidents"):
        knox(np.zeros((1, 2)), np.zeros(1, dtype=np.int64), Bands())
    monkeypatch.setattr(near_repeat_table, "MOST_PAIRS", 2)
    with pytest.raises(QueryError, match="Found: 3 pairs within 400 m"):
        knox(np.zeros((3, 2)), np.arange(3), Bands())


def test_the_preventable_are_those_that_follow() -> None:
    place = np.array([[0, 0], [0, 0], [50, 0], [5_000, 0], [5_100, 0], [9_000, 0], [9_000, 0]], dtype=float)
    first = (dt.date(2025, 6, 2) - dt.date(1970, 1, 1)).days
    day = first + np.array([0, 4, 6, 0, 40, 3, 3])
    found = preventable(place, day, within_m=200, within_days=14, permutations=0)
    # 1 repeats 0; 2 is near both; 4 comes too late after 3; 5 and 6 are of one day.
    assert (found.repeats, found.near_repeats, found.incidents) == (1, 1, 7)
    assert found.share == pytest.approx(2 / 7)
    assert np.isnan(found.by_chance)
    assert np.isnan(found.p)
    later = preventable(place, day, within_m=200, within_days=40, permutations=0)
    assert (later.repeats, later.near_repeats) == (1, 2)


def test_what_chance_gives_is_said_beside_the_preventable() -> None:
    rng = np.random.default_rng(5)
    at, day = rng.uniform(0, 3_000, (300, 2)), rng.integers(0, 365, 300)
    found = preventable(at, day, within_m=200, within_days=14, permutations=99)
    assert found.share == pytest.approx(found.by_chance, abs=0.05)
    assert found.p > 0.05


def test_many_pairs_have_fewer_permutations_unless_they_are_asked_for() -> None:
    assert [near_repeat_table.permutations_for(pairs) for pairs in (0, 100_000, 1_000_000, 10_000_000)] == [
        999,
        999,
        500,
        99,
    ]
    rng = np.random.default_rng(6)
    at, day = rng.uniform(0, 500, (50, 2)), rng.integers(0, 60, 50)
    assert knox(at, day, Bands()).permutations == 999
    assert knox(at, day, Bands(), permutations=9).permutations == 9


def test_days_of_two_centuries_are_counted_too() -> None:
    day = np.array([0, 1, 70_000])
    found = knox(np.zeros((3, 2)), day, Bands(), permutations=0)
    assert found.observed[0].tolist() == [0, 1, 0, 0, 0, 2]


def test_the_order_of_the_incidents_changes_nothing() -> None:
    rng = np.random.default_rng(8)
    at, day = rng.uniform(0, 400, (60, 2)), rng.integers(0, 40, 60)
    other = rng.permutation(60)
    one, two = (knox(at[rows], day[rows], Bands(), permutations=49, seed=3) for rows in (np.arange(60), other))
    assert np.array_equal(one.p, two.p)
    assert np.array_equal(one.expected, two.expected)
    rings = [
        preventable(at[rows], day[rows], within_m=100, within_days=7, permutations=9) for rows in (np.arange(60), other)
    ]
    assert rings[0] == rings[1]
