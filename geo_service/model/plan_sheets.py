"""The sheets of a patrol plan as words, numbers and shapes, all decided before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.sheets import SheetMap, SheetRow

OVERVIEW_MAP_MM: Final = (186.0, 105.0)
"""Width and height of a sheet's overview map; a crowded sheet is printed with a lower one at the same scale or the next
smaller at which its zones and ways fit."""
CARD_MAP_MM: Final[Mapping[int, tuple[float, float]]] = {
    1: (100.0, 110.0),
    2: (92.0, 95.0),
    3: (88.0, 76.0),
    4: (88.0, 70.0),
}
"""Width and height of a card's map by the number of cards of a sheet; a crowded card is printed with a lower one, at a
smaller scale where its zone needs it, down to 1:5,000. Ground is therefore wanted for twice the window each way."""
LARGE_PRINT_MAP_MM: Final = (180.0, 120.0)
"""Width and height of every map of a sheet in large print."""
WALL_MAP_MM: Final = (292.0, 228.0)
"""Width and height of the wall map on A3, its list beside it."""


@dataclass(frozen=True, slots=True)
class LoopLine:
    """Write one loop of the plan."""

    when: str
    """Start and end, such as `18:05 to 19:02`."""
    crew: str
    """`Pair 1`."""
    stops: tuple[tuple[int, str], ...]
    """Number of each zone and when to be there, `18:11`."""
    travel: str
    """`14 min`; how they go stands in the subtitle."""
    if_two: tuple[int, ...]
    """Numbers of the zones, in order, that one pair goes to if only two officers remain."""


@dataclass(frozen=True, slots=True)
class VisitLine:
    """Give one visit its boxes: time in, time out, outcome."""

    planned: str
    """Who and when, such as `Pair 1, 18:11 to 18:26`."""


@dataclass(frozen=True, slots=True)
class ZoneCard:
    """Fill the card of one zone; a box whose data is wrong or missing says so in `missing` and costs nothing else."""

    number: int
    id: str
    name: str
    map: SheetMap | None
    """At 1:2,500 to 1:5,000."""
    where: tuple[SheetRow, ...]
    why: tuple[SheetRow, ...]
    """Harm, trend, near repeats."""
    mix: tuple[tuple[str, int], ...]
    """Offences with their counts, as paper may show them."""
    when: tuple[str, ...]
    """Hours, and who chose them."""
    to_do: tuple[str, ...]
    """Problem solving prompts."""
    nearby: tuple[SheetRow, ...]
    """Cameras and Safe Places; the label is that of the pin."""
    orders: tuple[SheetRow, ...]
    """Orders in force there on the day, with what they forbid and when they expire."""
    visits: tuple[VisitLine, ...]
    missing: tuple[str, ...] = ()
    below_bar: bool = False


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """Hold the sheet of one team, or of one crew of it; printing decides nothing."""

    title: str
    subtitle: str
    """Team, day and shift."""
    marking: str
    copy: str
    """`Copy 1 of 2`."""
    demonstration: bool
    overview: SheetMap
    """Zones and the way of the loops."""
    loops: tuple[LoopLine, ...]
    cards: tuple[ZoneCard, ...]
    """At most four."""
    changes: tuple[str, ...]
    """What is different from the last plan; stands on the first page."""
    notes: tuple[str, ...]
    """What the reader must know on the street, `visits are recorded` among it."""
    returning: str
    """How to return the sheet."""
    outcomes: tuple[str, ...]
    method: tuple[str, ...]
    """What else must be known of the numbers, in small print."""
    data_to: str
    printed_for: str
    destroy_after: str
    parameters: tuple[SheetRow, ...]
    licences: tuple[str, ...]
    footer: str
    """Data version, plan with its version, run and seed in one line."""
    keywords: tuple[str, ...] = ()
    large_print: bool = False


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Hold a sheet that is measured and its maps drawn: what takes long of it, and can be done in another process."""

    words: str
    """JSON for the template, each map replaced by what must be known of it."""
    fit: str
    """JSON of how the sheet fits its pages."""
    maps: tuple[tuple[int, str, str], ...]
    """Of each map its number on the sheet, its SVG, and JSON of what is said of it."""


@dataclass(frozen=True, slots=True)
class WallMap:
    """Hold an A3 map of a plan for the wall of the parade room."""

    title: str
    subtitle: str
    marking: str
    demonstration: bool
    map: SheetMap
    zones: tuple[tuple[int, str, str], ...]
    """Number, name and hours of each zone."""
    nearby: tuple[SheetRow, ...]
    notes: tuple[str, ...]
    destroy_after: str
    licences: tuple[str, ...]
    footer: str
    keywords: tuple[str, ...] = ()
