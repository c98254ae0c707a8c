"""Row groups that cannot hold the answer are not read, and the answer stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from geo_service.model.incidents import CELL_COLUMNS
from geo_service.model.periods import Month, Period
from geo_service.store.columns import stored_incidents, to_arrow, to_polars
from geo_service.store.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = Month.parse("2025-01")
MONTHS = tuple(str(FIRST + step) for step in range(4))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    span=st.none() | st.tuples(st.integers(-2, 5), st.integers(0, 3)),
    chosen=st.none() | st.lists(st.integers(0, 60), max_size=6),
    resolution=st.sampled_from(sorted(CELL_COLUMNS)),
)
def test_row_groups_and_rows_together_choose_what_a_filter_chooses(
    make_incidents: Callable[..., pl.DataFrame],
    span: tuple[int, int] | None,
    chosen: list[int] | None,
    resolution: int,
) -> None:
    rows = stored_incidents(make_incidents(4, 300, MONTHS))
    sink = pa.BufferOutputStream()
    pq.write_table(to_arrow(rows), sink, row_group_size=20)
    file = pq.ParquetFile(pa.BufferReader(sink.getvalue()))
    period = None if span is None else Period(FIRST + span[0], FIRST + (span[0] + span[1]))
    cells = None if chosen is None else np.array(chosen, dtype=np.uint64) + np.uint64(resolution << 40)
    selection = Selection.of(["row", "offence"], period, cells, resolution)
    groups = selection.row_groups(file.metadata)
    found = selection.rows(to_polars(file.read_row_groups(groups, columns=list(selection.needed))))
    wanted = rows
    if period is not None:
        wanted = wanted.filter((pl.col("month") >= period.first.ordinal) & (pl.col("month") <= period.last.ordinal))
    if cells is not None:
        wanted = wanted.filter(pl.col(CELL_COLUMNS[resolution]).is_in(cells.tolist()))
    assert_frame_equal(found, wanted.select("row", "offence"))


def test_a_question_about_one_cell_reads_few_row_groups(make_incidents: Callable[..., pl.DataFrame]) -> None:
    rows = stored_incidents(make_incidents(4, 300))
    sink = pa.BufferOutputStream()
    pq.write_table(to_arrow(rows), sink, row_group_size=20)
    footer = pq.read_metadata(pa.BufferReader(sink.getvalue()))
    assert footer.num_row_groups == 15
    middle = rows["cell_10"][150]
    asked = Selection.of(["row"], None, np.array([middle], dtype=np.uint64), 10)
    assert 1 <= len(asked.row_groups(footer)) <= 3
    later = Selection.of(["row"], Period.parse("2026-01", "2026-02"), None, 10)
    assert later.row_groups(footer) == []
