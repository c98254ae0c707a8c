"""How concentrated, as table and chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geo_service.hotspots.concentration import curve_at
from geo_service.model.charts import Chart, Panel, Series
from geo_service.model.layers import FeatureTable, LayerStyle
from geo_service.workflows import exports, words
from geo_service.workflows.markings import USUAL, Export, Handling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.workflows.services import Services
    from geo_service.workflows.validating.concentration import ConcentrationReport, Measured


def write(services: Services, report: ConcentrationReport, suffix: str, handling: Handling = USUAL) -> Export:
    """Write a report as a table or a chart (SVG, PNG) by a file ending; record the disclosure.

    Raises QueryError for an unknown ending.
    """
    if suffix.casefold() in exports.CHARTS:
        return exports.export_chart(services, chart(report), suffix, handling)
    return exports.export(services, table(report), suffix, handling)


def table(report: ConcentrationReport) -> FeatureTable:
    """Return a row for each figure of each measure, and of each pair of years."""
    rows = [row for each in report.measured for row in _rows(each)]
    for years in report.years:
        pair = f"{years.earlier} and {years.later}"
        for name, value in (("rank correlation", years.rank_correlation), ("jaccard of half", years.jaccard)):
            rows.append(_row("incidents", "cells", f"{name}, {pair}", value))
    numbers = dict.fromkeys(("value", "low", "high", "by_chance", "p"), pl.Float64)
    texts = dict.fromkeys(("id", "measure", "places", "figure"), pl.String)
    frame = pl.DataFrame(rows, schema={**texts, **numbers, "verdict": pl.String})
    return FeatureTable(
        id="concentration",
        title=f"Concentration in {report.area_name}, {report.query.period}",
        rows=frame,
        geometry=np.full(frame.height, None, dtype=object),
        provenance=report.provenance,
        licences=report.licences,
        notes=(*report.sentences, *report.notes),
        style=LayerStyle(shape="none", colour="#505a5f"),
    )


def _rows(each: Measured) -> Iterator[dict[str, object]]:
    found = each.found
    yield _row(each.measure, each.places, "total", found.total)
    yield _row(each.measure, each.places, "share that holds nothing", found.empty, by_chance=found.empty_by_chance)
    for held in found.held:
        yield _row(each.measure, each.places, f"share that holds {held.of_whole * 100:g} %", held.places, held.low,
                   held.high, held.by_chance)  # fmt: skip
    gini = _row(each.measure, each.places, "gini", found.gini, found.gini_low, found.gini_high, found.gini_by_chance)
    yield gini | {"p": found.p, "verdict": found.verdict}


def _row(  # noqa: PLR0913, PLR0917 - the columns
    measure: str,
    places: str,
    figure: str,
    value: float,
    low: float | None = None,
    high: float | None = None,
    by_chance: float | None = None,
) -> dict[str, object]:
    return {
        "id": f"{places}/{measure}/{figure}",
        "measure": measure,
        "places": places,
        "figure": figure,
        "value": value,
        "low": low,
        "high": high,
        "by_chance": by_chance,
        "p": None,
        "verdict": None,
    }


def chart(report: ConcentrationReport) -> Chart:
    """Draw the Lorenz curve of each measure, the fullest places first, beside what chance gives."""
    measures = dict.fromkeys(each.measure for each in report.measured)
    return Chart(
        id="concentration",
        title=f"How concentrated: {report.area_name}, {report.query.period}, {report.query.offence_set}",
        panels=[_panel([each for each in report.measured if each.measure == measure]) for measure in measures],
        provenance=report.provenance,
        licences=report.licences,
        notes=(*report.sentences, *words.first_notes(report.notes, 1)),
    )


def _panel(measured: Sequence[Measured]) -> Panel:
    at, series = curve_at(), []
    # Beyond the places that hold anything, by chance or not, every curve is flat.
    empty = min(min(each.found.empty, each.found.empty_by_chance) for each in measured)
    seen = at <= max(1 - empty, 0.05) * 1.05
    for each in measured:
        found = each.found
        low, high = found.curve_low[seen], found.curve_high[seen]
        series += [
            Series(f"{found.places:,} {each.places}", at[seen] * 100, found.curve[seen]),
            Series(f"{each.places}, by chance", at[seen] * 100, (low + high) / 2),
            Series("", at[seen] * 100, low, low, high, drawn="band", quiet=True),
        ]
    verdicts = dict.fromkeys(each.found.verdict for each in measured)
    return Panel(
        f"{measured[0].measure.capitalize()}: {' / '.join(verdicts)}",
        "% of the places, fullest first",
        "share that they hold",
        series,
        percent=True,
        lines_at=(0.25, 0.5, 0.8),
    )
