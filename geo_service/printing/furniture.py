"""Draw what lets a map be measured: north arrow, scale bar, check line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.printing import ink
from geo_service.printing.labels import text_width_em
from geo_service.printing.style import SHEET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree import ElementTree as ET

    from geo_service.model.sheets import SheetMap
    from geo_service.printing.frame import Frame
    from geo_service.printing.style import MapStyle

RIGHT_MM, TOP_MM = 0.5, 0.5
"""Room around the window for half the stroke of the frame."""
CHECK_LINE_MM = 50.0
CHECK_WORDS = "This line is 50 mm when printed at 100 %"
_STRIP_MM = 10.5
_GAP_MM = 6.0
_PLATE_MM = 1.5
_BAR = 1.16
"""Size of the figures of the scale bar by that of the grid's."""
_ARROW = (7.0, 11.0)


def left_mm(style: MapStyle) -> float:
    """Return the room on the left of the window that grid figures take."""
    return style.figure + 1


def bottom_mm(sheet_map: SheetMap, style: MapStyle = SHEET) -> float:
    """Return the height below the window that figures, scale bar and check line take."""
    if style.inside:
        return style.figure + 1.4
    return style.figure + 2 + _STRIP_MM * (1 if _one_row(sheet_map) else 2)


def plate_box(
    sheet_map: SheetMap, frame: Frame, style: MapStyle, busy: Sequence[shapely.Geometry]
) -> shapely.Polygon | None:
    """Return the box of a scale bar that stands in the window, in the corner that hides least; None if it is below.

    busy: what must be seen, in millimetres.
    """
    if not style.inside:
        return None
    bar, size = _bar_mm(sheet_map), style.figure * _BAR
    beyond = text_width_em(_metres(sheet_map.scale_bar_m)) * size / 2 + 1.0
    if not bar:
        return None
    width, height = bar + beyond + 3.0, size * 2.55
    right, bottom = frame.width_mm - _PLATE_MM, frame.height_mm - _PLATE_MM
    corners = [
        shapely.box(_PLATE_MM, bottom - height, min(_PLATE_MM + width, right), bottom),
        shapely.box(max(right - width, _PLATE_MM), bottom - height, right, bottom),
        shapely.box(_PLATE_MM, _PLATE_MM, min(_PLATE_MM + width, right), _PLATE_MM + height),
    ]
    share = [
        shapely.area(shapely.intersection(corner, busy)) / np.maximum(shapely.area(busy), 1.0) for corner in corners
    ]
    return corners[int(np.argmin([each.sum() for each in share]))]


def arrow_box(frame: Frame, style: MapStyle = SHEET) -> tuple[float, float, float, float]:
    """Return the box (x0, y0, x1, y1) of the north arrow, which nothing may cover."""
    width, height = style.arrow, style.arrow * _ARROW[1] / _ARROW[0]
    edge = 2.5 if not style.inside else _PLATE_MM
    return frame.width_mm - width - edge, edge, frame.width_mm - edge, height + edge


def draw_north(drawing: ET.Element, frame: Frame, style: MapStyle = SHEET) -> None:
    """Draw an arrow to grid north in the upper right corner."""
    x0, y0, x1, y1 = arrow_box(frame, style)
    middle, k = (x0 + x1) / 2, style.arrow / _ARROW[0]
    arrow = ink.group(drawing, "north")
    ink.box(arrow, x0, y0, x1 - x0, y1 - y0, fill=ink.WHITE, stroke=ink.BLACK, stroke_width=0.25, rx=0.8)
    ink.text(arrow, "N", middle, y0 + 2.3 * k, 3.2 * k, font_weight="bold", fill=ink.BLACK)
    tip, foot = y0 + 4.3 * k, y1 - 0.9 * k
    half, notch = 2 * k, foot - 1.6 * k
    left = f"M{middle:.2f} {tip:.2f}L{middle - half:.2f} {foot:.2f}L{middle:.2f} {notch:.2f}Z"
    right = f"M{middle:.2f} {tip:.2f}L{middle + half:.2f} {foot:.2f}L{middle:.2f} {notch:.2f}Z"
    ink.path(arrow, left, fill=ink.BLACK, stroke=ink.BLACK, stroke_width=0.2)
    ink.path(arrow, right, fill=ink.WHITE, stroke=ink.BLACK, stroke_width=0.2)


def _bar_mm(sheet_map: SheetMap) -> float:
    bar = sheet_map.scale_bar_m * 1000 / sheet_map.scale
    return bar if 0 < bar <= sheet_map.width_mm else 0.0


def _check_words_mm() -> float:
    return text_width_em(CHECK_WORDS) * ink.SMALL_MM


def _one_row(sheet_map: SheetMap) -> bool:
    return _bar_mm(sheet_map) + _GAP_MM * 2 + _check_words_mm() <= sheet_map.width_mm


def scale_words_mm(sheet_map: SheetMap, style: MapStyle) -> float:
    """Return the room at the right end of the grid's figures that the words of the scale take."""
    return text_width_em(_scale_words(sheet_map)) * style.figure + 1.0 if style.inside else 0.0


def _scale_words(sheet_map: SheetMap) -> str:
    return f"1:{sheet_map.scale:,}"


def draw_lengths(
    drawing: ET.Element, sheet_map: SheetMap, style: MapStyle = SHEET, plate: shapely.Polygon | None = None
) -> None:
    """Draw the scale bar and the 50 mm check line below the window; a small map has its bar on a plate in it."""
    size = style.figure * _BAR
    if plate is not None:
        x0, y0, x1, y1 = plate.bounds
        ink.box(drawing, x0, y0, x1 - x0, y1 - y0, fill=ink.WHITE, stroke=ink.BLACK, stroke_width=0.25, rx=0.8)
        _scale_bar(drawing, sheet_map, (x0 + 2.0, y0 + size * 1.72), size)
    if style.inside:
        words = ink.group(drawing, "scale", fill=ink.BLACK, font_weight="bold")
        y = sheet_map.height_mm + 0.9 + style.figure / 2
        ink.text(words, _scale_words(sheet_map), sheet_map.width_mm, y, style.figure, anchor="end")
        return
    top = sheet_map.height_mm + style.figure + 2
    _scale_bar(drawing, sheet_map, (0.0, top + 6.2), size)
    if not _one_row(sheet_map):
        top += _STRIP_MM
    right = sheet_map.width_mm if _one_row(sheet_map) else CHECK_LINE_MM
    _check_line(drawing, right, top, anchor="end" if _one_row(sheet_map) else "start")


def _metres(metres: int) -> str:
    return f"{metres:,} m".replace(",", "\u2009")


def _scale_bar(drawing: ET.Element, sheet_map: SheetMap, corner: tuple[float, float], size: float) -> None:
    bar, metres = _bar_mm(sheet_map), sheet_map.scale_bar_m
    if not bar:
        return
    left, y = corner
    part = ink.group(drawing, "scale-bar", stroke=ink.BLACK, stroke_width=0.2)
    for quarter in range(4):
        fill = ink.BLACK if quarter % 2 == 0 else ink.WHITE
        ink.box(part, left + bar * quarter / 4, y, bar / 4, size / 2, fill=fill)
    ink.line(part, (left, y), (left + bar, y), class_="scale-bar-length")
    words = ink.group(part, "scale-bar-words", stroke="none", fill=ink.BLACK)
    above = y - size * 0.75
    ink.text(words, "0", left, above, size, anchor="start")
    half = f"{metres // 2}"
    if metres % 2 == 0 and bar > 4 * text_width_em(half) * size:
        ink.text(words, half, left + bar / 2, above, size)
    ink.text(words, _metres(metres), left + bar, above, size)


def _check_line(drawing: ET.Element, right: float, top: float, *, anchor: str) -> None:
    y = top + 7.7
    left = right - CHECK_LINE_MM
    part = ink.group(drawing, "check-line", stroke=ink.BLACK, stroke_width=0.35)
    ink.line(part, (left, y), (right, y), class_="check-length")
    ink.line(part, (left, y - 1.3), (left, y + 1.3))
    ink.line(part, (right, y - 1.3), (right, y + 1.3))
    at = right if anchor == "end" else left
    ink.text(part, CHECK_WORDS, at, y - 3.7, anchor=anchor, stroke="none", fill=ink.BLACK)
