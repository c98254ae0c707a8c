"""Draw the series and shades of one pair of axes so that they can be told apart in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from geo_service.model.charts import Heat, Panel, Series

_INKS: Final = ("#0b0c0c", "#1d70b8", "#d4351c", "#00703c", "#912b88", "#f47738", "#505a5f", "#28a197")
"""Colours; dark, so that lines and marks tell them apart on a grey printer."""
_DASHES: Final = ("-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)), (0, (1, 1)), (0, (8, 3)), (0, (3, 1)))
_MARKS: Final = ("o", "s", "^", "D", "v", "X", "P", "*")
_HATCHES: Final = ("", "///", "...", "xxx", "\\\\\\", "+++", "ooo", "---")
_QUIET: Final = "#8d9297"
_THOUSAND: Final = 1_000
_MOST_UPRIGHT: Final = 8
"""Named ticks that fit beside each other."""


def draw_panel(axes: Axes, panel: Panel) -> None:
    """Draw one panel."""
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if panel.heat is not None:
        _draw_heat(axes, panel.heat)
        return
    bars = [series for series in panel.series if series.drawn == "bars"]
    loud = 0
    for series in panel.series:
        _draw_series(axes, series, loud, bars)
        loud += not series.quiet
    for at in panel.lines_at:
        axes.axhline(at, color=_QUIET, linewidth=0.8, zorder=0)
    if panel.ticks:
        axes.set_xticks(range(len(panel.ticks)), panel.ticks)
        if len(panel.ticks) > _MOST_UPRIGHT:
            # Ending below their mark: long names in the middle of it lie over one another.
            for name in axes.get_xticklabels():
                name.set(rotation=40, ha="right", rotation_mode="anchor")
    if panel.percent:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:g} %"))
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(_number))
    if any(series.label for series in panel.series):
        axes.legend(loc="best", frameon=True, framealpha=0.9, edgecolor="none", handlelength=3)


def _number(value: float, _: int) -> str:
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value:g}"


def _draw_series(axes: Axes, series: Series, number: int, bars: list[Series]) -> None:
    ink = _QUIET if series.quiet else _INKS[number % len(_INKS)]
    label = series.label or None
    x, y = np.asarray(series.x, dtype=float), np.asarray(series.y, dtype=float)
    ends = None
    if series.low is not None and series.high is not None:
        low, high = np.asarray(series.low, dtype=float), np.asarray(series.high, dtype=float)
        if series.drawn == "band":
            axes.fill_between(x, low, high, color=ink, alpha=0.25, linewidth=0, label=label)
            return
        ends = np.maximum(np.vstack([y - low, high - y]), 0)
    if series.drawn == "bars":
        width, at = 0.8 / len(bars), next(place for place, each in enumerate(bars) if each is series)
        x = x + (at - (len(bars) - 1) / 2) * width
        pattern = _HATCHES[at % len(_HATCHES)]
        axes.bar(x, y, width, label=label, facecolor=ink if at == 0 else "white", edgecolor=ink, hatch=pattern)
    elif series.drawn == "points":
        axes.plot(x, y, _MARKS[number % len(_MARKS)], color=ink, label=label, markersize=5)
    else:
        dash = "-" if series.quiet else _DASHES[number % len(_DASHES)]
        mark = "" if series.quiet or len(x) > 40 else _MARKS[number % len(_MARKS)]  # noqa: PLR2004 - a crowd of marks hides the line
        style = "steps-post" if series.drawn == "steps" else "default"
        axes.plot(x, y, linestyle=dash, marker=mark, markersize=4, color=ink, label=label, drawstyle=style)
    if ends is not None:
        axes.errorbar(x, y, yerr=ends, fmt="none", ecolor=ink, elinewidth=1, capsize=2.5)


def _draw_heat(axes: Axes, heat: Heat) -> None:
    shades = axes.imshow(heat.values, cmap="Greys", aspect="auto", vmin=0, interpolation="nearest")
    axes.grid(visible=False)
    axes.set_yticks(range(len(heat.rows)), heat.rows)
    step = max(1, len(heat.columns) // 12)
    axes.set_xticks(range(0, len(heat.columns), step), heat.columns[::step])
    for row, column in heat.marked:
        # A white frame below a black one is seen on light and on dark.
        for ink, width in (("white", 3.2), ("black", 1.4)):
            axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=ink, linewidth=width))
    axes.figure.colorbar(shades, ax=axes, label=heat.label, fraction=0.04, pad=0.02)
