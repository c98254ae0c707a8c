"""`geo-service hotspots`, `zones`, `map` and `sheet`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli import units
from geo_service.cli.answers import answer_facts, answer_words, provenance_words, written
from geo_service.cli.asking import asks
from geo_service.cli.output import check_place, say, table, write_export
from geo_service.cli.wiring import (
    OR_FOLDER,
    Json,
    KeepDays,
    Marking,
    Output,
    check_format,
    day_of,
    handling_of,
    refuse_empty,
    services_of,
)
from geo_service.model.asked import Asked

if TYPE_CHECKING:
    from geo_service.model.hotspots import ZoneRun


Unit = Annotated[
    str, typer.Option(metavar="UNIT", help="cell, or segment of the streets that are loaded (total alone).")
]
Spread = Annotated[
    bool, typer.Option("--spread", help="On data.police.uk: spread each incident over what its anchor may stand for.")
]


@asks
def hotspots(
    context: typer.Context,
    asked: Asked,
    spread: Spread = False,
    unit: Unit = "cell",
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Say which small part of an area holds how much, and what it held afterwards."""
    from geo_service.errors import QueryError
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.exports import export
    from geo_service.workflows.finding.hotspots import ask, look
    from geo_service.workflows.tables import hotspot_table

    query, handling = HotspotQuery.asked(asked), handling_of(marking, keep_days)
    services = services_of(context)
    check_format(services, output)
    if unit not in {"cell", "segment"} or (spread and unit == "segment"):
        raise QueryError(
            "Unknown unit" if unit not in {"cell", "segment"} else "Only cells can be spread over",
            found=unit,
            do="Use cell or segment",
            field="unit",
        )
    if unit == "segment":
        units.say_segments(services, query, output, handling, as_json=json)
        return
    if spread:
        units.say_spread(services, query, output, handling, as_json=json)
        return
    surface = look(services, query) if output is None else ask(services, query)
    path = None
    if output is not None:
        path = write_export(output, export(services, hotspot_table(services, surface), output.suffix, handling))
    facts = answer_facts(surface) | {"file": path and str(path)}
    say("\n".join([*answer_words(surface), *written(path)]), facts, as_json=json)


@asks
def zones(
    context: typer.Context,
    asked: Asked,
    min_ha: Annotated[float, typer.Option(metavar="HECTARES", help="Smallest size of a zone.")] = 2.0,
    max_ha: Annotated[float, typer.Option(metavar="HECTARES", help="Largest size of a zone.")] = 10.0,
    min_events: Annotated[
        float, typer.Option(metavar="NUMBER", help="Least incidents of a zone in 12 months; scaled to the months.")
    ] = 36.0,
    spacing: Annotated[
        float | None,
        typer.Option(metavar="METRES", help="Least distance between centres of zones.", show_default="they may touch"),
    ] = None,
    stability: Annotated[
        int, typer.Option(metavar="NUMBER", help="Look for each zone on so many shifted grids; 8 are usual.")
    ] = 0,
    compare: Annotated[
        str,
        typer.Option(
            metavar="RUN",
            help="Earlier run whose zones keep id and name; auto: the same question, the latest earlier period; none.",
        ),
    ] = "auto",
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Find contiguous patrol zones and keep them, so that `sheet` and `map` can name them."""
    from geo_service.hotspots import ZoneRules
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.workflows.exports import export
    from geo_service.workflows.finding.zones import find_zones
    from geo_service.workflows.tables import zone_table
    from geo_service.workflows.words import member_word

    query, handling = HotspotQuery.asked(asked), handling_of(marking, keep_days)
    rules = ZoneRules(min_ha=min_ha, max_ha=max_ha, min_events_12_months=min_events, min_distance_m=spacing)
    services = services_of(context)
    check_format(services, output)
    _, run = find_zones(services, query, rules, stability=stability, compare_with=compare)
    path = None
    if output is not None:
        path = write_export(output, export(services, zone_table(services, run), output.suffix, handling))
    lines = [*_run_words(run, member_word(services, run.query.boundary_set)), *written(path)]
    say("\n".join(lines), _run_facts(run) | {"file": path and str(path)}, as_json=json)


def _run_words(run: ZoneRun, member: str) -> list[str]:
    heads = ["no", "id", "name", "events", "ha", "grid reference", member]
    rows: list[list[Any]] = [
        [zone.number, zone.id, zone.name, zone.events, f"{zone.area_ha:.1f}", zone.grid_reference, zone.member_name]
        for zone in run.zones
    ]
    if run.harm_label is not None:
        heads.append(run.harm_label)
        rows = [[*row, f"{zone.harm:,.0f}"] for row, zone in zip(rows, run.zones, strict=True)]
    if run.shifts:
        heads.append("found again")
        rows = [[*row, f"{(zone.stability or 0) * 100:.0f} %"] for row, zone in zip(rows, run.zones, strict=True)]
    return [
        run.sentence,
        run.sentence_after,
        table(heads, rows) if rows else "No place qualifies as a patrol zone.",
        f"Rules: {run.rules}.",
        f"Without a qualifying zone: {', '.join(run.without) or 'none'}.",
        *_change_words(run),
        *(f"- {note}" for note in run.notes),
        provenance_words(run.provenance.data_version, dict(run.provenance.parameters)),
        f"Run {run.id}. Print with `geo-service sheet --zone ID`.",
        *run.licences,
    ]


def _change_words(run: ZoneRun) -> list[str]:
    """Say what became of the zones of the earlier run, a line for each kind of change."""
    if not run.compared:
        return []
    said = [f"Since run {run.compared} (kept zones keep their id and name):"]
    for kind in ("kept", "moved", "merged", "split", "new", "dropped"):
        found = [
            " + ".join(change.before) + (" -> " if change.before and change.after else "") + " + ".join(change.after)
            if kind != "kept"
            else change.after[0]
            for change in run.changes
            if change.kind == kind
        ]
        if found:
            said.append(f"  {kind} {len(found)}: {', '.join(found)}")
    return said


def _run_facts(run: ZoneRun) -> dict[str, object]:
    import json

    from geo_service.workflows.finding import runs

    return dict(json.loads(runs.to_json(run)))


def html_map(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help=f"HTML file, {OR_FOLDER}")
    ] = None,
    run_id: Annotated[str, typer.Option("--run", metavar="RUN", help="Run of `zones`.")] = "latest",
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Write the zones of a run with boundaries and layers as one HTML file that opens with no network."""
    from geo_service.workflows.finding.zones import zone_run
    from geo_service.workflows.maps import map_html

    handling = handling_of(marking, keep_days)
    if output is not None and not output.is_dir():
        check_place(output, ".html", ".htm")
    services = services_of(context)
    run = zone_run(services, run_id)
    page = map_html(services, run, handling)
    path = write_export(output, page)
    words = f"{path}: {len(page.content) / 1e6:.1f} MB, run {run.id}."
    say(words, {"file": str(path), "marking": page.marks.marking, "run": run.id}, as_json=json)


def sheet(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=f"PDF, {OR_FOLDER}")] = None,
    zone: Annotated[
        list[str] | None, typer.Option(metavar="ZONE", help="Zone by number or id; up to four times.")
    ] = None,
    boundary: Annotated[
        str | None, typer.Option(metavar="AREA", help="Code or name of a ward: the zones of it.")
    ] = None,
    run_id: Annotated[
        str, typer.Option("--run", metavar="RUN", help="Run of `zones` that the zones belong to.")
    ] = "latest",
    date: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Day that the sheet is for, YYYY-MM-DD.", show_default="today in London"),
    ] = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Print a patrol sheet for one to four zones."""
    from geo_service.workflows.sheets import choose_zones, print_sheet

    refuse_empty(boundary, "--boundary")
    day, handling = day_of(date, "date"), handling_of(marking, keep_days)
    if output is not None and not output.is_dir():
        check_place(output, ".pdf")
    services = services_of(context)
    run, chosen = choose_zones(services, zone or [], boundary or "", run_id)
    made = print_sheet(services, run, chosen, printed_for=day or services.today(), handling=handling)
    path = write_export(output, made)
    words = f"{path}: {made.marks.marking}, zones {', '.join(chosen)} of run {run.id}."
    say(words, {"file": str(path), "marking": made.marks.marking, "zones": chosen, "run": run.id}, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Say which small part of an area holds how much.")(hotspots)
    app.command(short_help="Find patrol zones and keep them for `sheet` and `map`.")(zones)
    app.command("map", short_help="Write zones and layers as one HTML map.")(html_map)
    app.command()(sheet)
