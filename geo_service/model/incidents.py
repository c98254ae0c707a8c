"""The columns of a cleaned incident, and what a cleaning leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

MARKERS: Final = (
    "victim_under_25",
    "suspect_under_25",
    "knife",
    "domestic_abuse",
    "hate",
    "found_by_police",
)
"""Yes/no facts of a force export that an offence set may ask for. Null where the source does not say."""

INCIDENT_SCHEMA: Final = pl.Schema(
    {
        "row": pl.Int64(),  # line of the source file, the header being line 1
        "crime_id": pl.String(),
        "month": pl.Int32(),  # Month.ordinal
        "offence_code": pl.String(),  # Home Office code; null on data.police.uk data
        "offence": pl.String(),  # description, or the category of data.police.uk
        "committed_from": pl.Datetime("us"),  # local clock time, no zone
        "committed_to": pl.Datetime("us"),
        "recorded": pl.Date(),
        "lon": pl.Float64(),  # EPSG:4326; null with lat when the incident is unlocated
        "lat": pl.Float64(),
        "place": pl.String(),  # "On or near …" or the export's own location words
        **dict.fromkeys(MARKERS, pl.Boolean()),
    }
)
"""A row of the store, before its cells are added."""

GROUP_COLUMNS: Final = ("offence_code", "offence", *MARKERS)
"""What makes one offence group: rows that no offence set and no harm table can tell apart."""

RESOLUTIONS: Final = (8, 9, 10, 11, 12)
"""H3 resolutions that every incident is indexed at."""

CELL_COLUMNS: Final = {resolution: f"cell_{resolution}" for resolution in RESOLUTIONS}
"""Column that holds the cell of each resolution (uint64; 0 where the incident is unlocated)."""

REJECT_SCHEMA: Final = pl.Schema(
    {"file": pl.String, "row": pl.Int64, "field": pl.String, "value": pl.String, "reason": pl.String}
)
"""A rejected row is data: where it stood, which field, what it held, why it was refused."""


@dataclass(frozen=True, slots=True)
class CleanBatch:
    """Hold what became of one batch of source rows."""

    read: int
    """Rows read from the source."""
    accepted: pl.DataFrame
    """INCIDENT_SCHEMA plus `partition`, the slot of the store that the row belongs to."""
    rejected: pl.DataFrame
    """REJECT_SCHEMA; one row for each source row refused."""

    def __post_init__(self) -> None:
        """Refuse to lose a row."""
        if self.accepted.height + self.rejected.height != self.read:
            msg = f"{self.accepted.height} accepted + {self.rejected.height} rejected != {self.read} read"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Count what an import did: accepted (located and unlocated) + rejected == read."""

    read: int = 0
    located: int = 0
    unlocated: int = 0
    rejected: int = 0

    @property
    def accepted(self) -> int:
        """Return the rows taken, with or without a position."""
        return self.located + self.unlocated

    def __add__(self, other: ImportCounts) -> ImportCounts:
        """Add two counts."""
        return ImportCounts(
            self.read + other.read,
            self.located + other.located,
            self.unlocated + other.unlocated,
            self.rejected + other.rejected,
        )
