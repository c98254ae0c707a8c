"""What rates are taken of: a number for each member of a boundary set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.model.cells import Floats


@dataclass(frozen=True, slots=True)
class Denominator:
    """Hold residents, households … of the members of a boundary set."""

    id: str
    """For example `residents`: what a question calls it."""
    title: str
    boundary_set: str
    """Id of the set whose members it counts."""
    source: str
    """Name of the file that it came from."""
    licence: str
    codes: tuple[str, ...]
    """Codes of members, each once."""
    values: Floats
    """A number of at least 0 for each code."""

    def __post_init__(self) -> None:
        """Refuse parts that do not fit."""
        if len(self.codes) != len(self.values):
            msg = f"denominator {self.id}: {len(self.codes)} codes but {len(self.values)} values"
            raise ValueError(msg)
