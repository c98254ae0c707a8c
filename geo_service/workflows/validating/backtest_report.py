"""The answer of a backtest, and its lines as they are kept."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from geo_service.hotspots.backtesting.scores import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.backtests import BacktestQuery
    from geo_service.model.layers import Provenance


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """Hold the answer of a backtest, with all that must be said with it."""

    id: str
    query: BacktestQuery
    """With `as_of`, `boundary_set` and `statistics` filled in."""
    area_name: str
    sentences: tuple[str, ...]
    lines: tuple[Line, ...]
    origins: tuple[str, ...]
    """First month scored of each origin."""
    left_out: tuple[str, ...]
    refused: Mapping[str, str]
    provenance: Provenance
    licences: tuple[str, ...]
    notes: tuple[str, ...]
    changed: tuple[str, ...] = ()
    """Against the earlier answer, where it was asked again."""
    earlier: str | None = None
    """Id of that answer."""

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return said | {
            "query": self.query.to_json(),
            "lines": [line_to_json(line) for line in self.lines],
            "provenance": asdict(self.provenance),
            "parameters": dict(self.provenance.parameters),
        }


def line_to_json(line: Line) -> dict[str, Any]:
    """Return a line as JSON can hold it: what is not known is null."""
    return {name: None if value != value else value for name, value in asdict(line).items()}  # noqa: PLR0124 - nan


def line_from_json(said: Mapping[str, Any]) -> Line:
    """Read a kept line."""
    known: dict[str, Any] = {name: math.nan if value is None and not name.endswith("verdict") else value
                             for name, value in said.items()}  # fmt: skip
    return Line(**known)
