"""The sheet of a super-cocoon as words, numbers and shapes, all decided before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from geo_service.model.sheets import SheetMap, SheetRow

COCOON_MAP_MM: Final = (186.0, 158.0)
"""Width and height of the map."""
MOST_DOORS: Final = 40
"""Lines of one sheet: its second page holds no more."""
COCOON_OUTCOMES: Final = ("Seen", "Card left", "No answer", "Refused")


@dataclass(frozen=True, slots=True)
class DoorLine:
    """Name one place to visit."""

    number: int
    """From 1, without a gap, in the order of the way."""
    name: str
    """Address, street, or the streets of a cell."""
    where: str = ""
    """Grid reference of a street or cell; an address needs none."""


@dataclass(frozen=True, slots=True)
class CocoonSheet:
    """Hold the sheet of one cocoon: whom to visit around an offence, and nothing that tells where that was."""

    title: str
    subtitle: str
    marking: str
    copy: str
    """`Copy 1 of 2`."""
    demonstration: bool
    map: SheetMap
    each: str
    """What a line is: `Home`, `Street` or `Homes of`."""
    doors: tuple[DoorLine, ...]
    """At most MOST_DOORS."""
    counted: bool
    """Whether a line is of several homes, so that its boxes take numbers and no ticks."""
    outcomes: tuple[str, ...]
    to_do: tuple[str, ...]
    """What to say, ask and leave."""
    notes: tuple[str, ...]
    """What the reader must know at the doors, `visits are recorded` among it."""
    returning: str
    """How to return the sheet."""
    data_to: str
    printed_for: str
    destroy_after: str
    parameters: tuple[SheetRow, ...]
    licences: tuple[str, ...]
    footer: str
    """Data version, number of the cocoon and seed in one line."""
    keywords: tuple[str, ...] = ()
    large_print: bool = False
    """Of the frame of the page, which all sheets share; there is no sheet of a cocoon in large print yet."""
