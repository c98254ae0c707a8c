"""What an import did, for whoever tells the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.model.incidents import ImportCounts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet


@dataclass(frozen=True, slots=True)
class FileCounts:
    """Say what became of one file."""

    name: str
    reader: str
    sha256: str
    counts: ImportCounts
    reasons: Mapping[str, int]
    """Rejected rows by reason."""
    first_rejected: Mapping[str, object] | None = None
    """The first rejected row: file, row, field, value, reason."""


@dataclass(frozen=True, slots=True)
class IncidentImport:
    """Say what an import of incidents did."""

    version: Version | None
    """None where every row was there already."""
    files: tuple[FileCounts, ...]
    outside: Mapping[str, tuple[int, int]]
    """Boundary set -> (located rows in none of its members, located rows), over the imported slots."""
    notes: tuple[str, ...]
    """What was passed over or read in an unusual way."""

    @property
    def counts(self) -> ImportCounts:
        """Return the counts of all files together."""
        return sum((file.counts for file in self.files), ImportCounts())

    @property
    def reasons(self) -> Mapping[str, int]:
        """Return the rejected rows of all files by reason, most first."""
        return reasons_of(self.files)


@dataclass(frozen=True, slots=True)
class BoundaryImport:
    """Say what an import of boundaries did."""

    version: Version | None
    boundary_set: BoundarySet
    overlaps: tuple[str, ...]
    gaps: tuple[str, ...]
    outside: tuple[int, int]
    """(Located rows in no member, located rows) of the incidents that are there."""


@dataclass(frozen=True, slots=True)
class RowsImport:
    """Say what an import of postcodes or of a layer's features did."""

    version: Version | None
    accepted: int
    rejected: pl.DataFrame


@dataclass(frozen=True, slots=True)
class BasemapImport:
    """Say what an import of a map extract did."""

    version: Version | None
    rows: Mapping[str, Mapping[str, int]]
    """By layer: features by class or kind, most first."""
    skipped: Mapping[str, int]
    clipped_to: tuple[str, ...]
    """Boundary sets that bound what was taken; empty for all of the file."""
    around_m: float
    tile_bytes: int
    """Of the tiles for the screen; 0 where there was nothing to draw."""
    licence: str
    notes: tuple[str, ...] = ()


def reasons_of(files: Sequence[FileCounts]) -> Mapping[str, int]:
    """Return the rejected rows of some files by reason, most first."""
    total: dict[str, int] = {}
    for file in files:
        for reason, rows in file.reasons.items():
            total[reason] = total.get(reason, 0) + rows
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))
