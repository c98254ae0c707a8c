"""`geo-service compare`: measures or offence sets side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.asking import asks
from geo_service.cli.output import say, table, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, Output, check_format, handling_of, services_of
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.workflows.validating.compare import Comparison


@asks
def compare(
    context: typer.Context,
    asked: Asked,
    measures: Annotated[
        str,
        typer.Option(
            metavar="MEASURES", help="With commas: count, harm, harm:TABLE, harm:proxy-low, -middle or -high."
        ),
    ] = "count",
    sets: Annotated[
        str | None,
        typer.Option("--sets", metavar="SETS", help="Offence sets with commas, in place of the one of --offences."),
    ] = None,
    proactive_too: Annotated[
        bool, typer.Option("--proactive-too", help="Hold each beside itself with police finds put in.")
    ] = False,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Ask the same by several measures or offence sets, and say how far they choose the same places.

    -o writes the zones of every side (.csv, .geojson), each with which side it is owed to.
    """
    from geo_service.model.backtests import names
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.exports import export
    from geo_service.workflows.validating.compare import ask, look, sides_of
    from geo_service.workflows.validating.compare_outputs import zone_table

    handling = handling_of(marking, keep_days)
    questions = sides_of(HotspotQuery.asked(asked), names(measures), names(sets or ""), proactive_too=proactive_too)
    services = services_of(context)
    check_format(services, output)
    found = look(services, questions) if output is None else ask(services, questions)
    path = None
    if output is not None:
        path = write_export(output, export(services, zone_table(found), output.suffix, handling))
    lines = _words(found) if path is None else [*_words(found), f"Written: {path}"]
    say("\n".join(lines), found.to_json() | {"file": path and str(path)}, as_json=json)


def _words(found: Comparison) -> list[str]:
    heads = ["zone", "led by", "ha", "grid reference", *(f"of {side.label}" for side in found.sides)]
    rows: list[list[object]] = [
        [
            zone.id,
            zone.led_by,
            f"{zone.area_ha:.1f}",
            zone.grid_reference,
            *(f"{share * 100:.0f} %" for share in zone.shares),
        ]
        for zone in found.zones
        if zone.led_by != "both"
    ]
    told = found.provenance
    return [
        *(f"{side.label}: {side.sentence}" for side in found.sides),
        *found.sentences,
        table(heads, rows) if rows else "No zone is owed to one side alone.",
        *(f"- {note}" for note in found.notes),
        f"Data version {told.data_version}; "
        + "; ".join(f"{name} {value}" for name, value in told.parameters.items())
        + ".",
        *found.licences,
    ]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(short_help="Hold measures or offence sets side by side.")(compare)
