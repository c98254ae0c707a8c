"""Formats are found by being there, and agree on what they write."""

from __future__ import annotations

import datetime as dt

import h3
import numpy as np
import polars as pl

from geo_service.formats import formats
from geo_service.formats.columns import cell_names, plain_rows
from geo_service.model.layers import FeatureTable, Provenance


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
