"""Make example sheets of an invented place."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapPin, MapShape, SheetContent, SheetMap, SheetRow, SheetZone

if TYPE_CHECKING:
    from geo_service.model.sheets import ShapeKind

EAST_M, NORTH_M = 404_350.0, 267_820.0
"""Centre of the invented place, in metres, EPSG:27700."""

_ZONES = (
    ("Fennel Street and Cooper's Row", -150.0, 60.0, 105.0),
    ("Bus station", 190.0, 90.0, 80.0),
    ("Canal towpath at Lock Bridge", -260.0, -160.0, 90.0),
    ("Marlpit recreation ground, east side", 180.0, -150.0, 100.0),
)
_STREETS = (
    ("Fennel Street", ((-450, 40), (-200, 70), (450, 60))),
    ("Cooper's Row", ((-150, -300), (-160, 60), (-130, 300))),
    ("Lock Bridge Road", ((-450, -180), (-100, -150), (450, -210))),
    ("The Reverend Josiah Thistlewood Memorial Avenue (North)", ((60, -300), (90, -50), (70, 300))),
    ("Station Approach", ((200, 300), (210, 80), (330, 65))),
    ("Tin Lane", ((-320, 300), (-300, 60))),
    ("Marl Close", ((230, -190), (260, -90), (330, -80))),
    ("Dyer Street", ((-450, 180), (-140, 190), (80, 170))),
)


def shape(kind: ShapeKind, geometry: object, label: str = "") -> MapShape:
    """Make one map shape from one geometry given in metres from the centre of the place."""
    moved = shapely.transform(geometry, lambda xy: xy + np.array([EAST_M, NORTH_M]))
    return MapShape(kind, np.array([moved], dtype=object), label)


def zone_shape(number: int) -> MapShape:
    """Make the outline of a zone as three cells would give it."""
    _, x, y, size = _ZONES[number - 1]
    cells = [shapely.Point(x + dx * size, y + dy * size).buffer(size * 0.62, quad_segs=1) for dx, dy in _CELLS]
    return shape("zone", shapely.union_all(cells), str(number))


_CELLS = ((0.0, 0.0), (0.75, 0.2), (0.3, 0.8))


def ground(*, streets: bool = True) -> list[MapShape]:
    """Make river, parks, wards and streets."""
    river = shapely.LineString([(-600, -260), (-200, -230), (0, -280), (600, -300)]).buffer(14)
    made = [
        shape("park", shapely.box(120, -260, 330, -60), "Marlpit Rec"),
        shape("water", river, "River Sallow"),
        shape("ward", shapely.box(-900, -900, -20, 900), "Saltmarsh East"),
        shape("ward", shapely.box(-20, -900, 900, 900), "Tollgate"),
    ]
    if streets:
        made += [shape("building", shapely.box(150 + 40 * k, 110, 180 + 40 * k, 150)) for k in range(3)]
        made += [shape("street", shapely.LineString(line), name) for name, line in _STREETS]
    return made


def example_pins(count: int) -> tuple[MapPin, ...]:
    """Make cameras (C, square) and Safe Places (S, circle), some close together, two at one place."""
    numbers = np.random.default_rng(20)
    x, y = numbers.uniform(-400, 400, count), numbers.uniform(-260, 260, count)
    if count > 3:
        x[3], y[3] = x[1], y[1]
    made = []
    for k in range(count):
        camera = k % 2 == 0
        label = f"{'C' if camera else 'S'}{k // 2 + 1}"
        at = EastNorth(EAST_M + float(x[k]), NORTH_M + float(y[k]))
        made.append(MapPin("cctv" if camera else "safe-places", "square" if camera else "circle", label, at))
    return tuple(made)


def example_zone(number: int) -> SheetZone:
    """Make the words of one zone."""
    return SheetZone(
        number=number,
        id=f"demo-r10-{number:02d}-7f3a",
        name=_ZONES[number - 1][0],
        where=(
            SheetRow("Grid reference", "SP 042 678"),
            SheetRow("Streets", "Fennel Street from the chemist to Cooper's Row, both sides; the car park behind"),
            SheetRow("Size", "4.1 ha, about 6 minutes to walk through"),
        ),
        why=(SheetRow("Harm", "2.1 % of the borough's harm on 0.2 % of its area, in-sample"),),
        when="Fridays and Saturdays 21:00 to 01:00; weekdays 15:30 to 17:00",
        mix=(
            ("Assault with injury", 21),
            ("Robbery of personal property", 9),
            ("Criminal damage", 8),
            ("Possession of a weapon", 3),
        ),
    )


def example_map(zones: int = 2, pins: int = 6, /, **changes: object) -> SheetMap:
    """Make a map of the invented place, 186 mm x 120 mm at 1:5,000."""
    made = SheetMap(
        scale=5000,
        centre=EastNorth(EAST_M, NORTH_M),
        width_mm=186.0,
        height_mm=120.0,
        shapes=(*ground(), *(zone_shape(number) for number in range(1, zones + 1))),
        pins=example_pins(pins),
        grid_step_m=100,
        scale_bar_m=200,
        description="Map of the patrol zones with streets, cameras and Safe Places.",
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def example_sheet(zones: int = 2, pins: int = 6, /, **changes: object) -> SheetContent:
    """Make a whole sheet; `changes` replaces fields."""
    sheet_map = example_map(zones, pins)
    made = SheetContent(
        title="Patrol sheet: Saltmarsh",
        subtitle="Late shift, Friday 14 November 2025",
        marking="OFFICIAL",
        demonstration=True,
        map=sheet_map,
        zones=tuple(example_zone(number) for number in range(1, zones + 1)),
        nearby=tuple(_nearby(pin) for pin in sheet_map.pins),
        notes=(
            "Visits are recorded. Stay 10 to 16 minutes, come back at least every two hours, at irregular times.",
            "Shares are in-sample: they say where harm was, not where it will be.",
            "Domestic incidents cannot be told apart in this data.",
        ),
        data_to="30 September 2025",
        printed_for="14 November 2025",
        destroy_after="21 November 2025",
        parameters=(
            SheetRow("period", "2025-04 to 2025-09"),
            SheetRow("offence set", "public-place"),
            SheetRow("measure", "harm"),
            SheetRow("statistic", "gi_star, ring 1"),
            SheetRow("area share", "1.4 %"),
        ),
        method=("In-sample: expect less of the months that follow.",),
        licences=("Invented data, no licence needed.",),
        footer="Data version 3 · run 7f3a9c · seed 20251101",
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def _nearby(pin: MapPin) -> SheetRow:
    what = "Camera, column at the corner of Fennel Street" if pin.kind == "cctv" else "Library, 12 Dyer Street"
    return SheetRow(pin.label, what)
