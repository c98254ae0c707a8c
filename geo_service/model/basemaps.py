"""What a map extract holds that the analysis works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl


@dataclass(frozen=True, slots=True)
class Basemap:
    """Hold the features of two layers, in the columns of their descriptors and `wkb` (EPSG:4326)."""

    streets: pl.DataFrame
    excluded_places: pl.DataFrame
    skipped: Mapping[str, int]
    """Why features were passed over, and how many."""
    licence: str
    """Line that goes with everything made from it."""


@dataclass(frozen=True, slots=True)
class TileFile:
    """Name a stored file of map tiles (PMTiles); it never changes, and may be read in pieces."""

    path: Path
    sha256: str
    bytes: int
