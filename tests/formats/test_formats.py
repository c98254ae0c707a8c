"""Formats are found by being there, and agree on what they write."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import h3
import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.errors import FaultError
from geo_service.formats import formats
from geo_service.formats.columns import cell_names, plain_rows
from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, Provenance

if TYPE_CHECKING:
    from collections.abc import Callable


def test_each_format_goes_by_its_name() -> None:
    assert {name: (member.name, member.suffix) for name, member in formats().items()} == {
        "csv": ("csv", ".csv"),
        "geojson": ("geojson", ".geojson"),
    }
    assert formats()["geojson"].media_type == "application/geo+json"


def test_cell_numbers_are_written_as_h3_writes_them() -> None:
    names = [h3.latlng_to_cell(52.3, -1.94, resolution) for resolution in range(16)]
    numbers = pl.Series("cell", [int(name, 16) for name in names], dtype=pl.UInt64)
    assert cell_names(numbers).to_list() == names


def test_values_become_plain() -> None:
    rows = pl.DataFrame(
        {
            "id": ["a"],
            "cell": pl.Series([0x8A195DA49AAFFFF], dtype=pl.UInt64),
            "day": [dt.date(2025, 5, 1)],
            "at": [dt.datetime(2025, 5, 1, 22, 30)],  # noqa: DTZ001 (clock time without a zone, as incidents have it)
            "none": [float("inf")],
            "wards": [["Abbey", "Batchley"]],
            "kept": [True],
        }
    )
    table = FeatureTable("t", "T", rows, np.array([None]), Provenance(1, ""))
    assert plain_rows(table).rows() == [
        ("a", "8a195da49aaffff", "2025-05-01", "2025-05-01T22:30:00", None, "Abbey; Batchley", True)
    ]


@pytest.mark.parametrize("name", formats())
def test_every_format_carries_marking_data_version_and_destroy_after(
    name: str, make_table: Callable[..., FeatureTable]
) -> None:
    table = make_table([shapely.Point(-1.9, 52.3)], name=["Hall"])
    assert table.provenance.data_version == 7
    provenance = replace(table.provenance, marking="OFFICIAL-SENSITIVE", data_version=714)
    written = formats()[name].write(replace(table, provenance=provenance)).decode()
    for word in ("OFFICIAL-SENSITIVE", "714", "2026-12-20"):
        assert word in written


@pytest.mark.parametrize("name", formats())
def test_a_public_table_says_that_it_need_not_be_destroyed(name: str, make_table: Callable[..., FeatureTable]) -> None:
    table = replace(make_table([shapely.Point(-1.9, 52.3)]), audience=Audience.PUBLIC)
    written = formats()[name].write(table).decode()
    assert "public, no destroy-after" in written
    assert "2026-12-20" not in written


@pytest.mark.parametrize("name", formats())
def test_a_table_of_which_nobody_decided_when_it_is_destroyed_is_not_written(
    name: str, make_table: Callable[..., FeatureTable]
) -> None:
    table = make_table([shapely.Point(-1.9, 52.3)])
    undecided = replace(table, provenance=replace(table.provenance, destroy_after=None))
    with pytest.raises(FaultError, match="must say when its copies are destroyed"):
        formats()[name].write(undecided)
