"""`geo-service windows`."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.asking import asks
from geo_service.cli.output import check_place, say, table, write_export
from geo_service.cli.wiring import (
    Json,
    KeepDays,
    Marking,
    Output,
    check_format,
    handling_of,
    services_of,
)
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.model.windows import Place, Window, WindowsAnswer

Run = Annotated[
    str | None, typer.Option("--run", metavar="RUN", help="Run of `zones` whose zones are looked at too, or latest.")
]
Zone = Annotated[list[str] | None, typer.Option(metavar="ZONE", help="Zone of the run by number or id; several times.")]
Length = Annotated[
    int, typer.Option(metavar="MINUTES", help="Of a window, 15 to 720: 60 for a patrol, 240, 480 or 600 for a shift.")
]
Most = Annotated[int, typer.Option(metavar="NUMBER", help="Windows of each place, 1 to 20.")]
CheckFrom = Annotated[
    str | None, typer.Option(metavar="MONTH", help="First of later months in which the same windows are looked at.")
]
CheckTo = Annotated[str | None, typer.Option(metavar="MONTH", help="Last of them.")]
ChartFile = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="Heat map of the week to write beside -o, .svg or .png.")
]


@asks
def windows(
    context: typer.Context,
    asked: Asked,
    length: Length = 60,
    run: Run = None,
    zone: Zone = None,
    most: Most = 3,
    check_from: CheckFrom = None,
    check_to: CheckTo = None,
    chart: ChartFile = None,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Say when in the week an area and its zones have most, and whether that held afterwards.

    -o writes a table (.csv, .geojson) or the heat map of the week (.svg, .png).
    """
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.model.windows import WindowsQuery, check_months
    from geo_service.workflows.exports import CHARTS, export, export_chart
    from geo_service.workflows.finding.window_tables import window_chart, window_table
    from geo_service.workflows.finding.windows import ask, look

    check = check_months(check_from, check_to)
    query = WindowsQuery(HotspotQuery.asked(asked), length, run, tuple(zone or ()), check, most)
    handling = handling_of(marking, keep_days)
    if chart is not None and not chart.is_dir():
        check_place(chart, *CHARTS)
    services = services_of(context)
    check_format(services, output, *CHARTS)
    answer = look(services, query) if output is None and chart is None else ask(services, query)
    files: dict[str, str | None] = {"file": None, "chart": None}
    if output is not None:
        form = output.suffix.casefold()
        if form in CHARTS:
            made = export_chart(services, window_chart(answer), form, handling)
        else:
            made = export(services, window_table(answer), form, handling)
        files["file"] = str(write_export(output, made))
    if chart is not None:
        drawn = export_chart(services, window_chart(answer), chart.suffix or CHARTS[0], handling)
        files["chart"] = str(write_export(chart, drawn))
    lines = [*_words(answer), *(f"Written: {path}" for path in files.values() if path)]
    say("\n".join(lines), _facts(answer) | files, as_json=json)


def _words(answer: WindowsAnswer) -> list[str]:
    checked = answer.asked.check is not None
    heads = ["place", "window", "share", "expected", "p", "q", *(["held"] if checked else []), "known"]
    rows: list[list[object]] = []
    for place in answer.places:
        for rank, window in enumerate(place.windows):
            held = [_percent(place.held[rank])] if checked else []
            rows.append(
                [
                    _named(place) if rank == 0 else "",
                    window.words,
                    _percent(window.share),
                    _percent(window.expected),
                    f"{window.p:.3f}",
                    f"{place.q:.3f}" if rank == 0 and place.number is not None else "",
                    *held,
                    f"{place.known:,.0f} of {place.incidents:,}" if rank == 0 else "",
                ]
            )
    provenance = answer.provenance
    said = "; ".join(f"{name} {value}" for name, value in provenance.parameters.items())
    return [
        *answer.sentences,
        table(heads, rows) if rows else "There is no window to choose.",
        *(f"- {note}" for note in answer.notes),
        f"Data version {provenance.data_version}; {said}; seed {provenance.seed}.",
        *answer.licences,
    ]


def _named(place: Place) -> str:
    return place.name if place.number is None else f"{place.number} {place.name}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share * 100:.1f} %"


def _facts(answer: WindowsAnswer) -> dict[str, object]:
    return {
        "sentence": answer.sentence,
        "sentence_zones": answer.sentence_zones,
        "area": answer.area_name,
        "run": answer.run,
        "measure": answer.measure,
        "length_min": answer.asked.length_min,
        "places": [_place_facts(place) for place in answer.places],
        "notes": answer.notes,
        "licences": answer.licences,
        "provenance": asdict(answer.provenance),
        "vintage": answer.vintage,
    }


def _place_facts(place: Place) -> dict[str, object]:
    return {
        "id": place.id,
        "name": place.name,
        "number": place.number,
        "incidents": place.incidents,
        "known": place.known,
        "measure": place.measure,
        "q": _number(place.q),
        "checked": place.checked,
        "windows": [
            _window_facts(window, place.held[rank] if place.held else None) for rank, window in enumerate(place.windows)
        ],
        "hours": [round(float(hour), 6) for hour in place.hours],
    }


def _window_facts(window: Window, held: float | None) -> dict[str, object]:
    return asdict(window) | {
        "words": window.words,
        "even": window.chance,
        "held": None if held is None else _number(held),
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(short_help="Say when in the week most happens, and whether it held.")(windows)
