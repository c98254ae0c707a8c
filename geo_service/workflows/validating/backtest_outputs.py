"""A backtest as table and chart."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service.hotspots.backtesting.scores import REFERENCE
from geo_service.model.charts import Chart, Panel, Series
from geo_service.model.layers import FeatureTable, LayerStyle
from geo_service.workflows import exports, words
from geo_service.workflows.markings import USUAL, Export, Handling
from geo_service.workflows.validating import backtest_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo_service.hotspots.backtesting.scores import Line
    from geo_service.workflows.services import Services
    from geo_service.workflows.validating.backtest_report import BacktestReport

_FAR: Final = 0.9
"""Share of what `total` captured below which a statistic is named beside the chart and not drawn."""


def write(services: Services, report: BacktestReport, suffix: str, handling: Handling = USUAL) -> Export:
    """Write a report as a table or a chart (SVG, PNG) by a file ending; record the disclosure.

    Raises QueryError for an unknown ending.
    """
    if suffix.casefold() in exports.CHARTS:
        return exports.export_chart(services, chart(report), suffix, handling)
    return exports.export(services, table(report), suffix, handling)


def table(report: BacktestReport) -> FeatureTable:
    """Return a row for each unit, number of months ahead, share and statistic; one for each that was refused."""
    rows = [_row(line) for line in report.lines]
    rows += [{"id": name, "statistic": name, "verdict": f"not tried: {why}"} for name, why in report.refused.items()]
    numbers = dict.fromkeys(_NUMBERS, pl.Float64)
    frame = pl.DataFrame(rows, schema={"id": pl.String, "statistic": pl.String, "unit": pl.String,
                                       "resolution": pl.Int64, "months_ahead": pl.Int64, "origins": pl.Int64, **numbers,
                                       "verdict": pl.String, "from_total_cells_verdict": pl.String})  # fmt: skip
    return FeatureTable(
        id="backtest",
        title=f"Backtest of {report.area_name}, {report.origins[0]} to {report.origins[-1]}",
        rows=frame,
        geometry=np.full(frame.height, None, dtype=object),
        provenance=report.provenance,
        licences=report.licences,
        notes=(*report.sentences, *report.left_out, *report.changed, *report.notes),
        style=LayerStyle(shape="none", colour="#505a5f"),
    )


_NUMBERS = ("area_share_asked", "cells", "area_share", "captured", "pai", "pei_star", "rri", "of_single_cells",
            "difference", "difference_low", "difference_high",
            "from_total_cells", "from_total_cells_low", "from_total_cells_high")  # fmt: skip


def _row(line: Line) -> dict[str, object]:
    return {
        "id": f"{line.statistic}/{line.unit}/{line.resolution}/{line.share * 100:g}/{line.ahead}",
        "statistic": line.statistic,
        "unit": line.unit,
        "resolution": line.resolution,
        "months_ahead": line.ahead,
        "origins": line.origins,
        "area_share_asked": line.share,
        "cells": line.cells,
        "area_share": line.area_share,
        "captured": line.captured,
        "pai": line.pai,
        "pei_star": line.pei_star,
        "rri": line.rri,
        "of_single_cells": line.of_singles,
        "difference": line.difference,
        "difference_low": line.low,
        "difference_high": line.high,
        "verdict": line.verdict,
        "from_total_cells": line.from_cells,
        "from_total_cells_low": line.from_cells_low,
        "from_total_cells_high": line.from_cells_high,
        "from_total_cells_verdict": line.from_cells_verdict,
    }


def chart(report: BacktestReport) -> Chart:
    """Draw the differences from `total` with their intervals, one panel for each unit, fewest months ahead.

    Zones of finer cells are drawn as differences from the single cells of `total`.
    """
    nearest = min(line.ahead for line in report.lines)
    drawn: dict[str, list[Line]] = defaultdict(list)
    for line in report.lines:
        if line.ahead == nearest:
            drawn[_unit(line, report)].append(line)
    said = [note for unit, lines in drawn.items() for note in _said(unit, lines, is_fine=_is_fine(lines[0], report))]
    return Chart(
        id="backtest",
        title=f"{report.query.offence_set}, {report.sentences[0].rstrip('.')}: captured, less that of {REFERENCE}",
        panels=[
            _panel_beside(unit, lines) if _is_fine(lines[0], report) else _panel(unit, lines)
            for unit, lines in drawn.items()
        ],
        provenance=report.provenance,
        licences=report.licences,
        notes=(*said, *words.first_notes(report.notes, 2)),
    )


def _said(unit: str, lines: Sequence[Line], *, is_fine: bool) -> list[str]:
    # Of finer cells every statistic is drawn.
    return [_captured(unit, lines), *([backtest_words.ANCHORS] if is_fine else _far_words(unit, lines))]


def _is_fine(line: Line, report: BacktestReport) -> bool:
    return line.resolution > report.query.resolution


def _unit(line: Line, report: BacktestReport) -> str:
    return f"{line.unit} of resolution {line.resolution}" if _is_fine(line, report) else line.unit


def _captured(unit: str, lines: Sequence[Line]) -> str:
    total = [line for line in lines if line.statistic == REFERENCE]
    told = ", ".join(f"{line.captured:.1%} in {line.share * 100:g}% of the area" for line in total)
    return f"{unit.capitalize()} of {REFERENCE} captured {told}.".replace("%", " %")


def _far(lines: Sequence[Line]) -> Mapping[str, float]:
    """Return the statistics that captured so little that they would press all others flat, with the ratio to total."""
    total = {line.share: line.captured for line in lines if line.statistic == REFERENCE}
    ratios: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        ratios[line.statistic].append(line.captured / total[line.share] if total[line.share] else 1.0)
    return {name: max(found) for name, found in ratios.items() if max(found) < _FAR}


def _far_words(unit: str, lines: Sequence[Line]) -> list[str]:
    far = ", ".join(f"{name} ({ratio * 100:.0f} %)" for name, ratio in sorted(_far(lines).items()))
    return [f"{unit.capitalize()}, not drawn because they captured so much less than {REFERENCE}: {far}."] * bool(far)


def _panel(unit: str, lines: Sequence[Line]) -> Panel:
    far = _far(lines)
    others = {line.statistic for line in lines} - {REFERENCE, *far}
    mean = {name: np.mean([line.difference for line in lines if line.statistic == name]) for name in others}
    names = sorted(others, key=lambda name: (-mean[name], name))
    return _drawn(unit, lines, names, f"share captured, less that of {REFERENCE}", _from_total)


def _panel_beside(unit: str, lines: Sequence[Line]) -> Panel:
    names = list(dict.fromkeys(line.statistic for line in lines))
    return _drawn(unit, lines, names, f"share captured, less that of {REFERENCE}'s single cells", _from_cells)


def _from_total(line: Line) -> tuple[float, float, float]:
    return line.difference, line.low, line.high


def _from_cells(line: Line) -> tuple[float, float, float]:
    return line.from_cells, line.from_cells_low, line.from_cells_high


def _drawn(
    unit: str,
    lines: Sequence[Line],
    names: Sequence[str],
    label: str,
    read: Callable[[Line], tuple[float, float, float]],
) -> Panel:
    shares = sorted({line.share for line in lines})
    series = []
    for place, share in enumerate(shares):
        by_name = {line.statistic: read(line) for line in lines if line.share == share}
        means, lows, highs = zip(*(by_name[name] for name in names), strict=True) if names else ((), (), ())
        # Side by side, so that one interval does not hide another.
        at = [number + (place - (len(shares) - 1) / 2) * 0.22 for number in range(len(names))]
        low = [end if np.isfinite(end) else mean for end, mean in zip(lows, means, strict=True)]
        high = [end if np.isfinite(end) else mean for end, mean in zip(highs, means, strict=True)]
        series.append(Series(f"{share * 100:g} % of the area", at, list(means), low, high, drawn="points"))
    ahead = lines[0].ahead
    # Broken at the underscore, so that eight of them stand beside each other.
    ticks = [name.replace("_", "_\n") for name in names]
    title = f"{unit.capitalize()}, {'1 month' if ahead == 1 else f'{ahead} months'} ahead"
    return Panel(title, "", label, series, ticks=ticks, percent=True, lines_at=(0,))
