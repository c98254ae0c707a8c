"""Hold a layer with what only the registry needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.layers import Layer


@dataclass(frozen=True, slots=True)
class LayerDescriptor:
    """Hold a layer with what only the registry needs to know of it."""

    layer: Layer
    folder: Path
    """Folder that holds the descriptor and, for some kinds, the features."""
    time: tuple[str, str] | None
    """Date columns with the first and last day that a feature speaks of."""
    position_required: bool
    """Whether a feature without a position is refused."""
    geometry: tuple[str, ...] = ()
    """Types of geometry that it takes; empty where its shape says so."""
