"""The printed patrol sheet as words, numbers and shapes, all decided before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries
    from geo_service.model.places import EastNorth

ShapeKind: TypeAlias = Literal[
    "zone", "ward", "water", "park", "wood", "street", "path", "rail", "building", "order", "route"
]


@dataclass(frozen=True, slots=True)
class MapShape:
    """Draw one shape: coordinates in metres, EPSG:27700."""

    kind: ShapeKind
    geometry: Geometries
    """One or more shapely geometries in metres, EPSG:27700."""
    label: str = ""
    """Zone number, ward name, street name or crew of a route."""
    rank: int = 0
    """Of a street: 3 trunk and primary roads, 2 secondary and tertiary, 1 residential, 0 service roads and all else."""


@dataclass(frozen=True, slots=True)
class MapPin:
    """Mark one place on the map with a letter and a number."""

    kind: str
    """Layer id, for example `cctv`."""
    shape: str
    """LayerStyle.shape."""
    label: str
    """What the pin says, for example `C1`; the same label stands in the list below the map."""
    at: EastNorth


@dataclass(frozen=True, slots=True)
class SheetMap:
    """Describe a map to scale; north is up, the grid is the British National Grid."""

    scale: int
    """5000 stands for 1:5,000."""
    centre: EastNorth
    width_mm: float
    height_mm: float
    shapes: tuple[MapShape, ...]
    pins: tuple[MapPin, ...]
    grid_step_m: int
    """Distance of the grid ticks: 100 or 500."""
    scale_bar_m: int
    """Length on the ground that the scale bar stands for."""
    description: str
    """Alternative text."""
    member: str = "ward"
    """What the areas are whose outlines are drawn."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """Write one labelled fact."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetZone:
    """Fill the card of one zone."""

    number: int
    id: str
    name: str
    where: tuple[SheetRow, ...]
    why: tuple[SheetRow, ...]
    when: str
    """Best hours, or why they are not known."""
    mix: tuple[tuple[str, int], ...]
    """Offences with their counts, as the sheet may show them."""


@dataclass(frozen=True, slots=True)
class SheetContent:
    """Hold a whole sheet; printing decides nothing."""

    title: str
    subtitle: str
    marking: str
    """OFFICIAL or OFFICIAL-SENSITIVE, top and bottom of each page."""
    demonstration: bool
    map: SheetMap
    zones: tuple[SheetZone, ...]
    nearby: tuple[SheetRow, ...]
    """Each pin's label with what it is and where."""
    notes: tuple[str, ...]
    """What the reader must know on the street: what the zones hold, `visits are recorded` …"""
    method: tuple[str, ...]
    """What else must be known of the numbers, in small print: proxy, in-sample, anchors, boundaries …"""
    data_to: str
    printed_for: str
    """Date that the sheet is for."""
    destroy_after: str
    parameters: tuple[SheetRow, ...]
    licences: tuple[str, ...]
    footer: str
    """Data version, run and seed in one line."""
    keywords: tuple[str, ...] = ()
    """Marking, data version and destroy-after, which the file's metadata says too."""
