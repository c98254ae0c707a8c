"""Draw the frame of the map with ticks and figures of the British National Grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.printing import ink
from geo_service.printing.style import SHEET

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from geo_service.model.cells import Floats
    from geo_service.printing.frame import Frame
    from geo_service.printing.style import MapStyle

_NEAREST_TICKS_MM = 2.0
_NEAREST_FIGURES_MM = 7.0
_FIGURE_MM = 2.6
"""Half the width of a figure: none stands nearer to a corner."""
_TICK_MM = 1.8
_CROSS_MM = 0.8
_KILOMETRE_M = 1000
_HECTOMETRE_M = 100


def draw_grid(drawing: ET.Element, frame: Frame, step_m: int, style: MapStyle = SHEET, right_mm: float = 0.0) -> None:
    """Draw the frame, ticks every `step_m` metres on its four sides, and a cross where grid lines meet.

    Eastings stand below the window and northings, turned, on its left: two figures for kilometres, three for
    hundreds of metres; none stands in the last `right_mm` below the window.
    """
    if step_m * frame.mm_per_m >= _NEAREST_TICKS_MM:
        grid = ink.group(drawing, "grid", stroke=ink.BLACK, stroke_width=0.25)
        depth_m, width_m = frame.height_mm / frame.mm_per_m, frame.width_mm / frame.mm_per_m
        east_m = _steps(frame.west_m, width_m, step_m)
        north_m = _steps(frame.north_m - depth_m, depth_m, step_m)
        x, y = (east_m - frame.west_m) * frame.mm_per_m, (frame.north_m - north_m) * frame.mm_per_m
        _draw_ticks(grid, frame, x, y)
        figures = ink.group(grid, "figures", stroke="none", fill=ink.BLACK)
        every = int(np.ceil(_NEAREST_FIGURES_MM * style.figure / SHEET.figure / (step_m * frame.mm_per_m)))
        for at, metres in zip(x.tolist(), east_m.tolist(), strict=True):
            if round(metres / step_m) % every == 0 and _FIGURE_MM < at < frame.width_mm - _FIGURE_MM - right_mm:
                ink.text(figures, _figure(metres, step_m), at, frame.height_mm + 0.9 + style.figure / 2, style.figure)
        for at, metres in zip(y.tolist(), north_m.tolist(), strict=True):
            if round(metres / step_m) % every == 0 and _FIGURE_MM < at < frame.height_mm - _FIGURE_MM:
                ink.text(figures, _figure(metres, step_m), -0.7 - style.figure / 2, at, style.figure, degrees=-90)
    ink.box(drawing, 0, 0, frame.width_mm, frame.height_mm, fill="none", stroke=ink.BLACK, stroke_width=0.5)


def _steps(start_m: float, length_m: float, step_m: int) -> Floats:
    first, last = np.ceil(start_m / step_m), np.floor((start_m + length_m) / step_m)
    return np.arange(first, last + 1, dtype=np.float64) * step_m


def _draw_ticks(grid: ET.Element, frame: Frame, x: Floats, y: Floats) -> None:
    for at in x.tolist():
        ink.line(grid, (at, 0), (at, _TICK_MM))
        ink.line(grid, (at, frame.height_mm), (at, frame.height_mm - _TICK_MM))
    for at in y.tolist():
        ink.line(grid, (0, at), (_TICK_MM, at))
        ink.line(grid, (frame.width_mm, at), (frame.width_mm - _TICK_MM, at))
    crosses = "".join(
        f"M{px - _CROSS_MM:.2f} {py:.2f}h{2 * _CROSS_MM}M{px:.2f} {py - _CROSS_MM:.2f}v{2 * _CROSS_MM}"
        for px in x.tolist()
        for py in y.tolist()
    )
    ink.path(grid, crosses, fill="none", stroke="#707070", stroke_width=0.15)


def _figure(metres: float, step_m: int) -> str:
    if step_m % _KILOMETRE_M == 0:
        return f"{round(metres / _KILOMETRE_M) % 100:02d}"
    return f"{round(metres / _HECTOMETRE_M) % 1000:03d}"
