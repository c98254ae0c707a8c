"""An impact report as table, chart and page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service.evaluation import impact
from geo_service.model.access import DISCLOSURE
from geo_service.model.charts import Chart, Panel, Series
from geo_service.model.layers import FeatureTable, LayerStyle, Marks
from geo_service.model.reports import ReportContent, ReportTable
from geo_service.model.sheets import SheetRow
from geo_service.workflows import exports, words
from geo_service.workflows.evaluating import impact_words
from geo_service.workflows.markings import USUAL, Export, Handling, file_name

if TYPE_CHECKING:
    from geo_service.model.impact import ImpactArea, ImpactReport
    from geo_service.workflows.services import Services

PAGE: Final = ".pdf"
_EARLIER: Final = "*"
_MOST_LINES: Final = 6
"""Areas that a chart draws as lines; more of them are bars of one month."""
_MOST_BARS: Final = 40
_LONGEST_TICK: Final = 24
_WIDEST_FUNNEL: Final = 4.0
"""Upper limit of chance beyond which an area is too small to draw: it would press all others flat."""
_LEAST_FUNNEL: Final = 3
"""Areas that make a funnel worth drawing."""


def write(services: Services, report: ImpactReport, suffix: str, handling: Handling = USUAL) -> Export:
    """Write a report as a table, a chart (SVG, PNG) or a page (PDF) by a file ending; record the disclosure.

    Raises QueryError for an unknown ending.
    """
    form = suffix.casefold()
    if form == PAGE:
        return page(services, report, handling)
    if form in exports.CHARTS:
        return exports.export_chart(services, chart(report), form, handling)
    return exports.export(services, table(report), suffix, handling)


def table(report: ImpactReport) -> FeatureTable:
    """Return a row for each area and month; what speaks of the last month only stands in its row."""
    rows = [
        _row(report, area, at, is_last=at == len(report.months) - 1)
        for area in report.areas
        for at in range(len(report.months))
    ]
    numbers = {name: pl.Float64 for name in rows[0] if name not in _TEXTS} if rows else {}
    frame = pl.DataFrame(rows, schema_overrides={**dict.fromkeys(_TEXTS, pl.String), **numbers})
    return FeatureTable(
        id="impact",
        title=report.title,
        rows=frame,
        geometry=np.full(frame.height, None, dtype=object),
        provenance=report.provenance,
        licences=report.licences,
        notes=(report.headline, impact_words.RULE, impact_words.CHANCE, *report.late, *report.notes),
        style=LayerStyle(shape="none", colour="#505a5f"),
    )


_TEXTS: Final = (
    "id",
    "area_code",
    "area",
    "month",
    "measure",
    "status",
    "arrow",
    "to_date_months",
    "among_all",
    "report",
)


def _row(report: ImpactReport, area: ImpactArea, at: int, *, is_last: bool) -> dict[str, object]:
    ratio, *limits = area.limits or (None,) * 5
    row: dict[str, object] = {
        "id": f"{area.code}/{report.months[at]}",
        "area_code": area.code,
        "area": area.name,
        "month": report.months[at],
        "measure": report.measure,
        "rolling_12_months": area.rolling[at],
        "change_on_month": area.on_month[at],
        "change_on_year": area.on_year[at],
        "status": area.statuses[at],
        "arrow": area.arrows[at],
        "rolling_12_months_incidents": area.rolling_counts[at] if area.rolling_counts else None,
        "incidents_in_month": area.counts[at] if area.counts else None,
        "harm_in_month": None if area.harms is None else area.harms[at],
        "to_date": area.to_date if is_last else None,
        "to_date_months": report.to_date_label if is_last else None,
    }
    for label, then in zip(report.earlier_labels, area.to_date_earlier, strict=True):
        row[f"to_date {label}"] = then if is_last else None
    names = ("low_95", "high_95", "low_99_8", "high_99_8")
    row |= {"ratio_on_year": ratio if is_last else None}
    row |= {f"funnel_{name}": value if is_last else None for name, value in zip(names, limits, strict=True)}
    return row | {"among_all": area.verdict if is_last else None, "report": report.id}


def chart(report: ImpactReport) -> Chart:
    """Draw the rolling sums of a few areas or the changes of many, and the funnel where it is known."""
    panels = [_lines(report) if len(report.areas) <= _MOST_LINES else _bars(report)]
    funnel = _funnel(report)
    return Chart(
        id="impact",
        title=report.headline,
        panels=panels if funnel is None else [*panels, funnel],
        provenance=report.provenance,
        licences=report.licences,
        notes=report.notes,
    )


def _lines(report: ImpactReport) -> Panel:
    at = range(len(report.months))
    series = [Series(area.name, at, _numbers(area.rolling)) for area in report.areas]
    title = f"Twelve months to the end of each, {report.measure}"
    return Panel(title, "", report.measure, series, ticks=report.months)


def _bars(report: ImpactReport) -> Panel:
    """Draw the change of each area on the month, those that fell most first."""
    known = [area for area in report.areas if area.on_month[-1] is not None]
    ranked = sorted(known, key=lambda area: (area.on_month[-1] or 0.0, area.name))
    if len(ranked) > _MOST_BARS:
        ranked = ranked[: _MOST_BARS // 2] + ranked[-_MOST_BARS // 2 :]
    short = [_short(area.name) for area in ranked]
    changes = [area.on_month[-1] or 0.0 for area in ranked]
    bars = Series("", range(len(ranked)), changes, drawn="bars")
    left = "" if len(ranked) == len(report.areas) else f", {len(ranked)} of {len(report.areas)} areas"
    title = f"Twelve months to {report.months[-1]}: change on the month{left}"
    return Panel(title, "", "change on the month", [bars], ticks=short, percent=True, lines_at=(0,))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_TICK else f"{name[: _LONGEST_TICK - 1].rstrip()}…"


def _funnel(report: ImpactReport) -> Panel | None:
    known = [area for area in report.areas if area.limits and None not in (*area.limits, area.rolling[0])]
    found = [area for area in known if (area.limits[-1] or 0.0) <= _WIDEST_FUNNEL]
    if len(found) < _LEAST_FUNNEL:
        return None
    left = f" ({len(known) - len(found)} too small to draw)" if len(known) > len(found) else ""
    ranked = sorted(found, key=lambda area: area.rolling[0] or 0.0)
    then = [area.rolling[0] or 0.0 for area in ranked]
    ratio, low, high, lowest, highest = np.array([area.limits for area in ranked], dtype=float).T
    return Panel(
        f"Change on the year beside all areas{left}",
        f"{report.measure}, twelve months to {report.months[0]}",
        "ratio of now to then",
        [
            Series("99.8 % of areas by chance", then, lowest, low=lowest, high=highest, drawn="band", quiet=True),
            Series("95 %", then, low, low=low, high=high, drawn="band", quiet=True),
            Series("areas", then, ratio, drawn="points"),
        ],
        lines_at=(1,),
    )


def _numbers(known: tuple[float | None, ...]) -> list[float]:
    return [float("nan") if value is None else value for value in known]


def page(services: Services, report: ImpactReport, handling: Handling = USUAL) -> Export:
    """Print a report as PDF, on one page for some twenty areas; record the disclosure."""
    last = handling.destroy_after(services.today())
    told = report.provenance
    marks = Marks(handling.marking, told.data_version, last.isoformat(), told.demonstration)
    name = file_name(marks, report.title, PAGE)
    destroy_after = f"{last.day} {last:%B %Y}"
    pdf = services.printer.print_report(content(services, report, handling.marking, destroy_after))
    services.store.record(DISCLOSURE, f"report {report.id} as a page", {"file": name})
    return Export(name, pdf, "application/pdf", marks)


def content(services: Services, report: ImpactReport, marking: str, destroy_after: str) -> ReportContent:
    """Decide every word and number of the page."""
    told = report.provenance
    # The page says by itself what a chart that stands alone must say.
    drawn = replace(
        chart(report), title="", licences=(), notes=(), provenance=replace(told, marking="", demonstration=False)
    )
    is_drawn = any(value is not None for area in report.areas for value in area.on_month)
    heads, rows = impact_words.windows(report)
    needs = any(impact.EARLIER in row for row in rows)
    # Words for which there is no room in a column stand once above it.
    rows = [[_EARLIER if cell == impact.EARLIER else cell for cell in row] for row in rows]
    title = "Twelve months to the end of each month" + (f" ({_EARLIER} {impact.EARLIER})" if needs else "")
    tables = [_table(title, heads, rows)]
    if report.to_date_label:
        tables.append(_table("The year", *impact_words.to_date(report)))
    version = f"Data version {told.data_version} · data to {told.data_to} · " if told.data_version else ""
    return ReportContent(
        title="Impact areas",
        subtitle=f"{report.title} · {report.measure}",
        headline=report.headline,
        marking=marking,
        demonstration=told.demonstration,
        tables=tuple(tables),
        chart=services.charts.write(drawn, "svg").decode() if is_drawn else "",
        chart_says=f"{drawn.panels[0].title}: the figures of the table above.",
        remarks=report.late,
        method=(
            impact_words.RULE,
            impact_words.CHANCE,
            *((impact_words.FUNNEL,) if report.to_date_label else ()),
            *(note for note in report.notes if note != words.DEMONSTRATION),
        ),
        parameters=tuple(SheetRow(label, text) for label, text in told.parameters.items()),
        licences=report.licences,
        destroy_after=destroy_after,
        footer=f"{version}report {report.id} · seed none: nothing here is random",
        keywords=(marking, f"data version {told.data_version}", f"destroy after {destroy_after}"),
    )


def _table(title: str, heads: list[str], rows: list[list[str]]) -> ReportTable:
    named = {0, *(at for at, head in enumerate(heads) if head in ("status", "arrow", "among all areas"))}
    return ReportTable(title, tuple(heads), tuple(map(tuple, rows)), tuple(sorted(named)))
