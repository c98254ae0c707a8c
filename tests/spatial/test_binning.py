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
from geo_service.model.cells import OUTSIDE, UNLOCATED, DenseCounts, SparseCounts
from geo_service.model.incidents import GROUP_COLUMNS, INCIDENT_SCHEMA, MARKERS
from geo_service.model.periods import Month, Period
from geo_service.spatial import CubeBuilder, binning

if TYPE_CHECKING:
    from geo_service.model.cells import Cube

FIRST = Month.parse("2024-11")
MONTHS = 5
SOURCE = "police_uk/somewhere"
ROWS = ("steps", "cell", "member", "group")
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


def built(
    *batches: list[dict[str, object]], loaded: tuple[Month, ...] = (FIRST,), dense_bytes: int = binning.DENSE_BYTES
) -> Cube:
    builder = CubeBuilder(10)
    for batch in batches:
        frame = pl.DataFrame(batch, schema=SCHEMA)
        builder.add(frame, frame["member"].to_numpy())
    return builder.build({SOURCE: loaded}, dense_bytes)


def counted(cube: Cube) -> Counter[tuple[object, ...]]:
    """Return what a cube holds as a Counter over (group values, cell, member, month)."""
    found = Counter()
    for step, month in enumerate(cube.steps.tolist()):
        counts = cube.counts.between(step, step + 1)
        for row in np.flatnonzero(counts):
            values = cube.groups.row(int(cube.group[row]))
            found[*values, int(cube.cell[row]), int(cube.member[row]), month] += int(counts[row])
    return found


def same(one: Cube, other: Cube) -> bool:
    return (
        one.groups.equals(other.groups)
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ROWS)
        and counted(one) == counted(other)
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


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set partial counts aside and merge them a few at a time, as a large import does."""
    monkeypatch.setattr(binning, "_SET_ASIDE_ABOVE", 10)
    monkeypatch.setattr(binning, "_MERGED_AT_ONCE", 15)
    monkeypatch.setattr(binning, "_SAMPLED", 3)


def many(rows: int) -> list[dict[str, object]]:
    rng = np.random.default_rng(3)
    return [
        {**dict.fromkeys(SCHEMA), "month": FIRST.ordinal + step, "cell_10": cell, "member": 0, "offence": offence}
        for step, cell, offence in zip(
            rng.integers(0, MONTHS, rows),
            rng.integers(0, 9, rows),
            rng.choice(["Robbery", "Burglary"], rows).tolist(),
            strict=True,
        )
    ]


def test_setting_aside_on_the_way_changes_nothing(request: pytest.FixtureRequest) -> None:
    rows = many(200)
    whole = built(rows)
    request.getfixturevalue("small_runs")
    assert same(whole, built(*(rows[start : start + 7] for start in range(0, 200, 7))))


@pytest.mark.usefixtures("small_runs")
def test_memory_holds_a_few_partial_counts_however_many_rows_come() -> None:
    builder, rows = CubeBuilder(10), many(400)
    waiting = []
    for start in range(0, 400, 8):
        builder.add(pl.DataFrame(rows[start : start + 8], schema=SCHEMA))
        waiting.append(sum(part.height for part in builder._parts))
    assert max(waiting) <= 10
    parts = list(builder.parts())
    assert len(parts) > 1
    assert sum(int(part.count.sum()) for part in parts) == 400


@settings(max_examples=60)
@given(rows=incidents, seed=st.integers(0, 99))
def test_a_sparse_cube_gives_the_answers_of_a_dense_one(rows: list[dict[str, object]], seed: int) -> None:
    months = tuple(FIRST + step for step in range(MONTHS))
    dense, sparse = built(rows, loaded=months), built(rows, loaded=months, dense_bytes=0)
    assert isinstance(dense.counts, DenseCounts)
    assert not rows or isinstance(sparse.counts, SparseCounts)
    assert same(dense, sparse)
    chosen = np.flatnonzero(np.random.default_rng(seed).random(len(dense.cell)) < 0.5)
    parts = [cube.chosen(chosen, cube.member[chosen] + 1) for cube in (dense, sparse)]
    assert same(*parts)
    for first in range(-1, MONTHS):
        for last in range(max(first, 0), MONTHS + 1):
            period = Period(FIRST + first, FIRST + last)
            assert dense.window(period).tolist() == sparse.window(period).tolist()
            assert parts[0].window(period).tolist() == parts[1].window(period).tolist()
            assert dense.window(period)[chosen].tolist() == parts[0].window(period).tolist()


def test_prefix_sums_are_kept_up_to_their_budget_and_no_further() -> None:
    rows = many(200)
    dense = built(rows)
    needed = (MONTHS + 1) * len(dense.cell) * 4
    assert isinstance(built(rows, dense_bytes=needed).counts, DenseCounts)
    assert isinstance(built(rows, dense_bytes=needed - 1).counts, SparseCounts)


@given(rows=incidents)
def test_rows_and_groups_ascend_and_none_comes_twice(rows: list[dict[str, object]]) -> None:
    cube = built(rows)
    keys = list(zip(cube.cell.tolist(), cube.group.tolist(), cube.member.tolist(), strict=True))
    assert keys == sorted(set(keys))
    assert cube.groups.equals(cube.groups.unique().sort(GROUP_COLUMNS))
    assert cube.steps.tolist() == sorted({row["month"] for row in rows})


def test_a_window_is_what_its_months_hold() -> None:
    row = {**dict.fromkeys(SCHEMA), "offence": "Robbery", "cell_10": 7, "member": 1}
    rows = [{**row, "month": FIRST.ordinal + step} for step in (0, 1, 1, 4)]
    cube = built(rows, loaded=(FIRST, FIRST + 1, FIRST + 4))
    assert cube.window(Period(FIRST + 1, FIRST + 4)).tolist() == [3]
    assert cube.loaded == (FIRST, FIRST + 1, FIRST + 4)


def test_one_false_old_date_makes_one_step_more() -> None:
    row = {**dict.fromkeys(SCHEMA), "offence": "Robbery", "cell_10": 7, "member": 1}
    cube = built([{**row, "month": month.ordinal} for month in (Month.parse("1900-01"), FIRST)])
    assert cube.steps.tolist() == [Month.parse("1900-01").ordinal, FIRST.ordinal]
    assert cube.window(Period(FIRST, FIRST)).tolist() == [1]


def test_a_null_is_neither_false_nor_empty() -> None:
    base = {**dict.fromkeys(SCHEMA), "month": FIRST.ordinal, "cell_10": 1, "member": 0}
    rows = [{**base, "knife": knife, "offence_code": code} for knife in (None, False) for code in (None, "")]
    cube = built(rows)
    assert cube.groups.height == 4
    assert cube.groups["offence_code"].to_list() == [None, None, "", ""]
    assert cube.groups["knife"].to_list() == [None, False, None, False]


def test_without_members_every_incident_is_outside() -> None:
    builder = CubeBuilder(10)
    row = {**dict.fromkeys(SCHEMA), "month": FIRST.ordinal, "cell_10": 1, "member": 2}
    builder.add(pl.DataFrame([row], schema=SCHEMA))
    assert builder.build({}).member.tolist() == [OUTSIDE]


def test_a_cube_of_nothing_can_be_asked() -> None:
    cube = built(loaded=(FIRST + 2,))
    assert cube.window(Period(FIRST, FIRST + 9)).tolist() == []
    assert cube.groups.columns == list(GROUP_COLUMNS)


def test_an_incident_without_a_month_is_not_dropped_in_silence() -> None:
    row = {**dict.fromkeys(SCHEMA), "month": None, "cell_10": 1, "member": 2}
    with pytest.raises(FaultError, match="no month"):
        built([row])
