"""A cube loses nothing and does not care in which order incidents come."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import FaultError
from geo_service.model.cells import OUTSIDE, UNLOCATED
from geo_service.model.incidents import GROUP_COLUMNS, INCIDENT_SCHEMA, MARKERS
from geo_service.model.periods import Month, Period
from geo_service.spatial import CubeBuilder, binning

if TYPE_CHECKING:
    from geo_service.model.cells import Cube

FIRST = Month.parse("2024-11")
MONTHS = 5
SCHEMA = {
    **{name: INCIDENT_SCHEMA[name] for name in GROUP_COLUMNS},
    "month": pl.Int32,
    "cell_10": pl.UInt64,
    "member": pl.Int32,
}

incident = st.fixed_dictionaries(
    {
        "offence_code": st.sampled_from([None, "008/01", ""]),
        "offence": st.sampled_from([None, "Robbery", "Burglary"]),
        **dict.fromkeys(MARKERS, st.none()),
        "knife": st.sampled_from([None, False, True]),
        "month": st.integers(FIRST.ordinal, FIRST.ordinal + MONTHS - 1),
        "cell_10": st.sampled_from([UNLOCATED, 11, 2**63 + 5]),
        "member": st.integers(OUTSIDE, 2),
    }
)
incidents = st.lists(incident, max_size=60)


def built(*batches: list[dict[str, object]], loaded: tuple[Month, ...] = (FIRST,)) -> Cube:
    builder = CubeBuilder(10, FIRST, MONTHS)
    for batch in batches:
        frame = pl.DataFrame(batch, schema=SCHEMA)
        builder.add(frame, frame["member"].to_numpy())
    return builder.build(loaded)


def counted(cube: Cube) -> Counter[tuple[object, ...]]:
    """Return what a cube holds as a Counter over (group values, cell, member, month)."""
    found = Counter()
    monthly = np.diff(cube.prefix, axis=0)
    for step, row in zip(*np.nonzero(monthly), strict=True):
        values = cube.groups.row(int(cube.group[row]))
        key = (*values, int(cube.cell[row]), int(cube.member[row]), FIRST.ordinal + int(step))
        found[key] += int(monthly[step, row])
    return found


def same(one: Cube, other: Cube) -> bool:
    return (
        one.groups.equals(other.groups)
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("cell", "member", "group"))
        and np.array_equal(one.prefix, other.prefix)
    )


@given(rows=incidents)
def test_every_incident_is_counted_once_where_it_belongs(rows: list[dict[str, object]]) -> None:
    order = (*GROUP_COLUMNS, "cell_10", "member", "month")
    assert counted(built(rows)) == Counter(tuple(row[name] for name in order) for row in rows)


@settings(max_examples=50)
@given(rows=incidents, seed=st.integers(0, 99), cut=st.integers(0, 60))
def test_order_and_size_of_batches_do_not_matter(rows: list[dict[str, object]], seed: int, cut: int) -> None:
    shuffled = [rows[place] for place in np.random.default_rng(seed).permutation(len(rows))]
    assert same(built(rows), built(shuffled[:cut], shuffled[cut:]))


def test_adding_up_on_the_way_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    rows = [
        {**dict.fromkeys(SCHEMA), "month": FIRST.ordinal + step, "cell_10": cell, "member": 0, "offence": "Robbery"}
        for step, cell in zip(rng.integers(0, MONTHS, 200), rng.integers(1, 9, 200), strict=True)
    ]
    whole = built(rows)
    monkeypatch.setattr(binning, "_COMPACT_ABOVE", 10)
    assert same(whole, built(*(rows[start : start + 7] for start in range(0, 200, 7))))


def test_partial_counts_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binning, "_COMPACT_ABOVE", 10)
    builder = CubeBuilder(10, FIRST, MONTHS)
    row = {**dict.fromkeys(SCHEMA), "month": FIRST.ordinal, "cell_10": 1, "member": 0}
    for _ in range(50):
        builder.add(pl.DataFrame([row], schema=SCHEMA))
    assert sum(part.height for part in builder._parts) <= 12
    assert builder.build([]).prefix[-1].tolist() == [50]


@given(rows=incidents)
def test_rows_and_groups_ascend_and_none_comes_twice(rows: list[dict[str, object]]) -> None:
    cube = built(rows)
    keys = list(zip(cube.group.tolist(), cube.cell.tolist(), cube.member.tolist(), strict=True))
    assert keys == sorted(set(keys))
    assert cube.groups.equals(cube.groups.unique().sort(GROUP_COLUMNS))
    assert cube.prefix.shape == (MONTHS + 1, len(keys))
    assert cube.prefix.dtype == np.int32


def test_a_window_is_what_its_months_hold() -> None:
    row = {**dict.fromkeys(SCHEMA), "offence": "Robbery", "cell_10": 7, "member": 1}
    rows = [{**row, "month": FIRST.ordinal + step} for step in (0, 1, 1, 4)]
    cube = built(rows, loaded=(FIRST, FIRST + 1, FIRST + 4))
    assert cube.window(Period(FIRST + 1, FIRST + 4)).tolist() == [3]
    assert cube.loaded.tolist() == [True, True, False, False, True]


def test_a_null_is_neither_false_nor_empty() -> None:
    base = {**dict.fromkeys(SCHEMA), "month": FIRST.ordinal, "cell_10": 1, "member": 0}
    rows = [{**base, "knife": knife, "offence_code": code} for knife in (None, False) for code in (None, "")]
    cube = built(rows)
    assert cube.groups.height == 4
    assert cube.groups["offence_code"].to_list() == [None, None, "", ""]
    assert cube.groups["knife"].to_list() == [None, False, None, False]


def test_without_members_every_incident_is_outside() -> None:
    builder = CubeBuilder(10, FIRST, MONTHS)
    row = {**dict.fromkeys(SCHEMA), "month": FIRST.ordinal, "cell_10": 1, "member": 2}
    builder.add(pl.DataFrame([row], schema=SCHEMA))
    assert builder.build([]).member.tolist() == [OUTSIDE]


def test_a_cube_of_nothing_can_be_asked() -> None:
    cube = built(loaded=(FIRST + 2, FIRST + 40, FIRST - 1))
    assert cube.prefix.shape == (MONTHS + 1, 0)
    assert cube.groups.columns == list(GROUP_COLUMNS)
    assert cube.loaded.tolist() == [False, False, True, False, False]


@pytest.mark.parametrize("month", [FIRST.ordinal - 1, FIRST.ordinal + MONTHS, None])
def test_an_incident_of_another_month_is_not_dropped_in_silence(month: int | None) -> None:
    row = {**dict.fromkeys(SCHEMA), "month": month, "cell_10": 1, "member": 2}
    with pytest.raises(FaultError, match="outside the months of the cube"):
        built([row])
