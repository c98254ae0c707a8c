"""Hand the sheets of super-cocoons to their template, each with its map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from geo_service.printing.map_svg import draw_map
from geo_service.printing.plan import about
from geo_service.printing.style import DOORS
from geo_service.printing.words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cocoon_sheets import CocoonSheet


def cocoon_inputs(sheets: Sequence[CocoonSheet]) -> dict[str, str]:
    """Return the words of sheets and the drawing of each map, by the names that the template knows."""
    names = {f"m{k}": sheet.map for k, sheet in enumerate(sheets)}
    said = {name: about(sheet_map, DOORS) | {"hatched": "area to visit"} for name, sheet_map in names.items()}
    return {
        "sheets": json.dumps([words_of(sheet, but=("map",)) for sheet in sheets], ensure_ascii=False),
        "maps": json.dumps(said, ensure_ascii=False),
    } | {name: draw_map(sheet_map, DOORS) for name, sheet_map in names.items()}
