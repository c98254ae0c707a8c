"""Make example plan sheets and wall maps of an invented town."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from geo_service.model.patrol import OUTCOMES
from geo_service.model.places import EastNorth
from geo_service.model.plan_sheets import (
    CARD_MAP_MM,
    LARGE_PRINT_MAP_MM,
    OVERVIEW_MAP_MM,
    WALL_MAP_MM,
    LoopLine,
    PlanSheet,
    VisitLine,
    WallMap,
    ZoneCard,
)
from geo_service.model.sheets import MapPin, MapShape, SheetMap, SheetRow

EAST_M, NORTH_M = 404_350.0, 267_820.0
"""Centre of the invented town, in metres, EPSG:27700."""
_FIRST = (
    "Fennel",
    "Cooper",
    "Lock",
    "Marl",
    "Dyer",
    "Tin",
    "Saddler",
    "Glover",
    "Quarry",
    "Weaver",
    "Orchard",
    "Mercer",
)
_LAST = ("Street", "Road", "Lane", "Close", "Way", "Row", "Avenue", "Terrace", "Court")
ZONES = (
    ("Fennel Street and Cooper's Row", -210.0, 120.0, 75.0),
    ("Bus station and Station Approach", 240.0, 140.0, 70.0),
    ("Canal towpath at Lock Bridge", -270.0, -190.0, 80.0),
    ("Marlpit recreation ground, east side", 200.0, -170.0, 85.0),
)


def _array(*geometries: shapely.Geometry) -> np.ndarray:
    moved = [shapely.transform(each, lambda xy: xy + np.array([EAST_M, NORTH_M])) for each in geometries]
    made = np.empty(len(moved), dtype=object)
    made[:] = moved
    return made


def town(streets: int = 200, buildings: int = 1_500, *, half_m: float = 700.0, seed: int = 7) -> tuple[MapShape, ...]:
    """Make a dense town: crossing streets with names and ranks, houses along them, river, park, wood, railway."""
    numbers = np.random.default_rng(seed)
    shapes = [
        MapShape("park", _array(shapely.box(110, -280, 330, -90)), "Marlpit Rec"),
        MapShape("wood", _array(shapely.Point(-480, 330).buffer(90)), "Friar's Copse"),
        MapShape(
            "water",
            _array(shapely.LineString([(-900, -260), (-300, -230), (0, -320), (900, -300)]).buffer(13)),
            "River Sallow",
        ),
        MapShape("ward", _array(shapely.box(-1900, -1900, -20, 1900)), "Saltmarsh East"),
        MapShape("ward", _array(shapely.box(-20, -1900, 1900, 1900)), "Tollgate"),
        MapShape("rail", _array(shapely.LineString([(-900, 260), (0, 230), (900, 330)])), "Sallow Valley line"),
    ]
    lines, names, ranks = [], [], []
    for k in range(streets):
        across = k % 2 == 0
        at, start = numbers.uniform(-half_m, half_m), numbers.uniform(-half_m, half_m * 0.8)
        length = numbers.uniform(60, 380)
        x = np.linspace(start, start + length, 5)
        y = at + np.cumsum(numbers.normal(0, 6, 5))
        lines.append(shapely.LineString(np.column_stack([x, y] if across else [y, x])))
        names.append(f"{_FIRST[k % len(_FIRST)]} {_LAST[(k // 3) % len(_LAST)]}" if k % 5 else "")
        ranks.append(3 if k < 2 else 2 if k < 12 else 1 if k % 5 else 0)
    shapes += [
        MapShape("street", _array(line), name, rank) for line, name, rank in zip(lines, names, ranks, strict=True)
    ]
    shapes.append(
        MapShape("path", _array(*(shapely.LineString([(k * 90 - 400, -350), (k * 70 - 300, 40)]) for k in range(8))))
    )
    x, y = numbers.uniform(-half_m, half_m, (2, buildings))
    w, h, turn = numbers.uniform(7, 18, buildings), numbers.uniform(6, 14, buildings), numbers.uniform(0, 3, buildings)
    corners = np.stack([np.stack([-w, -h], 1), np.stack([w, -h], 1), np.stack([w, h], 1), np.stack([-w, h], 1)], 1) / 2
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    turned = np.stack([corners[..., 0] * c - corners[..., 1] * s, corners[..., 0] * s + corners[..., 1] * c], -1)
    houses = shapely.polygons(turned + np.stack([x, y], 1)[:, None] + (EAST_M, NORTH_M))
    houses = houses[~shapely.intersects(houses, shapely.buffer(shapely.union_all(_array(*lines)), 6))]
    return (*shapes, MapShape("building", houses))


def zone_shape(number: int) -> MapShape:
    """Make the outline of a zone as three cells would give it."""
    _, x, y, size = ZONES[(number - 1) % 4]
    cells = [
        shapely.Point(x + dx * size, y + dy * size).buffer(size * 0.62, quad_segs=1)
        for dx, dy in ((0.0, 0.0), (0.75, 0.2), (0.3, 0.8))
    ]
    return MapShape("zone", _array(shapely.union_all(cells)), str(number))


def pins(count: int, centre: tuple[float, float], reach: float, seed: int = 3) -> tuple[MapPin, ...]:
    """Make cameras (C, square) and Safe Places (S, circle) around a point."""
    numbers = np.random.default_rng(seed)
    made = []
    for k in range(count):
        dx, dy = numbers.uniform(-reach, reach, 2)
        at = EastNorth(EAST_M + centre[0] + float(dx), NORTH_M + centre[1] + float(dy))
        kind, shape, letter = (("cctv", "square", "C"), ("safe-places", "circle", "S"))[k % 2]
        made.append(MapPin(kind, shape, f"{letter}{k // 2 + 1}", at))
    return tuple(made)


def routes(crews: int = 2) -> tuple[MapShape, ...]:
    """Make the way of each crew from the station round some zones and back."""
    station = (20.0, 20.0)
    made = []
    for crew in range(crews):
        stops = [ZONES[k][1:3] for k in ((0, 2), (1, 3), (2, 1), (0, 3))[crew % 4]]
        way = [station]
        for x, y in (*stops, station):
            way += [(x, way[-1][1]), (x, y)]
        made.append(MapShape("route", _array(shapely.LineString(way)), f"Pair {crew + 1}"))
    return tuple(made)


def card_map(number: int, zones: int = 4, ground: tuple[MapShape, ...] | None = None, **changes: object) -> SheetMap:
    """Make the map of one card at 1:2,500."""
    _, x, y, size = ZONES[(number - 1) % 4]
    centre = (x + size * 0.35, y + size * 0.3)
    width, height = CARD_MAP_MM[zones]
    order = MapShape("order", _array(shapely.box(x - 60, y - 40, x + 150, y + 60)), "PSPO")
    made = SheetMap(
        scale=2500,
        centre=EastNorth(EAST_M + centre[0], NORTH_M + centre[1]),
        width_mm=width,
        height_mm=height,
        shapes=(*(town() if ground is None else ground), *((order,) if number == 1 else ()), zone_shape(number)),
        pins=pins(6, centre, 90.0, seed=number),
        grid_step_m=100,
        scale_bar_m=50,
        description=f"Map at 1:2,500 of zone {number}, {ZONES[(number - 1) % 4][0]}",
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def overview_map(zones: int = 4, ground: tuple[MapShape, ...] | None = None, **changes: object) -> SheetMap:
    """Make the overview at 1:7,500 with two loops."""
    made = SheetMap(
        scale=7500,
        centre=EastNorth(EAST_M, NORTH_M),
        width_mm=OVERVIEW_MAP_MM[0],
        height_mm=OVERVIEW_MAP_MM[1],
        shapes=(
            *(town() if ground is None else ground),
            *routes(),
            *(zone_shape(number) for number in range(1, zones + 1)),
        ),
        pins=(MapPin("parade-stations", "diamond", "Station", EastNorth(EAST_M + 20, NORTH_M + 20)),),
        grid_step_m=500,
        scale_bar_m=250,
        description="Map at 1:7,500 of the zones and of the way of each pair",
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def card(number: int, zones: int = 4, ground: tuple[MapShape, ...] | None = None, /, **changes: object) -> ZoneCard:
    """Make the card of one zone."""
    made = ZoneCard(
        number=number,
        id=f"saltmarsh-r10-{number:02d}-7f3a",
        name=ZONES[(number - 1) % 4][0],
        map=card_map(number, zones, ground),
        where=(
            SheetRow("Grid reference", "SP 042 678"),
            SheetRow("Streets", "Fennel Street from the chemist to Cooper's Row, both sides; the car park behind"),
            SheetRow("Size", "4.1 ha, about 6 minutes to walk through"),
        ),
        why=(
            SheetRow("Harm", "2.1 % of the team's harm on 0.2 % of its area, in-sample"),
            SheetRow("Trend", "rising over six months"),
            SheetRow("Near repeats", "one burglary within 200 m in the last 14 days"),
        ),
        mix=(("Assault with injury", 21), ("Robbery of personal property", 9), ("Criminal damage", 8)),
        when=("Fri 21:00 to 01:00; weekdays 15:30 to 17:00", "Times from the hours of 58 incidents"),
        to_do=(
            "Speak to the door staff of the two bars before 22:00",
            "Walk through the car park behind Cooper's Row; report broken lights",
            "Ask the late shop about bottles sold to take away",
        ),
        nearby=(
            SheetRow("C1", "Camera, column at the corner of Fennel Street"),
            SheetRow("S1", "Library, 12 Dyer Street, open to 19:00"),
            SheetRow("C2", "Camera, bus shelter"),
        ),
        orders=(SheetRow("PSPO", "Town centre: no drinking in the street when told to stop; expires 30 June 2027"),)
        if number == 1
        else (),
        visits=tuple(VisitLine(f"Pair {1 + k % 2}, {18 + k}:{11 + k} to {18 + k}:{26 + k}") for k in range(4)),
        missing=("Trend: fewer than six months of data.",) if number == 3 else (),
        below_bar=number == 4,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def loop(k: int) -> LoopLine:
    """Make the line of one loop."""
    hour = 15 + k // 2
    return LoopLine(
        when=f"{hour}:05 to {hour + 1}:02",
        crew=f"Pair {1 + k % 2}",
        stops=((1 + k % 4, f"{hour}:11"), (1 + (k + 1) % 4, f"{hour}:29"), (1 + (k + 2) % 4, f"{hour}:44")),
        travel="14 min",
        if_two=(3, 1) if k % 2 == 0 else (),
    )


def plan_sheet(
    zones: int = 4, loops: int = 6, ground: tuple[MapShape, ...] | None = None, /, **changes: object
) -> PlanSheet:
    """Make a whole sheet; `changes` replaces fields."""
    ground = town() if ground is None else ground
    made = PlanSheet(
        title="Patrol plan: Saltmarsh",
        subtitle="Fri 23 October 2026, 15:00 to 23:00. For: Pair 1 and Pair 2",
        marking="OFFICIAL-SENSITIVE",
        copy="Copy 1 of 2",
        demonstration=True,
        overview=overview_map(zones, ground),
        loops=tuple(loop(k) for k in range(loops)),
        cards=tuple(card(number, max(zones, 1), ground) for number in range(1, zones + 1)),
        changes=("Zone 4 is new; zone 2 is visited an hour later than on 16 October.",),
        notes=(
            "Visits are recorded: write each one down.",
            "Stay 10 to 16 minutes; come back at irregular times.",
            "Zone 2 is not visited at least every two hours between 19:00 and 22:00: one more pair would do it.",
        ),
        returning="Put the filled-in sheet into the tray in the parade room at the end of the shift.",
        outcomes=OUTCOMES,
        method=("Shares are in-sample: they say where harm was, not where it will be.",),
        data_to="30 September 2026",
        printed_for="23 October 2026",
        destroy_after="30 October 2026",
        parameters=(
            SheetRow("offences", "public-place"),
            SheetRow("measure", "harm"),
            SheetRow("travel", "on foot, streets"),
        ),
        licences=("Contains OS data © Crown copyright and database right 2026.", "© OpenStreetMap contributors, ODbL."),
        footer="Data version 3 · plan 5f0c21aa version 2 · run 7f3a9c · seed 20261101",
        keywords=("OFFICIAL-SENSITIVE", "data version 3", "destroy after 30 October 2026"),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def large_sheet(zones: int = 4, loops: int = 6, ground: tuple[MapShape, ...] | None = None) -> PlanSheet:
    """Make a sheet in large print, its maps as large as they may be."""
    made = plan_sheet(zones, loops, ground, large_print=True)
    width, height = LARGE_PRINT_MAP_MM
    big = {"width_mm": width, "height_mm": height}
    cards = tuple(
        dataclasses.replace(each, map=dataclasses.replace(each.map, **big) if each.map else None) for each in made.cards
    )
    return dataclasses.replace(made, cards=cards, overview=dataclasses.replace(made.overview, **big))


def wall_map(zones: int = 4, ground: tuple[MapShape, ...] | None = None, /, **changes: object) -> WallMap:
    """Make a wall map; `changes` replaces fields."""
    made = WallMap(
        title="Patrol plan: Saltmarsh",
        subtitle="Fri 23 October 2026, 15:00 to 23:00",
        marking="OFFICIAL",
        demonstration=True,
        map=overview_map(
            zones,
            ground,
            scale=5000,
            width_mm=WALL_MAP_MM[0],
            height_mm=WALL_MAP_MM[1],
            grid_step_m=100,
            pins=(*overview_map(0, ()).pins, *pins(14, (0, 0), 400.0)),
        ),
        zones=tuple(
            (k, ZONES[(k - 1) % 4][0], "Fri 21:00 to 01:00; weekdays 15:30 to 17:00") for k in range(1, zones + 1)
        ),
        nearby=tuple(SheetRow(pin.label, "Camera, column at a corner") for pin in pins(14, (0, 0), 400.0)),
        notes=("Visits are recorded.",),
        destroy_after="30 October 2026",
        licences=("Contains OS data © Crown copyright and database right 2026.",),
        footer="Data version 3 · plan 5f0c21aa version 2 · run 7f3a9c · seed 20261101",
        keywords=("OFFICIAL",),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]
