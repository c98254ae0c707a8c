"""`geo-service visits`: log, load and count the visits that were made."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import say, table, write_export
from geo_service.cli.visit_lines import (
    MOST_LISTED,
    facts_of_visit,
    line_of,
    listed,
    provenance_facts,
    told,
    written,
)
from geo_service.cli.wiring import (
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.workflows.visiting.visits_import import Wrong

visits = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Log, load and count the visits that were made.")

PlanOption = Annotated[
    str | None, typer.Option("--plan", metavar="PLAN", help="Id of a plan, or latest.", show_default=False)
]
TeamOption = Annotated[
    str | None, typer.Option("--team", metavar="TEAM", help="Code or name of a team.", show_default="every team")
]
Tolerance = Annotated[
    int, typer.Option(metavar="MINUTES", help="How far from its planned time a visit may begin and be that visit.")
]


@visits.command("log")
def log_one(
    context: typer.Context,
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Id of the zone, or with --plan its number.")],
    start: Annotated[str, typer.Option(metavar="TIME", help="When they came: 2026-10-23 18:05, London's clock.")],
    end: Annotated[str, typer.Option(metavar="TIME", help="When they left.")],
    plan: PlanOption = None,
    visit: Annotated[str | None, typer.Option(metavar="VISIT", help="Id of the planned visit that it is.")] = None,
    officers: Annotated[int, typer.Option(metavar="NUMBER", help="Officers who were there.")] = 2,
    outcome: Annotated[
        str | None, typer.Option(metavar="WORDS", help="What it came to; see the sheet's boxes.")
    ] = None,
    team: TeamOption = None,
    json: Json = False,
) -> None:
    """Log one visit; the same visit twice is one."""
    from geo_service.workflows.visiting.visits_import import read_time
    from geo_service.workflows.visiting.visits_made import Wanted, log_visit

    for text, option in ((plan, "--plan"), (visit, "--visit"), (team, "--team"), (zone, "--zone")):
        refuse_empty(text, option)
    times = read_time(start, "start"), read_time(end, "end")
    wanted = Wanted(zone, *times, officers, outcome or "", plan or "", visit or "", team or "")
    made, new = log_visit(services_of(context), wanted)
    words = f"{'Logged' if new else 'It was logged already'}: {line_of(made)}"
    say(words, {"new": new, "visit": facts_of_visit(made)}, as_json=json)


@visits.command("import")
def load(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: zone, start, end; officers, outcome, plan, visit.")
    ],
    plan: PlanOption = None,
    json: Json = False,
) -> None:
    """Load a table of visits: every row is right, or none is written."""
    from geo_service.workflows.visiting.visits_import import load_visits

    refuse_empty(plan, "--plan")
    done = load_visits(services_of(context), file, plan=plan or "")
    if done.wrong:
        _refuse(file, done.read, done.wrong, as_json=json)
    words = f"{done.read} rows read: {done.added} new visits, {done.known} were there already."
    say(words, {"read": done.read, "added": done.added, "known": done.known, "wrong": []}, as_json=json)


def _refuse(file: Path, read: int, wrong: Sequence[Wrong], *, as_json: bool) -> None:
    """List the rows that are wrong, and leave with 2."""
    message = f"{len(wrong)} of {read} rows of {file.name} cannot be taken; nothing was written."
    facts = {"error": "Bad input", "message": message, "field": "file", "wrong": [each._asdict() for each in wrong]}
    rows = [list(each) for each in wrong[:MOST_LISTED]]
    more = [f"… and {len(wrong) - MOST_LISTED} more"] if len(wrong) > MOST_LISTED else []
    words = [table(["row", "field", "found", "what is wrong"], rows), *more, f"Bad input: {message}"]
    if as_json:
        say("", facts, as_json=True)
    else:
        typer.echo("\n".join(words), err=True)
    raise typer.Exit(2)


@visits.command("gps")
def gps(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: device, time, lon and lat or easting and northing.")
    ],
    plan: PlanOption = None,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="Run of zones, in place of a plan.")] = None,
    silent: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="Silence after which nobody is taken to have stayed.", show_default="3 usual gaps"
        ),
    ] = None,
    bridge: Annotated[float, typer.Option(metavar="SECONDS", help="Who is out for less is on the same visit.")] = 120.0,
    accuracy: Annotated[float, typer.Option(metavar="METRES", help="Of a position that says none.")] = 10.0,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the intervals.", min=0)] = 1,
    delete_file: Annotated[
        bool, typer.Option("--delete-file", help="Overwrite and delete the file of positions afterwards.")
    ] = False,
    json: Json = False,
) -> None:
    """Make visits of the positions of officers' devices; the positions themselves are never kept."""
    from geo_service.errors import QueryError
    from geo_service.patrol import StayRules
    from geo_service.workflows.visiting.visits_gps import aggregate

    refuse_empty(plan, "--plan")
    refuse_empty(run, "--run")
    if plan and run:
        raise QueryError("A plan and a run are two answers", do="Give --plan or --run", field="run")
    rules = StayRules(silent, bridge, accuracy, seed)
    services = services_of(context)
    made = aggregate(services, file, plan=plan or "", run=run or "", rules=rules, delete_file=delete_file)
    skipped = "".join(f"; {count} rows with {why}" for why, count in made.skipped.items())
    lines = [
        f"{made.read:,} positions of {made.devices} devices, {made.gap_s:g} s apart{skipped}.",
        f"{len(made.visits)} visits, {made.added} of them new; {made.passes} passes of less than a minute.",
        *listed(made.visits),
        *(f"- {note}" for note in made.notes),
    ]
    facts = {name: value for name, value in asdict(made).items() if name != "visits"}
    parameters = asdict(rules) | {"plan": plan, "run": run}
    facts |= {"visits": [facts_of_visit(visit) for visit in made.visits], "parameters": parameters, "seed": seed}
    say("\n".join(lines), facts, as_json=json)


@visits.command("list")
def list_made(
    context: typer.Context,
    plan: PlanOption = None,
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day, included.")] = None,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """List the visits that were made; -o writes them as CSV or GeoJSON."""
    from geo_service.workflows.exports import export
    from geo_service.workflows.visiting.visits_table import days_of, visits_table

    refuse_empty(plan, "--plan")
    handling, days = handling_of(marking, keep_days), days_of(day_of(first, "from"), day_of(last, "to"))
    services = services_of(context)
    check_format(services, output)
    found, features = visits_table(services, plan=plan or "", days=days)
    path = None if output is None else write_export(output, export(services, features, output.suffix, handling))
    lines = [f"{len(found)} visits.", *listed(found), *written(path)]
    each = [facts_of_visit(made) for made in found]
    facts: dict[str, object] = {"visits": each, "notes": features.notes, "file": path and str(path)}
    say("\n".join(lines), facts | provenance_facts(features), as_json=json)


@visits.command("dosage")
def dosage(
    context: typer.Context,
    plan: PlanOption = None,
    month: Annotated[str | None, typer.Option(metavar="MONTH", help="All plans of a month, YYYY-MM.")] = None,
    team: TeamOption = None,
    tolerance: Tolerance = 30,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Hold what was delivered against what was planned, by zone and hour of the clock."""
    from geo_service.workflows.exports import export
    from geo_service.workflows.visiting.visits_table import dosage_asked

    refuse_empty(plan, "--plan")
    handling = handling_of(marking, keep_days)
    services = services_of(context)
    check_format(services, output)
    found = dosage_asked(services, plan or "", month or "", team or "", tolerance)
    path = None if output is None else write_export(output, export(services, found.table, output.suffix, handling))
    heads = ["zone", "name", "planned", "made", "visits", "patrol-min (90 %)", "officer-min", "short", "long", "gap"]
    rows: list[list[object]] = [
        [
            zone.number,
            zone.name,
            f"{zone.planned_visits} ({zone.planned_min:.0f} min)",
            zone.planned_made,
            zone.visits,
            f"{zone.patrol_min:.0f} ({zone.low_min:.0f} to {zone.high_min:.0f})",
            f"{zone.officer_min:.0f}",
            zone.too_short,
            zone.too_long,
            f"{zone.longest_gap_min:.0f} min",
        ]
        for zone in found.zones
    ]
    lines = [
        f"{found.title}.",
        *found.sentences,
        table(heads, rows),
        *(f"- {note}" for note in found.notes),
        told(found.table),
        *found.table.licences,
        *written(path),
    ]
    say("\n".join(lines), found.facts | {"file": path and str(path)}, as_json=json)


@visits.command("return")
def month_return(
    context: typer.Context,
    month: Annotated[str, typer.Option(metavar="MONTH", help="YYYY-MM.")],
    team: TeamOption = None,
    output: Output = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Make the month's return: patrols, hours, incidents in zones, enforcement, by team and zone."""
    from geo_service.model.periods import Month
    from geo_service.workflows.exports import export
    from geo_service.workflows.visiting.visits_return import NOT_LOADED, month_return

    refuse_empty(team, "--team")
    handling, wanted = handling_of(marking, keep_days), Month.parse(month)
    services = services_of(context)
    check_format(services, output)
    found = month_return(services, wanted, team or "")
    path = None
    if output is not None:
        path = write_export(output, export(services, found.table, output.suffix, handling))
    heads = ["team", "zone", "visits", "loops", "patrol-h", "officer-h", "incidents", "arrest", "stop and search"]
    rows: list[list[object]] = [
        [
            row["team"] or "(none)",
            row["name"] or row["zone"] or "all",
            row["visits"],
            row["loops"],
            f"{row['patrol_hours']:.1f}",
            f"{row['officer_hours']:.1f}",
            NOT_LOADED if row["incidents"] is None else row["incidents"],
            row["arrest"],
            row["stop_and_search"],
        ]
        for row in found.table.rows.iter_rows(named=True)
    ]
    lines = [
        *found.sentences,
        table(heads, rows),
        *(f"- {note}" for note in found.table.notes if note not in found.sentences),
        told(found.table),
        *found.table.licences,
        *written(path),
    ]
    say("\n".join(lines), found.facts | {"file": path and str(path)}, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(visits, name="visits", short_help="Log, load and count the visits that were made.")


__all__ = ["register", "visits"]
