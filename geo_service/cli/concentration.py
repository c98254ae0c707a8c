"""`geo-service concentration`: how much a small part of the places holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from geo_service.cli.asking import asks
from geo_service.cli.output import say, table, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, Output, check_format, handling_of, services_of
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.workflows.validating.concentration import ConcentrationReport


@asks
def concentration(
    context: typer.Context,
    asked: Asked,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Say by how few cells 25, 50 and 80 % of incidents and harm are held, and whether chance explains it.

    -o writes a table (.csv) or a chart of the curves (.svg, .png).
    """
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.exports import CHARTS
    from geo_service.workflows.validating.concentration import ask, look
    from geo_service.workflows.validating.concentration_outputs import write

    query, handling = HotspotQuery.asked(asked), handling_of(marking, keep_days)
    services = services_of(context)
    check_format(services, output, *CHARTS)
    report = look(services, query) if output is None else ask(services, query)
    path = None if output is None else write_export(output, write(services, report, output.suffix, handling))
    lines = _words(report) if path is None else [*_words(report), f"Written: {path}"]
    say("\n".join(lines), report.to_json() | {"file": path and str(path)}, as_json=json)


def _words(report: ConcentrationReport) -> list[str]:
    heads = ["measure", "places", "held", "by so many of them", "95 % interval", "by chance"]
    rows: list[list[object]] = [
        [
            each.measure,
            each.places,
            f"{held.of_whole * 100:g} %",
            f"{held.places * 100:.2f} %",
            f"{held.low * 100:.2f} to {held.high * 100:.2f} %",
            f"{held.by_chance * 100:.2f} %",
        ]
        for each in report.measured
        for held in each.found.held
    ]
    told = report.provenance
    return [
        *report.sentences,
        table(heads, rows),
        *(f"- {note}" for note in report.notes),
        f"Data version {told.data_version}; "
        + "; ".join(f"{name} {value}" for name, value in told.parameters.items())
        + f"; seed {told.seed}.",
        *report.licences,
    ]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(short_help="Say how much a small part of the places holds.")(concentration)
