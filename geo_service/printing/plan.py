"""Hand the sheets of a plan to their template, and draw each map as high as its page leaves room for."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Final, TypedDict

import numpy as np
import shapely

from geo_service.model.places import EastNorth
from geo_service.printing import furniture
from geo_service.printing.map_svg import draw_map, drawing_size_mm
from geo_service.printing.style import CARD, LARGE, OVERVIEW
from geo_service.printing.words import plain, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.model.plan_sheets import PlanSheet
    from geo_service.model.sheets import SheetMap
    from geo_service.printing.style import MapStyle

_ALT: Final = "Map of the patrol zones."
_SCALES: Final = (1_250, 2_500, 3_000, 4_000, 5_000, 6_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000, 50_000)
_BARS_M: Final = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
_SMALLEST: Final = {"card": 5_000, "overview": 12_500}
"""Scales that a lower map is not drawn smaller than, unless there is no other way."""
_MARGIN_M: Final = 6.0
_WANTED: Final = ("zone", "route")
"""Kinds that a lower map still shows whole."""


class Fit(TypedDict):
    """Hold what the template measured: the height of each map in millimetres among it."""

    overview: float
    heights: list[float]


def sheets_json(sheets: Sequence[PlanSheet]) -> str:
    """Return the words of sheets as JSON, each map replaced by what the template must know of it."""
    return json.dumps([_sheet(sheet) for sheet in sheets], ensure_ascii=False)


def _sheet(sheet: PlanSheet) -> dict[str, object]:
    said = words_of(dataclasses.replace(sheet, cards=()), but=("overview",))
    style = LARGE if sheet.large_print else CARD
    cards = [
        words_of(card, but=("map",)) | {"map": about(card.map, style, _SMALLEST["card"]) if card.map else None}
        for card in sheet.cards
    ]
    first = about(sheet.overview, LARGE if sheet.large_print else OVERVIEW, _SMALLEST["overview"])
    return said | {"overview": first, "cards": cards}


def about(sheet_map: SheetMap, style: MapStyle, smallest: int = 0) -> dict[str, object]:
    """Return what a template must know of a map: sizes in millimetres, scale, grid, what its signs mean."""
    width, height = drawing_size_mm(sheet_map, style)
    _, _, tall_m = _extent(sheet_map)
    return {
        "scale": f"1:{sheet_map.scale:,}",
        "height_mm": sheet_map.height_mm,
        "least_mm": min(sheet_map.height_mm, tall_m * 1000 / max(smallest, sheet_map.scale)),
        "extra_mm": height - sheet_map.height_mm,
        "drawing_width_mm": width,
        "left_mm": furniture.left_mm(style),
        "grid_step_m": sheet_map.grid_step_m,
        "outlines": plain(sheet_map.member),
        "kinds": sorted({shape.kind for shape in sheet_map.shapes}),
        "description": plain(sheet_map.description) or _ALT,
    }


def _extent(sheet_map: SheetMap) -> tuple[float, float, float]:
    """Return the lowest and highest northing of what must be seen, and the height that shows it with a margin.

    What reaches beyond the window even now is not waited for.
    """
    half_m = sheet_map.height_mm * sheet_map.scale / 2000
    low, high = sheet_map.centre.north_m - half_m, sheet_map.centre.north_m + half_m
    parts = [np.atleast_1d(shape.geometry) for shape in sheet_map.shapes if shape.kind in _WANTED]
    bounds = shapely.bounds(np.concatenate(parts)) if parts else np.empty((0, 4))
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return low, high, 0.0
    south, north = max(float(bounds[:, 1].min()), low), min(float(bounds[:, 3].max()), high)
    return south, north, max(north - south + 2 * _MARGIN_M, 0.0)


def lowered(sheet_map: SheetMap, height_mm: float) -> SheetMap:
    """Return the map in a lower window, at the next smaller scale at which its zones are seen whole."""
    if height_mm >= sheet_map.height_mm:
        return sheet_map
    south, north, tall_m = _extent(sheet_map)
    needed = max(sheet_map.scale, tall_m * 1000 / height_mm)
    scale = sheet_map.scale if needed <= sheet_map.scale else min(_SCALES, key=lambda at: (at < needed, at))
    bar_m = sheet_map.scale_bar_m
    if scale != sheet_map.scale:
        bar_m = min(_BARS_M, key=lambda metres: abs(metres / scale - sheet_map.scale_bar_m / sheet_map.scale))
    middle = (south + north) / 2 if tall_m else sheet_map.centre.north_m
    return dataclasses.replace(
        sheet_map,
        height_mm=height_mm,
        scale=scale,
        scale_bar_m=bar_m,
        centre=EastNorth(sheet_map.centre.east_m, middle),
        description=sheet_map.description.replace(f"1:{sheet_map.scale:,}", f"1:{scale:,}"),
    )


def maps_of(sheets: Sequence[PlanSheet], fits: Sequence[Fit | None]) -> dict[str, str]:
    """Return each sheet's drawings by the names that the template knows them by, and what is said of them."""
    drawings, said = {}, {}
    for k, (sheet, fit) in enumerate(zip(sheets, fits, strict=True)):
        for n, sheet_map, style in _maps(sheet, fit):
            drawings[f"m{k}-{n}"] = draw_map(sheet_map, style)
            said[f"m{k}-{n}"] = about(sheet_map, style)
    return drawings | {"maps": json.dumps(said, ensure_ascii=False)}


def _maps(sheet: PlanSheet, fit: Fit | None) -> Iterator[tuple[int, SheetMap, MapStyle]]:
    maps = (sheet.overview, *(card.map for card in sheet.cards))
    for n, sheet_map in enumerate(maps):
        if sheet_map is None:
            continue
        if fit is None:
            yield n, sheet_map, LARGE
        else:
            height = fit["overview"] if n == 0 else fit["heights"][n - 1]
            yield n, lowered(sheet_map, height), CARD if n else OVERVIEW
