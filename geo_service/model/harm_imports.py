"""What the import of a harm table tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.model.offences import HarmTable


@dataclass(frozen=True, slots=True)
class HarmFile:
    """Hold a harm table as it was read, with what its file lacked."""

    table: HarmTable
    offences: int
    """Rows of the file that have a weight."""
    without: int
    """Rows without code or without weight, passed over."""
    where: str
    """The file, with its sheet."""


@dataclass(frozen=True, slots=True)
class SeveralWeights:
    """Name a code that has several weights."""

    code: str
    lowest: float
    highest: float
    rows: int
    """Rows of the file that have the code."""
