"""A printed report of one page or a few: words, a table and a picture, all decided before anything is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.model.sheets import SheetRow


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Hold one table as it is printed."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Each as long as the heads."""
    words: tuple[int, ...]
    """Columns that stand to the left; the others are numbers."""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Hold a whole report; printing decides nothing."""

    title: str
    subtitle: str
    headline: str
    marking: str
    """OFFICIAL or OFFICIAL-SENSITIVE, top and bottom of each page."""
    demonstration: bool
    tables: tuple[ReportTable, ...]
    chart: str
    """SVG; empty for none."""
    chart_says: str
    """What the picture shows, for who cannot see it."""
    remarks: tuple[str, ...]
    """What must be known beside the tables."""
    method: tuple[str, ...]
    """What else must be known of the numbers, in small print."""
    parameters: tuple[SheetRow, ...]
    licences: tuple[str, ...]
    destroy_after: str
    footer: str
    """Data version and report in one line."""
    keywords: tuple[str, ...] = ()
