"""What a question looks at is what the cube holds, added up by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.hotspots import Observer, tally, tally_by_month
from geo_service.model.periods import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import CellTable, Cube

BOTH = np.array([True, True])
CELLS = np.array([11, 12, 13], dtype=np.uint64)
HALO = np.array([5, 20], dtype=np.uint64)
ROWS = [
    (11, 0, 0, (1, 2, 4)),
    (11, -1, 0, (8, 8, 8)),  # in the cell, outside the area
    (12, 0, 1, (0, 1, 0)),
    (12, 3, 0, (5, 5, 5)),  # another member
    (20, 3, 1, (7, 0, 7)),  # in the halo
    (99, 0, 0, (9, 9, 9)),  # nowhere near
    (0, -1, 0, (3, 3, 3)),  # without a position
]
FEBRUARY = Period.parse("2025-02", "2025-02")
ALL = Period.parse("2025-01", "2025-03")


@pytest.fixture
def observer(cube: Callable[..., Cube], table: Callable[..., CellTable]) -> Observer:
    indptr, indices = np.zeros(6, dtype=np.int64), np.array([], dtype=np.int64)
    places = np.zeros(5), np.zeros((5, 2))
    return Observer(cube(ROWS), table(CELLS), HALO, *places, indptr, indices, np.array([0], dtype=np.int32), BOTH)


def test_whole_cells_and_the_halo_count_for_the_statistic_and_the_inside_apart(observer: Observer) -> None:
    seen = observer(ALL)
    assert seen.cells.tolist() == [11, 12, 13, 5, 20]
    assert seen.inside.tolist() == [True, True, True, False, False]
    assert seen.value.tolist() == [31, 16, 0, 0, 14]
    assert seen.value_inside.tolist() == [7, 1, 0, 0, 0]
    assert seen.covered_m2.tolist() == [15_000, 15_000, 15_000, 0, 0]


def test_a_period_is_cut_out_and_harm_is_weighed_by_group(observer: Observer) -> None:
    assert observer.inside(FEBRUARY).tolist() == [2, 1, 0]
    days = np.array([10.0, 0.5])
    assert observer.inside(FEBRUARY, days).tolist() == [20, 0.5, 0]
    assert observer(FEBRUARY, days).value.tolist() == [100, 50.5, 0, 0, 0]


def test_only_the_groups_of_the_set_count(cube: Callable[..., Cube]) -> None:
    second = np.array([False, True])
    assert tally(cube(ROWS), CELLS, ALL, second).tolist() == [0, 1, 0]
    assert tally(cube(ROWS), CELLS, ALL, ~BOTH).tolist() == [0, 0, 0]


def test_a_period_without_any_loaded_month_is_refused(observer: Observer) -> None:
    with pytest.raises(QueryError, match="No month of the period is loaded"):
        observer.inside(Period.parse("2026-01", "2026-02"))


def test_no_cells_hold_nothing(cube: Callable[..., Cube]) -> None:
    assert tally(cube(ROWS), CELLS[:0], ALL, BOTH).tolist() == []


@given(
    rows=st.lists(
        st.tuples(
            st.integers(1, 12), st.integers(-1, 2), st.integers(0, 1), st.tuples(st.integers(0, 9), st.integers(0, 9))
        ),
        min_size=1,
        max_size=40,
    ),
    wanted=st.lists(st.integers(1, 14), unique=True, max_size=14),
)
@settings(max_examples=60, deadline=None)
def test_sums_by_cell_equal_a_plain_loop_in_any_order_of_cells(
    cube: Callable[..., Cube], rows: Sequence[tuple[int, int, int, tuple[int, int]]], wanted: list[int]
) -> None:
    cells: NDArray[np.uint64] = np.array(wanted, dtype=np.uint64)
    members, days = np.array([0, 2], dtype=np.int32), np.array([3.0, 7.0])
    counted = tally(cube(rows), cells, Period.parse("2025-01", "2025-02"), BOTH, members=members, days=days)
    by_hand = [sum(sum(n) * days[g] for c, m, g, n in rows if c == cell and m in {0, 2}) for cell in wanted]
    assert counted.tolist() == by_hand


@given(
    rows=st.lists(
        st.tuples(
            st.integers(1, 12), st.integers(-1, 2), st.integers(0, 1), st.tuples(*(st.integers(0, 3) for _ in range(3)))
        ),
        max_size=30,
    ),
    weighed=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_month_by_month_is_what_each_month_holds_alone(
    cube: Callable[..., Cube], rows: list[tuple[int, int, int, tuple[int, ...]]], *, weighed: bool
) -> None:
    held, cells = cube(rows or ROWS), np.array([7, 3, 11, 5], dtype=np.uint64)
    days = np.array([2.5, 0.0]) if weighed else None
    members = np.array([0, 2], dtype=np.int32)
    found = tally_by_month(held, cells, ALL, BOTH, members=members, days=days).toarray()
    for row, month in zip(found, ALL, strict=True):
        alone = tally(held, cells, Period(month, month), BOTH, members=members, days=days)
        assert row.tolist() == alone.tolist()
