"""Words on crowded maps: none lies on another, on a number, on a pin or beyond the frame."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from fontTools.ttLib import TTFont
from shapely import affinity

from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapShape
from geo_service.printing.map_svg import draw_map
from geo_service.printing.style import CARD, LARGE, OVERVIEW, SHEET, WALL

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType
    from xml.etree import ElementTree as ET

    from geo_service.model.sheets import SheetMap
    from geo_service.printing import TypstPrinter
    from geo_service.printing.style import MapStyle

_NAMES = ("route-names", "ward-names", "order-names", "park-names", "wood-names", "water-names", "street-names")


class _Font:
    """Measure words by the advance widths in the font's own file: nothing of the code that placed them."""

    def __init__(self, path: Path) -> None:
        font = TTFont(path)
        self._glyphs, self._widths = font.getBestCmap(), font["hmtx"]
        self._unit = font["head"].unitsPerEm

    def em(self, words: str) -> float:
        return (
            sum(self._widths[self._glyphs[ord(letter)]][0] for letter in words if ord(letter) in self._glyphs)
            / self._unit
        )


@pytest.fixture(scope="module")
def font(printer: TypstPrinter) -> _Font:
    return _Font(next(printer._fonts.rglob("*AtkinsonHyperlegible_400Regular.ttf")))


def _box(text: ET.Element, font: _Font) -> shapely.Polygon:
    """Return the box of a centred text: capitals and descenders."""
    x, y, size = (float(text.get(name)) for name in ("x", "y", "font-size"))
    half = font.em(text.text or "") * size / 2
    box = shapely.box(x - half, y - 0.67 * size, x + half, y + 0.15 * size)
    turned = re.match(r"rotate\((\S+) (\S+) (\S+)\)", text.get("transform", ""))
    return affinity.rotate(box, float(turned[1]), origin=(float(turned[2]), float(turned[3]))) if turned else box


def _check(svg: str, sheet_map: SheetMap, reading: ModuleType, font: _Font) -> int:
    root = reading.drawing(svg)
    words = [
        text
        for name in _NAMES
        for layer in root.findall(f".//*[@class='{name}']")
        for text in layer.iter(f"{reading.SVG}text")
    ]
    boxes = np.array([_box(text, font) for text in words], dtype=object)
    labels = reading.part(root, "pins")
    pins = [_box(text, font) for text in labels.iter(f"{reading.SVG}text")]
    pins += [
        shapely.MultiPoint(np.array(re.findall(r"-?\d+\.\d+", path.get("d")), float).reshape(-1, 2)).convex_hull
        for path in labels.iter(f"{reading.SVG}path")
    ]
    discs = [
        shapely.Point(float(c.get("cx")), float(c.get("cy"))).buffer(float(c.get("r")))
        for c in reading.part(root, "zone-numbers").iter(f"{reading.SVG}circle")
    ]
    window = shapely.box(0, 0, sheet_map.width_mm, sheet_map.height_mm)
    assert shapely.covered_by(boxes, window).all()
    one, other = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    assert [(words[a].text, words[b].text) for a, b in zip(one, other, strict=True) if a < b] == []
    for thing in (*pins, *discs):
        assert [word.text for word, hit in zip(words, shapely.intersects(boxes, thing), strict=True) if hit] == []
    return len(words)


@pytest.mark.parametrize("style", [SHEET, CARD, OVERVIEW, LARGE], ids=["sheet", "card", "overview", "large"])
@pytest.mark.parametrize("seed", [1])
def test_no_name_lies_on_another_on_a_number_or_on_a_pin_in_a_dense_town(
    plans: ModuleType, reading: ModuleType, font: _Font, style: MapStyle, seed: int
) -> None:
    ground = plans.town(300, 400, seed=seed)
    sheet_map = plans.overview_map(4, ground, pins=plans.pins(24, (0, 0), 350.0, seed=seed), width_mm=176.0)
    assert _check(draw_map(sheet_map, style), sheet_map, reading, font) > 12


def test_no_name_lies_on_another_on_a_small_map(plans: ModuleType, reading: ModuleType, font: _Font) -> None:
    ground = plans.town(300, 400)
    for number, scale in ((1, 2500), (2, 4000), (3, 5000), (4, 5000)):
        sheet_map = plans.card_map(number, 4, ground, scale=scale)
        assert _check(draw_map(sheet_map, CARD), sheet_map, reading, font) > 0


@pytest.mark.shared
def test_no_name_lies_on_another_in_real_streets(
    plans: ModuleType, reading: ModuleType, font: _Font, shared: Path
) -> None:
    gpd = pytest.importorskip("geopandas")
    lines = gpd.read_file(shared / "osm/fitzrovia.osm", layer="lines", columns=["name", "highway"]).to_crs(27700)
    ways = lines[lines["highway"].notna()]
    rank = {"primary": 3, "trunk": 3, "secondary": 2, "tertiary": 2, "residential": 1, "unclassified": 1}
    ground = tuple(
        MapShape("street", np.array([line], dtype=object), name if isinstance(name, str) else "", rank.get(kind, 0))
        for line, name, kind in zip(ways.geometry, ways["name"], ways["highway"], strict=True)
    )
    middle = shapely.union_all(ways.geometry.to_numpy()).centroid
    centre = EastNorth(middle.x, middle.y)
    zone = MapShape("zone", np.array([middle.buffer(90)], dtype=object), "1")
    moved = tuple(
        dataclasses.replace(
            pin, at=EastNorth(pin.at[0] - plans.EAST_M + middle.x, pin.at[1] - plans.NORTH_M + middle.y)
        )
        for pin in plans.pins(20, (0, 0), 300.0)
    )
    for style, scale, size in ((CARD, 2500, (88.0, 70.0)), (CARD, 5000, (62.0, 45.0)), (WALL, 3000, (292.0, 228.0))):
        sheet_map = plans.card_map(
            1,
            4,
            (),
            scale=scale,
            centre=centre,
            shapes=(*ground, zone),
            pins=moved,
            width_mm=size[0],
            height_mm=size[1],
        )
        assert _check(draw_map(sheet_map, style), sheet_map, reading, font) > 0
