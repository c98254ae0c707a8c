"""Draw what lets a map be measured: north arrow, scale bar, check line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.printing import ink
from geo_service.printing.labels import text_width_em

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from geo_service.model.sheets import SheetMap
    from geo_service.printing.frame import Frame

LEFT_MM, RIGHT_MM, TOP_MM = 3.5, 0.5, 0.5
"""Room around the window for grid figures and half the stroke of the frame."""
CHECK_LINE_MM = 50.0
CHECK_WORDS = "This line is 50 mm when printed at 100 %"
ARROW_BOX_MM = (7.0, 11.0)
_FIGURES_MM = 4.5
_STRIP_MM = 10.5
_GAP_MM = 6.0


def bottom_mm(sheet_map: SheetMap) -> float:
    """Return the height below the window that figures, scale bar and check line take."""
    return _FIGURES_MM + _STRIP_MM * (1 if _one_row(sheet_map) else 2)


def arrow_box(frame: Frame) -> tuple[float, float, float, float]:
    """Return the box (x0, y0, x1, y1) of the north arrow, which nothing may cover."""
    width, height = ARROW_BOX_MM
    return frame.width_mm - width - 2.5, 2.5, frame.width_mm - 2.5, height + 2.5


def draw_north(drawing: ET.Element, frame: Frame) -> None:
    """Draw an arrow to grid north in the upper right corner."""
    x0, y0, x1, y1 = arrow_box(frame)
    middle = (x0 + x1) / 2
    arrow = ink.group(drawing, "north")
    ink.box(arrow, x0, y0, x1 - x0, y1 - y0, fill=ink.WHITE, stroke=ink.BLACK, stroke_width=0.25, rx=0.8)
    ink.text(arrow, "N", middle, y0 + 2.3, 3.2, font_weight="bold", fill=ink.BLACK)
    tip, foot = y0 + 4.3, y1 - 0.9
    left = f"M{middle:.2f} {tip:.2f}L{middle - 2:.2f} {foot:.2f}L{middle:.2f} {foot - 1.6:.2f}Z"
    right = f"M{middle:.2f} {tip:.2f}L{middle + 2:.2f} {foot:.2f}L{middle:.2f} {foot - 1.6:.2f}Z"
    ink.path(arrow, left, fill=ink.BLACK, stroke=ink.BLACK, stroke_width=0.2)
    ink.path(arrow, right, fill=ink.WHITE, stroke=ink.BLACK, stroke_width=0.2)


def _bar_mm(sheet_map: SheetMap) -> float:
    bar = sheet_map.scale_bar_m * 1000 / sheet_map.scale
    return bar if 0 < bar <= sheet_map.width_mm else 0.0


def _check_words_mm() -> float:
    return text_width_em(CHECK_WORDS) * ink.SMALL_MM * 0.93


def _one_row(sheet_map: SheetMap) -> bool:
    return _bar_mm(sheet_map) + _GAP_MM * 2 + _check_words_mm() <= sheet_map.width_mm


def draw_lengths(drawing: ET.Element, sheet_map: SheetMap) -> None:
    """Draw the scale bar and the 50 mm check line below the window."""
    top = sheet_map.height_mm + _FIGURES_MM
    _scale_bar(drawing, _bar_mm(sheet_map), sheet_map.scale_bar_m, top)
    if not _one_row(sheet_map):
        top += _STRIP_MM
    right = sheet_map.width_mm if _one_row(sheet_map) else CHECK_LINE_MM
    _check_line(drawing, right, top, anchor="end" if _one_row(sheet_map) else "start")


def _scale_bar(drawing: ET.Element, bar: float, metres: int, top: float) -> None:
    if not bar:
        return
    y = top + 6.2
    part = ink.group(drawing, "scale-bar", stroke=ink.BLACK, stroke_width=0.2)
    for quarter in range(4):
        fill = ink.BLACK if quarter % 2 == 0 else ink.WHITE
        ink.box(part, bar * quarter / 4, y, bar / 4, 1.5, fill=fill)
    ink.line(part, (0, y), (bar, y), class_="scale-bar-length")
    words = ink.group(part, "scale-bar-words", stroke="none", fill=ink.BLACK)
    ink.text(words, "0", 0, y - 2.2, 2.9, anchor="start")
    if metres % 2 == 0:
        ink.text(words, f"{metres // 2}", bar / 2, y - 2.2, 2.9)
    ink.text(words, f"{metres:,} m".replace(",", "\u2009"), bar, y - 2.2, 2.9, anchor="middle")


def _check_line(drawing: ET.Element, right: float, top: float, *, anchor: str) -> None:
    y = top + 7.7
    left = right - CHECK_LINE_MM
    part = ink.group(drawing, "check-line", stroke=ink.BLACK, stroke_width=0.35)
    ink.line(part, (left, y), (right, y), class_="check-length")
    ink.line(part, (left, y - 1.3), (left, y + 1.3))
    ink.line(part, (right, y - 1.3), (right, y + 1.3))
    at = right if anchor == "end" else left
    ink.text(part, CHECK_WORDS, at, y - 3.7, anchor=anchor, stroke="none", fill=ink.BLACK)
