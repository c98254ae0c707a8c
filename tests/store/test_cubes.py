"""The cube is the incidents, counted, and it is never wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from geo_service.errors import NotFoundError
from geo_service.model.access import Audience, Principal
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS
from geo_service.model.periods import Month, Period

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.ports import Store

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
FORCE = "incidents/force_csv/demonstration/0"
AUTHOR = Principal("analyst", Audience.FORCE)


def test_the_cube_counts_what_a_group_by_counts(
    any_store: Store,
    put: Callable[..., Version | None],
    make_incidents: Callable[..., pl.DataFrame],
    make_boundary_set: Callable[..., BoundarySet],
    members: Callable[..., np.ndarray],
) -> None:
    months = tuple(f"2024-{month:02d}" for month in range(3, 12))
    frames = {
        f"incidents/police_uk/somewhere/{month}": make_incidents(number, 300, (month,))
        for number, month in enumerate(months[::2])
    } | {FORCE: make_incidents(77, 900, months, numbered=True)}
    wards = make_boundary_set()
    put(any_store, frames, boundary_sets=(wards,))
    snapshot = any_store.snapshot()
    rows = pl.concat(
        frame.with_columns(member=pl.Series(members(frame, wards), dtype=pl.Int32)) for frame in frames.values()
    )
    rng = np.random.default_rng(20)
    for resolution, column in CELL_COLUMNS.items():
        cube = snapshot.cube(resolution, "wards")
        for _ in range(4):
            first, last = sorted(
                rng.integers(Month.parse("2024-03").ordinal, Month.parse("2024-12").ordinal, 2).tolist()
            )
            key = [*GROUP_COLUMNS, "member", "cell"]
            wanted = (
                rows.filter(pl.col("month").is_between(first, last))
                .rename({column: "cell"})
                .group_by(key)
                .agg(n=pl.len().cast(pl.Int64))
            )
            counted = cube.window(Period(Month(first), Month(last)))
            at = counted > 0
            found = cube.groups[cube.group[at].tolist()].with_columns(
                member=pl.Series(cube.member[at], dtype=pl.Int32),
                cell=pl.Series(cube.cell[at], dtype=pl.UInt64),
                n=pl.Series(counted[at], dtype=pl.Int64),
            )
            assert_frame_equal(found, wanted.select(found.columns), check_row_order=False)


def test_a_cube_without_a_boundary_set_counts_every_row_once(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    cube = any_store.snapshot().cube(9)
    assert cube.prefix[-1].sum() == jan.height
    assert set(cube.member.tolist()) == {-1}
    with pytest.raises(NotFoundError, match="wards"):
        any_store.snapshot().cube(9, "lsoas")
