"""Conditional permutations are those of the others, drawn without replacement."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.hotspots import significance


@pytest.mark.parametrize("k", [1, 3, 6, 8])
def test_counts_are_those_of_every_possible_draw_of_the_others(k: int) -> None:
    n, draws = 9, 40_000
    value = np.array([0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0])
    local = np.array([4.0, 9.0, 2.0, 0.0, 7.0, 25.0, 3.0, 11.0, 6.0])
    high, low = significance.reach_or_exceed(
        value, local=local, size=np.full(n, k), asked=np.ones(n, dtype=np.bool_), permutations=draws,
        rng=np.random.default_rng(2),
    )  # fmt: skip
    for cell in range(n):
        sums = np.array([sum(drawn) for drawn in itertools.combinations(np.delete(value, cell), k)])
        # Nine cells and two counts: beyond 5 standard errors once in 100,000 runs, and the seed is fixed.
        for count, exact in ((high, (sums >= local[cell]).mean()), (low, (sums <= local[cell]).mean())):
            assert abs(count[cell] / draws - exact) <= 5 * np.sqrt(exact * (1 - exact) / draws) + 1e-12


def test_cells_are_counted_by_their_own_number_of_neighbours_and_only_where_asked() -> None:
    value = np.array([1.0, 1.0, 1.0, 1.0, 9.0])
    high, low = significance.reach_or_exceed(
        value, local=np.array([0.0, 1.0, 10.0, 2.0, 1.0]), size=np.array([0, 1, 2, 2, 1]),
        asked=np.array([True, False, True, True, True]), permutations=200, rng=np.random.default_rng(3),
    )  # fmt: skip
    assert high[0] == low[0] == 200  # no neighbours: every draw is a tie
    assert 70 < high[1] < 130  # 9 is among two of four others in half of the draws
    assert high[2] == 200
    assert high[3] == low[3] == 200  # the cell of 9 itself is never drawn: all others are 1


def test_sums_that_differ_in_their_last_digit_are_ties() -> None:
    value = np.array([0.1, 0.2, 0.3, 0.1, 0.2, 0.3])
    high, low = significance.reach_or_exceed(
        value, local=np.full(6, 0.3 + 0.3 + 0.2 + 0.2 + 0.1), size=np.full(6, 5), asked=np.arange(6) == 0,
        permutations=50, rng=np.random.default_rng(4),
    )  # fmt: skip
    assert high.tolist() == low.tolist() == [50]


@given(n=st.integers(2, 40), share=st.floats(0, 1), seed=st.integers(0, 1_000))
@settings(max_examples=60, deadline=None)
def test_a_draw_holds_no_cell_twice_and_its_stand_in_is_none_of_it(n: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    draws = significance._draw(n, 1 + int(share * (n - 2)), 20, rng)
    assert (np.diff(draws, axis=1) > 0).all()
    others = significance._others(draws, n, rng)
    assert not (draws == others[:, None]).any()
    assert ((others >= 0) & (others < n)).all()


def test_a_stand_in_is_equally_likely_each_of_the_cells_left() -> None:
    draws = np.tile([1, 2, 5], (30_000, 1))
    found = np.bincount(significance._others(draws, 7, np.random.default_rng(5)), minlength=7)
    assert found[[1, 2, 5]].tolist() == [0, 0, 0]
    # Four cells of 7,500 each, standard deviation 75.
    assert np.abs(found[[0, 3, 4, 6]] - 7_500).max() < 375


def test_no_p_at_all_has_no_q() -> None:
    assert len(significance.discovery_rate(np.zeros(0))) == 0


def test_sums_of_lopsided_counts_are_told_and_even_ones_are_not() -> None:
    rng, size = np.random.default_rng(6), np.full(2_000, 7)
    few, many = (rng.poisson(mean, 2_000).astype(np.float64) for mean in (0.2, 10))
    # Poisson: 1 / sqrt(7 x 0.2) is 0.85, 1 / sqrt(7 x 10) is 0.12.
    (note,) = significance.normal_notes(few, size, "take 999 permutations")
    assert "sum 0.8" in note or "sum 0.9" in note
    assert note.endswith("of the normal law 0): take 999 permutations.")
    assert significance.normal_notes(many, size, "") == ()
    assert significance.normal_notes(np.ones(5), size[:5], "") == ()


def test_classes_are_counted_most_first() -> None:
    classes = np.array(["b", "a", "none", "none"])
    assert significance.class_notes(classes) == ("Cells by class: none 2, a 1, b 1.",)


def test_too_few_draws_for_any_class_are_told() -> None:
    none, some = np.full(2_000, "not significant"), np.array(["hot-hot", *["not significant"] * 1_999])
    (told,) = significance.draw_notes(none, "not significant", 999)
    # The least two-sided p is 2 / 1,000; it passes at rank r where 0.002 <= 0.05 r / 2,000.
    assert "p is never below 0.002, so that none can pass unless 80 do" in told
    for classes, draws in ((none, 0), (none, 99_999), (some, 999)):
        assert significance.draw_notes(classes, "not significant", draws) == ()


def test_hot_cells_are_counted_and_too_few_draws_told() -> None:
    q = np.linspace(0.03, 0.5, 2_000)
    assert significance.hot_notes(q) == (
        f"{int((q <= 0.05).sum())} of 2,000 cells are hot at a false discovery rate of 5 %.",
    )
    (told,) = significance.hot_notes(q + 0.1, 999)
    # By Benjamini and Hochberg: p of 0.001 passes at rank r where 0.001 <= 0.05 r / 2,000.
    assert "p is never below 0.001, so that none can pass unless 40 do" in told
    assert significance.hot_notes(q + 0.1, 99_999) == ("0 of 2,000 cells are hot at a false discovery rate of 5 %.",)
