"""What a map extract holds that the analysis works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl


@dataclass(frozen=True, slots=True)
class Basemap:
    """Hold the features of some layers, in the columns of their descriptors and `wkb` (EPSG:4326)."""

    layers: Mapping[str, pl.DataFrame]
    """By layer: streets, excluded-places, ground, buildings, landmarks."""
    skipped: Mapping[str, int]
    """Why features were passed over, and how many."""
    licence: str
    """Line that goes with everything made from it."""
    notes: tuple[str, ...] = ()
    """What the map cannot say."""
