"""Lay out a chart: marking, title, panels side by side, small print."""

from __future__ import annotations

import io
import textwrap
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine

from geo_service.charting.panels import draw_panel

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.charts import Chart

_FONT: Final = "Atkinson Hyperlegible"
_STYLE: Final[dict[Any, Any]] = {
    "font.family": [_FONT, "DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#d8dcdf",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "hatch.linewidth": 0.6,
    "legend.fontsize": 8,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "geo_service",  # the same chart gives the same bytes
}
_WIDE_IN: Final = (6.6, 10.0, 13.0)
"""Width by the number of panels."""
_HIGH_IN: Final = 3.9
_LETTERS_PER_IN: Final = 17
_LINE_IN: Final = 0.145


def draw(chart: Chart, form: str, fonts: Path) -> bytes:
    """Return a chart as `svg`, `png` or `pdf`, with where its numbers come from.

    fonts: folder of .ttf files.
    """
    _know_fonts(fonts)
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # A letter that no font has becomes a box; the chart is still worth having.
        warnings.filterwarnings("ignore", message="Glyph")
        return _saved(_figure(chart), form)


@cache
def _know_fonts(folder: Path) -> None:
    for path in sorted(folder.glob("*.ttf")):
        fontManager.addfont(path)


def _figure(chart: Chart) -> Figure:
    wide = _WIDE_IN[min(len(chart.panels), len(_WIDE_IN)) - 1]
    said = _small_print(chart, round(wide * _LETTERS_PER_IN))
    title = textwrap.fill(chart.title, round(wide * 11))
    head_in, foot_in = 0.3 + 0.2 * (title.count("\n") + 1), 0.15 + _LINE_IN * (said.count("\n") + 1)
    high = _HIGH_IN + head_in + foot_in
    room = (0, foot_in / high, 1, 1 - (head_in + foot_in) / high)
    figure = Figure(figsize=(wide, high), layout=ConstrainedLayoutEngine(rect=room))
    for axes, panel in zip(figure.subplots(1, len(chart.panels), squeeze=False)[0], chart.panels, strict=True):
        draw_panel(axes, panel)
    marking = ("DEMONSTRATION   " if chart.provenance.demonstration else "") + chart.provenance.marking
    figure.text(0.5, 1 - 0.04 / high, marking, ha="center", va="top", weight="bold", fontsize=9)
    figure.text(0.1 / wide, 1 - 0.24 / high, title, ha="left", va="top", fontsize=11, weight="bold")
    figure.text(0.1 / wide, 0.06 / high, said, ha="left", va="bottom", fontsize=7, color="#383f43")
    return figure


def _small_print(chart: Chart, width: int) -> str:
    told = chart.provenance
    seed = "" if told.seed is None else f"; seed {told.seed}"
    parameters = "; ".join(f"{name} {value}" for name, value in told.parameters.items())
    kept = "" if told.destroy_after is None else f" Destroy after {told.destroy_after.isoformat()}."
    source = f"Data version {told.data_version}, to {told.data_to}; {parameters}{seed}.{kept}"
    return "\n".join(textwrap.fill(line, width) for line in (*chart.notes, source, *chart.licences))


def _saved(figure: Figure, form: str) -> bytes:
    out = io.BytesIO()
    dated = {"svg": "Date", "pdf": "CreationDate"}
    metadata = {dated[form]: None} if form in dated else {"Software": None}
    figure.savefig(out, format=form, dpi=150, metadata=metadata)
    return out.getvalue()
