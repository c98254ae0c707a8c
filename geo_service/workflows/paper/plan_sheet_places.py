"""What stands near the zones of a plan: cameras, Safe Places, landmarks and orders, as they are on its day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import spatial
from geo_service.model.layers import LANDMARKS
from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapPin, MapShape, SheetRow
from geo_service.workflows import sheet_maps, tables
from geo_service.workflows.paper.plan_sheet_boxes import Boxes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from geo_service.model.boundaries import Geometries
    from geo_service.model.layers import FeatureTable
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

PINS: Final[Mapping[str, str]] = {
    "cctv": "Cameras",
    "cctv-redeployable": "Redeployable cameras",
    "safe-places": "Safe Places",
    LANDMARKS: "Landmarks",
}
"""Layers that cards mark with pins, and what the box of each is called."""
_MOST: Final[Mapping[str, int]] = {"cctv": 3, "cctv-redeployable": 2, "safe-places": 2, LANDMARKS: 1}
"""Pins of each layer on one card, nearest first; the wall map has room for more."""
ORDERS: Final = "pspo"
_IN_FORCE: Final = ("in force", "extended")
_LEAST_OVERLAP_M2: Final = 1.0
STATION: Final = "parade-stations"


@dataclass(frozen=True, slots=True)
class Layer:
    """Hold the features of a layer that are there on a day."""

    table: FeatureTable
    at: Geometries
    """Metres, EPSG:27700; None where no position is known."""
    rows: Sequence[int]
    """Rows of the table that are there on the day."""


@dataclass(frozen=True, slots=True)
class Places:
    """Hold what stands on the ground on one day."""

    layers: Mapping[str, Layer]
    missing: Mapping[str, tuple[str, ...]]
    """Layer -> why it could not be read, or how many of it no map can show."""

    def unlocated_orders(self) -> tuple[SheetRow, ...]:
        """Return the orders in force whose place is not on record."""
        layer = self.layers.get(ORDERS)
        if layer is None:
            return ()
        return tuple(_order_row(layer, row) for row in layer.rows if layer.at[row] is None)


def load_places(services: Services, snapshot: Snapshot, day: dt.date) -> Places:
    """Read the layers of what stands on the ground, each in a guard of its own."""
    offered = {layer.id for layer in services.registry.layers(services.principal.audience)}
    layers: dict[str, Layer] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for name, box in {**PINS, ORDERS: "Orders in force"}.items():
        if name not in offered:
            continue
        boxes = Boxes("the places")
        read = boxes.fill(box, partial(_read, services, name, snapshot, day))
        if read is None:
            missing[name] = boxes.missing
        else:
            layers[name] = read
            if name in PINS:
                missing[name] = _nowhere(read, box)
    return Places(layers, missing)


def _read(services: Services, name: str, snapshot: Snapshot, day: dt.date) -> Layer:
    table = tables.features(services, name, snapshot)
    there = sheet_maps.in_use(table, day)
    if name == ORDERS and table.rows.height:
        # An order without an expiry is in force for its three years at most: its status says whether it still is.
        there &= table.rows["status"].is_in(_IN_FORCE).to_numpy()
    gone = shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry)
    at = np.full(len(table.geometry), None, dtype=object)
    at[~gone] = spatial.project_geometry(table.geometry[~gone], to="grid")
    return Layer(table, at, np.flatnonzero(there).tolist())


def _nowhere(layer: Layer, box: str) -> tuple[str, ...]:
    """Say how many have no position: a card without them must not pass for a place without them."""
    count = sum(layer.at[row] is None for row in layer.rows)
    if not count:
        return ()
    return (
        f"{box}: {count} of {len(layer.rows)} {'has' if count == 1 else 'have'} no position, so no map shows them.",
    )


def _order_row(layer: Layer, row: int) -> SheetRow:
    said = layer.table.rows.row(row, named=True)
    expires = said.get("valid_to")
    until = f"Expires {expires.day} {expires:%B %Y}." if expires else "When it expires is not on record."
    forbids = str(said.get("prohibitions") or "What it forbids is not on record").rstrip(".")
    return SheetRow(str(said.get("name") or said["id"]), f"{forbids}. {until}")


class Marks:
    """Give pins their labels, the same place the same label on every card of a sheet."""

    def __init__(self, places: Places) -> None:
        """Take the places that may be marked."""
        self._places = places
        self._labels: dict[tuple[str, int], str] = {}
        self._licences: dict[str, None] = {}

    @property
    def licences(self) -> tuple[str, ...]:
        """Return the licence lines of all that was marked."""
        return tuple(self._licences)

    def near(self, name: str, outline: shapely.Geometry, window: shapely.Geometry, most: int | None = None) -> Marked:
        """Mark the nearest places of a layer within reach of an outline that a window shows.

        outline, window: metres, EPSG:27700. most: None takes what a card has room for.
        """
        layer = self._places.layers.get(name)
        if layer is None:
            return (), ()
        reach = 0.0 if name == LANDMARKS else sheet_maps.NEAR_M
        middle = shapely.centroid(layer.at)
        near = shapely.dwithin(layer.at, outline, max(reach, 1.0)) & shapely.intersects(middle, window)
        here = [row for row in layer.rows if near[row] and not (name == LANDMARKS and not _named(layer, row))]
        here.sort(key=lambda row: (float(shapely.distance(layer.at[row], outline)), row))
        shown = here[: _MOST[name] if most is None else most]
        pins, rows = [], []
        for row in shown:
            label = self._label(name, layer, row)
            pins.append(MapPin(name, layer.table.style.shape, label, EastNorth(middle[row].x, middle[row].y)))
            rows.append(SheetRow(label, sheet_maps.pin_words(layer.table, row, ("opening_hours",))))
        if shown:
            self._licences |= dict.fromkeys(layer.table.licences)
        return tuple(pins), tuple(rows)

    def orders(self, outline: shapely.Geometry) -> tuple[tuple[SheetRow, ...], tuple[MapShape, ...]]:
        """Return the orders that are in force somewhere within an outline (EPSG:27700), and where."""
        layer = self._places.layers.get(ORDERS)
        there = [] if layer is None else [row for row in layer.rows if layer.at[row] is not None]
        if layer is None or not there:
            return (), ()
        inside = shapely.area(shapely.intersection(layer.at[there], outline)) >= _LEAST_OVERLAP_M2
        rows, shapes = [], []
        for row in np.asarray(there, dtype=np.int64)[inside].tolist():
            label, said = self._label(ORDERS, layer, row), _order_row(layer, row)
            rows.append(SheetRow(label, f"{said.label}: {said.text}"))
            shapes.append(MapShape("order", layer.at[[row]], label))
        if rows:
            self._licences |= dict.fromkeys(layer.table.licences)
        return tuple(rows), tuple(shapes)

    def _label(self, name: str, layer: Layer, row: int) -> str:
        number = 1 + sum(of == name for of, _ in self._labels)
        return self._labels.setdefault((name, row), f"{layer.table.style.letter}{number}")


Marked = tuple[tuple[MapPin, ...], tuple[SheetRow, ...]]


def _named(layer: Layer, row: int) -> bool:
    return bool(layer.table.rows["name"][row])


def station_pin(at: EastNorth) -> MapPin:
    """Mark the station that every loop begins and ends at."""
    return MapPin(STATION, "diamond", "Station", at)
