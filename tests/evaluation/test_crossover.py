"""Crossover allocation: balanced, the same from its seed, sealed."""

from __future__ import annotations

import datetime as dt
import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.evaluation.crossover import Design, allocate, operational_days, periods_of, redraw, seal

FIRST = dt.date(2026, 3, 2)
ALLOCATED = ["P--P-P-P", "-P-PP--P", "P-P--PP-"]
SEALED = "6e80d7a8585da0f47a533f0fd450b184170aa326b70061241d3d6f475ec62286"


@given(
    zones=st.integers(1, 9),
    blocks=st.integers(1, 4),
    pairs=st.integers(1, 3),
    period_days=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_each_hotspot_is_patrolled_in_half_of_each_block_and_half_of_them_each_day(
    zones: int, blocks: int, pairs: int, period_days: int, seed: int
) -> None:
    days = blocks * 2 * pairs * period_days
    design = Design(tuple(f"z{k}" for k in range(zones)), FIRST, days, seed, period_days, 2 * pairs)
    drawn = allocate(design)
    assert drawn.shape == (zones, days)
    by_block = drawn.reshape(zones, blocks, -1).sum(axis=2)
    assert (by_block == pairs * period_days).all()
    each_day = drawn.sum(axis=0)
    assert set(each_day.tolist()) <= {zones // 2, zones - zones // 2}
    by_period = drawn.reshape(zones, -1, period_days)
    assert (by_period.all(axis=2) | ~by_period.any(axis=2)).all()
    assert (allocate(design) == drawn).all()


def test_the_allocation_of_a_seed_never_changes() -> None:
    # A sealed hash must still be proved in ten years: this is what the first release drew.
    design = Design(("a", "b", "c"), FIRST, 8, seed=20260302)
    drawn = allocate(design)
    assert ["".join("P" if day else "-" for day in row) for row in drawn] == ALLOCATED
    assert seal(design, drawn) == SEALED


def test_the_seal_can_be_worked_out_by_hand() -> None:
    design = Design(("north", "south"), FIRST, 2, seed=5)
    drawn = np.array([[True, False], [False, True]])
    text = (
        "geo_service crossover allocation 1\n"
        "first_day=2026-03-02 days=2 period_days=1 block_periods=2 wash_out_days=0 seed=5\n"
        "north,2026-03-02,patrol\nnorth,2026-03-03,no patrol\n"
        "south,2026-03-02,no patrol\nsouth,2026-03-03,patrol\n"
    )
    assert seal(design, drawn) == hashlib.sha256(text.encode()).hexdigest()
    assert seal(design, ~drawn) != seal(design, drawn)


def test_days_of_the_wash_out_are_left_out() -> None:
    design = Design(("a",), FIRST, 8, seed=1, period_days=4, wash_out_days=3)
    assert design.counted.tolist() == [False, False, False, True] * 2
    assert periods_of(design, np.arange(8.0)[None, :]).tolist() == [[3.0, 7.0]]


def test_every_hotspot_day_is_as_likely_patrolled_as_not() -> None:
    # 4,000 draws of a hotspot-day: 2,000 ± 6 * 31.6.
    design = Design(("a", "b", "c"), FIRST, 4, seed=0, block_periods=4)
    unit = np.zeros((12, 3, 4))
    unit[np.arange(12), np.arange(12) // 4, np.arange(12) % 4] = 1
    sums = redraw(design, list(unit), 4_000, seed=6)
    assert all(abs(total.sum()) < 2 * 6 * 31.6 for total in sums)
    assert {value for total in sums for value in total.tolist()} == {-1.0, 1.0}


def test_a_moment_before_six_belongs_to_the_day_before_and_midnight_to_its_date() -> None:
    def moment(text: str) -> float:
        return (dt.datetime.fromisoformat(text) - dt.datetime(1970, 1, 1)).total_seconds() / 86_400  # noqa: DTZ001

    said = ["2026-03-02 05:59", "2026-03-02 06:00", "2026-03-02 23:59", "2026-03-03 00:01", "2026-03-03 00:00"]
    days = operational_days(np.array([moment(each) for each in said]))
    dates = [str(dt.date(1970, 1, 1) + dt.timedelta(days=int(day))) for day in days]
    assert dates == ["2026-03-01", "2026-03-02", "2026-03-02", "2026-03-02", "2026-03-03"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zones": ()}, "zones"),
        ({"zones": ("a", "a")}, "zones"),
        ({"days": 9}, "days"),
        ({"days": 0}, "days"),
        ({"days": 2_000}, "days"),
        ({"seed": -1}, "seed"),
        ({"period_days": 0}, "period_days"),
        ({"block_periods": 3}, "block_periods"),
        ({"wash_out_days": 1}, "wash_out_days"),
    ],
)
def test_a_design_that_cannot_be_drawn_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(QueryError) as raised:
        Design(**({"zones": ("a", "b"), "first_day": FIRST, "days": 8, "seed": 1} | change))  # type: ignore[arg-type]
    assert raised.value.field == field
