"""What a chart shows; who draws it decides nothing but ink."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cells import Floats
    from geo_service.model.layers import Provenance

Drawn: TypeAlias = Literal["line", "steps", "points", "bars", "band"]


@dataclass(frozen=True, slots=True)
class Series:
    """Draw one set of numbers; series differ by line, mark and grey as well as by colour."""

    label: str
    """What the key calls it; empty leaves it out of the key."""
    x: Sequence[float] | Floats
    y: Sequence[float] | Floats
    low: Sequence[float] | Floats | None = None
    """Lower ends of intervals; of a `band` its lower edge."""
    high: Sequence[float] | Floats | None = None
    drawn: Drawn = "line"
    quiet: bool = False
    """Whether it stands behind the others, in light grey: what chance gives, a diagonal."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Draw a table of numbers as shades, dark where there is much."""

    values: Floats
    """Rows from top to bottom (rows, columns)."""
    rows: Sequence[str]
    columns: Sequence[str]
    label: str
    """What the shades mean, with the unit."""
    marked: Sequence[tuple[int, int]] = ()
    """(row, column) of the shades with a frame around them, such as the best hours."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Draw one pair of axes."""

    title: str = ""
    x_label: str = ""
    y_label: str = ""
    series: Sequence[Series] = ()
    heat: Heat | None = None
    ticks: Sequence[str] = ()
    """Names of x = 0, 1, 2 … where x counts things that have names."""
    percent: bool = False
    """Whether y is a share that is written in per cent."""
    lines_at: Sequence[float] = ()
    """Values of y that a thin line is drawn at: 1, a target."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Describe a chart: what it says, where the numbers come from, what must be said with them."""

    id: str
    title: str
    """A sentence that says what is to be seen."""
    panels: Sequence[Panel]
    """Side by side, at most three."""
    provenance: Provenance
    licences: Sequence[str] = ()
    notes: Sequence[str] = field(default=())
