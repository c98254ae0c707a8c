"""The published months are read to the last row."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl
import pytest

from geo_service.ingest import IncidentFinder, records, text

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared


def test_thirteen_months_of_west_mercia_are_read_to_the_last_row(shared: Path) -> None:
    folder = shared / "police-uk" / "west-mercia"
    files = IncidentFinder().find([folder])
    assert len(files) == 13
    batches = [(file.name, batch) for file in files for batch in file.batches()]
    assert sum(batch.read for _, batch in batches) == 110_152
    rejected = pl.concat([batch.rejected for _, batch in batches])
    # One row is published twice, equal in every column, crime ID and all; it has no position.
    assert rejected.select("file", "row", "reason").rows() == [
        ("2025-02-west-mercia-street.csv", 7317, "repeats row 7315 exactly")
    ]
    of_2025 = [batch for name, batch in batches if name.startswith("2025")]
    assert sum(batch.read for batch in of_2025) == 77_729
    assert sum(batch.accepted["lon"].null_count() for batch in of_2025) == 1_503 - 1


def test_every_cleaned_row_is_the_row_of_the_file_that_its_number_names(shared: Path) -> None:
    path = shared / "police-uk" / "west-mercia" / "2025-06" / "2025-06-west-mercia-street.csv"
    with path.open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    (file,) = IncidentFinder().find([path])
    for batch in file.batches():
        for row in batch.accepted.select("row", "crime_id", "lon", "lat", "place", "offence").iter_rows(named=True):
            source = lines[row["row"] - 2]
            assert (row["crime_id"] or "", row["place"], row["offence"]) == (
                source["Crime ID"],
                source["Location"],
                source["Crime type"],
            )
            assert row["lon"] == (float(source["Longitude"]) if source["Longitude"] else None)
            assert row["lat"] == (float(source["Latitude"]) if source["Latitude"] else None)


def test_a_zip_is_read_in_batches_of_bounded_size(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (records, text):
        monkeypatch.setattr(module, "CHUNK_BYTES", 1 << 20)
    files = IncidentFinder().find([shared / "police-uk" / "merseyside-2019-08-to-2021-09.zip"])
    assert len(files) == 26
    read, largest = 0, 0
    for file in files:
        for batch in file.batches():
            read += batch.read
            largest = max(largest, batch.read)
    assert read == 380_735
    # A row of these files takes some 200 bytes, never less than 100.
    assert largest < (1 << 20) / 100
