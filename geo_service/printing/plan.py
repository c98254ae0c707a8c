"""Hand the sheets of a plan to their template, and draw each map as high as its page leaves room for."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Final, TypedDict

import numpy as np
import shapely

from geo_service.model.places import EastNorth
from geo_service.model.plan_sheets import LaidOut
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
_SCALES: Final = (
    1_250, 2_500, 3_000, 4_000, 5_000, 6_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000,
    75_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
)  # fmt: skip
_BARS_M: Final = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
_SMALLEST: Final = {"card": 5_000, "overview": 12_500}
"""Scales that a smaller map is not drawn at less than; of a card's zone the edge is cut before."""
_KEPT: Final = 0.6
_BAR_SHARE: Final = 0.25
"""Share of the width of a smaller map that its scale bar takes."""
_MARGIN_M: Final = 6.0
_WANTED: Final = ("zone", "route")
"""Kinds that a lower map still shows whole."""


class Fit(TypedDict):
    """Hold what the template measured: height of the overview, and width and height of each card's map, in mm."""

    overview: float
    widths: list[float]
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
    wide_m, tall_m = (high - low + 2 * _MARGIN_M for low, high in _extent(sheet_map))
    mm_per_m = 1000 / max(smallest, sheet_map.scale)
    return {
        "scale": f"1:{sheet_map.scale:,}",
        "width_mm": sheet_map.width_mm,
        "height_mm": sheet_map.height_mm,
        "least_width_mm": _least(sheet_map.width_mm, wide_m * mm_per_m),
        "least_mm": _least(sheet_map.height_mm, tall_m * mm_per_m),
        "extra_width_mm": width - sheet_map.width_mm,
        "extra_mm": height - sheet_map.height_mm,
        "drawing_width_mm": width,
        "left_mm": furniture.left_mm(style),
        "grid_step_m": sheet_map.grid_step_m,
        "outlines": plain(sheet_map.member),
        "kinds": sorted({shape.kind for shape in sheet_map.shapes}),
        "description": plain(sheet_map.description) or _ALT,
    }


def _least(whole_mm: float, needed_mm: float) -> float:
    """Return what a map keeps of its height or width; one that is too small even now may lose more."""
    return needed_mm if needed_mm <= whole_mm else whole_mm * _KEPT


def _extent(sheet_map: SheetMap) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return least and greatest easting and northing, in metres, of what must be seen.

    What reaches beyond the window even now is not waited for; of a map that shows nothing its middle is kept.
    """
    half_m = np.array([sheet_map.width_mm, sheet_map.height_mm]) * sheet_map.scale / 2000
    centre = np.array(sheet_map.centre)
    parts = [np.atleast_1d(shape.geometry) for shape in sheet_map.shapes if shape.kind in _WANTED]
    bounds = shapely.bounds(np.concatenate(parts)) if parts else np.empty((0, 4))
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return (centre[0], centre[0]), (centre[1], centre[1])
    low = np.clip(bounds[:, :2].min(axis=0), centre - half_m, centre + half_m)
    high = np.clip(bounds[:, 2:].max(axis=0), centre - half_m, centre + half_m)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def cropped(sheet_map: SheetMap, width_mm: float, height_mm: float, smallest: float = math.inf) -> SheetMap:
    """Return the map in a smaller window, at the next smaller scale at which its zones are seen whole.

    smallest: scale below which it is not drawn; what then does not fit is cut.
    """
    if width_mm >= sheet_map.width_mm and height_mm >= sheet_map.height_mm:
        return sheet_map
    east, north = _extent(sheet_map)
    wide_m, tall_m = (high - low + 2 * _MARGIN_M for low, high in (east, north))
    needed = max(sheet_map.scale, wide_m * 1000 / width_mm, tall_m * 1000 / height_mm)
    scale = sheet_map.scale
    if needed > scale:
        scale = max(scale, next((at for at in _SCALES if at >= min(needed, smallest)), _SCALES[-1]))
    wanted = min(sheet_map.scale_bar_m / sheet_map.scale, width_mm * _BAR_SHARE / 1000)
    bar_m = min(_BARS_M, key=lambda metres: abs(metres / scale - wanted))
    return dataclasses.replace(
        sheet_map,
        width_mm=width_mm,
        height_mm=height_mm,
        scale=scale,
        scale_bar_m=bar_m,
        centre=EastNorth(sum(east) / 2, sum(north) / 2),
        description=sheet_map.description.replace(f"1:{sheet_map.scale:,}", f"1:{scale:,}"),
    )


def laid_out(sheet: PlanSheet, fit: Fit | None) -> LaidOut:
    """Draw the maps of a sheet as it was measured."""
    drawn = [(n, draw_map(at, style), json.dumps(about(at, style))) for n, at, style in _maps(sheet, fit)]
    return LaidOut(sheets_json([sheet])[1:-1], json.dumps(fit), tuple(drawn))


def plan_inputs(laid: Sequence[LaidOut]) -> dict[str, str]:
    """Return what the template needs to set sheets in order: each drawing by the name that it knows it by."""
    maps = {f"m{k}-{n}": (svg, said) for k, sheet in enumerate(laid) for n, svg, said in sheet.maps}
    about_maps = ", ".join(f"{json.dumps(name)}: {said}" for name, (_, said) in maps.items())
    return {
        "sheets": f"[{', '.join(sheet.words for sheet in laid)}]",
        "fits": f"[{', '.join(sheet.fit for sheet in laid)}]",
        "maps": f"{{{about_maps}}}",
    } | {name: svg for name, (svg, _) in maps.items()}


def _maps(sheet: PlanSheet, fit: Fit | None) -> Iterator[tuple[int, SheetMap, MapStyle]]:
    maps = (sheet.overview, *(card.map for card in sheet.cards))
    for n, sheet_map in enumerate(maps):
        if sheet_map is None:
            continue
        if fit is None:
            yield n, sheet_map, LARGE
        elif n == 0:
            yield n, cropped(sheet_map, sheet_map.width_mm, fit["overview"]), OVERVIEW
        else:
            yield n, cropped(sheet_map, fit["widths"][n - 1], fit["heights"][n - 1], _SMALLEST["card"]), CARD
