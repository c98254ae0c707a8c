"""Sizes of what is written and marked on a map, by the paper that it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MapStyle:
    """Hold sizes in millimetres on paper."""

    inside: bool = False
    """Whether the scale bar stands in the window, and the check line is left out."""
    street: float = 2.6
    """Size of street names; parks and water have the same."""
    ward: float = 3.4
    figure: float = 2.5
    """Size of the figures of grid and scale bar."""
    pin: float = 1.6
    """Radius of a pin."""
    label: float = 3.0
    """Size of the label of a pin."""
    disc: float = 3.7
    """Radius of the disc that holds a zone's number."""
    arrow: float = 7.0
    """Width of the north arrow."""
    route: float = 1.1
    """Width of the way of a loop."""
    width: float = 186.0
    """Widest window that fits the paper."""
    height: float = 215.0
    """Highest window that fits the paper."""


SHEET: Final = MapStyle()
OVERVIEW: Final = MapStyle(inside=True)
DOORS: Final = MapStyle(inside=True, street=2.9, pin=0.9, label=3.2)
"""Many numbered doors close together, which must not hide the streets."""
CARD: Final = MapStyle(inside=True, street=2.9, ward=3.2, pin=1.5, disc=3.4, arrow=5.0)
LARGE: Final = MapStyle(
    inside=True, street=4.6, ward=5.2, figure=4.0, pin=2.6, label=5.4, disc=5.4, arrow=10.0, route=1.8
)
WALL: Final = MapStyle(
    inside=True,
    street=3.2,
    ward=5.2,
    figure=3.2,
    pin=2.2,
    label=4.2,
    disc=5.4,
    arrow=10.0,
    route=1.6,
    width=310.0,
    height=235.0,
)
