"""Hand the sheets of a plan to their template, and draw each map as high as its page leaves room for."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Final, TypedDict

from geo_service.printing import furniture
from geo_service.printing.map_svg import draw_map, drawing_size_mm
from geo_service.printing.words import plain, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.model.plan_sheets import PlanSheet
    from geo_service.model.sheets import SheetMap

_ALT: Final = "Map of the patrol zones."


class Fit(TypedDict):
    """Hold what the template measured: the height of each map in millimetres among it."""

    overview: float
    heights: list[float]


def sheets_json(sheets: Sequence[PlanSheet]) -> str:
    """Return the words of sheets as JSON, each map replaced by what the template must know of it."""
    return json.dumps([_sheet(sheet) for sheet in sheets], ensure_ascii=False)


def _sheet(sheet: PlanSheet) -> dict[str, object]:
    said = words_of(dataclasses.replace(sheet, cards=()), but=("overview",))
    cards = [words_of(card, but=("map",)) | {"map": _about(card.map) if card.map else None} for card in sheet.cards]
    return said | {"overview": _about(sheet.overview), "cards": cards}


def _about(sheet_map: SheetMap) -> dict[str, object]:
    width, height = drawing_size_mm(sheet_map)
    return {
        "scale": sheet_map.scale,
        "height_mm": sheet_map.height_mm,
        "extra_mm": height - sheet_map.height_mm,
        "drawing_width_mm": width,
        "left_mm": furniture.LEFT_MM,
        "grid_step_m": sheet_map.grid_step_m,
        "description": plain(sheet_map.description) or _ALT,
    }


def maps_of(sheets: Sequence[PlanSheet], fits: Sequence[Fit | None]) -> dict[str, str]:
    """Return each sheet's drawings by the names that the template knows them by, and the scales they have."""
    drawings, scales = {}, {}
    for k, (sheet, fit) in enumerate(zip(sheets, fits, strict=True)):
        for n, sheet_map in _maps(sheet, fit):
            drawings[f"m{k}-{n}"] = draw_map(sheet_map)
            scales[f"m{k}-{n}"] = sheet_map.scale
    return drawings | {"scales": json.dumps(scales)}


def _maps(sheet: PlanSheet, fit: Fit | None) -> Iterator[tuple[int, SheetMap]]:
    heights = [sheet.overview.height_mm, *(card.map.height_mm if card.map else 0 for card in sheet.cards)]
    if fit is not None:
        heights = [fit["overview"], *fit["heights"]]
    for n, sheet_map in enumerate((sheet.overview, *(card.map for card in sheet.cards))):
        if sheet_map is not None:
            yield n, dataclasses.replace(sheet_map, height_mm=heights[n])
