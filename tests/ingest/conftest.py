"""Files that the tests of this room write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from geo_service.ingest import IncidentFinder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo_service.ingest.files import CsvIncidentFile

MAPPINGS = Path(__file__).parents[2] / "data" / "mappings"


@pytest.fixture
def finder() -> IncidentFinder:
    return IncidentFinder(MAPPINGS)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write lines or bytes to a file."""

    def to_file(content: Sequence[str] | bytes, name: str = "2025-01-example-street.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else ("\n".join(content) + "\n").encode())
        return path

    return to_file


@pytest.fixture
def read_all() -> Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]]:
    """Read a file to its end: rows read, accepted, rejected."""

    def read(file: CsvIncidentFile) -> tuple[int, pl.DataFrame, pl.DataFrame]:
        batches = list(file.batches())
        return (
            sum(batch.read for batch in batches),
            pl.concat([batch.accepted for batch in batches]),
            pl.concat([batch.rejected for batch in batches]),
        )

    return read
