"""`geo-service sheets`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import folder_or_pdf, is_pdf, make_folder, say, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, day_of, handling_of, refuse_empty, services_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.errors import QueryError
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.plan_sheets import PlanSheet
    from geo_service.workflows.paper.plan_sheets import Wanted
    from geo_service.workflows.services import Services

OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FOLDER|FILE",
        help="Folder, or PDF of that name. Marking, data version and destroy-after are added where they are missing.",
        show_default="this folder",
    ),
]
PlanOption = Annotated[
    str | None, typer.Option("--plan", metavar="PLAN", help="Plan by its id, or latest.", show_default="latest")
]
AllTeams = Annotated[
    bool, typer.Option("--all-teams", help="Sheets of every team of the force: a file for each, or one PDF.")
]
SetId = Annotated[
    str | None,
    typer.Option(
        "--set", metavar="SET", help="With --all-teams: list of teams.", show_default="the one that is imported"
    ),
]
Day = Annotated[
    str | None,
    typer.Option(
        "--date", metavar="DAY", help="With --all-teams: day on which the shifts begin.", show_default="today in London"
    ),
]
ShiftOption = Annotated[
    str | None,
    typer.Option("--shift", metavar="TIMES", help="With --all-teams: plan this shift for each team first."),
]
Officers = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="With --shift: officers of each team.", show_default="4")
]
Seed = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="With --shift: seed of the order of visits.", show_default="1")
]
ModeOption = Annotated[
    str | None, typer.Option(metavar="MODE", help="With --shift: foot, cycle or car.", show_default="foot")
]
Copies = Annotated[int, typer.Option(metavar="NUMBER", help="Numbered copies of each sheet.")]
CrewCopies = Annotated[
    bool, typer.Option("--crew-copies", help="A sheet for each pair, with its own loops and visits.")
]
LargePrint = Annotated[bool, typer.Option("--large-print", help="Large print, on as many pages as that takes.")]
WallMapOption = Annotated[bool, typer.Option("--wall-map", help="An A3 map for the wall too.")]
ListOption = Annotated[bool, typer.Option("--list", help="The visits as CSV and GeoJSON too.")]


def sheets(
    context: typer.Context,
    output: OutputOption = None,
    plan: PlanOption = None,
    all_teams: AllTeams = False,
    boundary_set: SetId = None,
    date: Day = None,
    shift: ShiftOption = None,
    officers: Officers = None,
    seed: Seed = None,
    mode: ModeOption = None,
    copies: Copies = 1,
    crew_copies: CrewCopies = False,
    large_print: LargePrint = False,
    wall_map: WallMapOption = False,
    visits: ListOption = False,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """Print the sheets of a patrol plan, or of every team of the force.

    With --all-teams a folder takes a file for each team, and one that is there already is not made again, so that what
    was interrupted goes on; a PDF takes all teams, with bookmarks.
    """
    from geo_service.cli.team_sheets import AskedTeams, print_teams
    from geo_service.workflows.paper.plan_sheets import Wanted

    for text, option in ((plan, "--plan"), (boundary_set, "--set"), (shift, "--shift")):
        refuse_empty(text, option)
    _refuse_mixed(
        {"--plan": plan, "--wall-map": wall_map or None, "--list": visits or None},
        {"--set": boundary_set, "--date": date, "--shift": shift},
        {"--officers": officers, "--seed": seed, "--mode": mode},
        all_teams=all_teams,
    )
    day = day_of(date, "date")
    wanted = Wanted(handling_of(marking, keep_days), copies, crew_copies, large_print)
    place = folder_or_pdf(output)
    services = services_of(context)
    if all_teams:
        asked = AskedTeams(boundary_set, day or services.today(), date or "", shift, officers, seed, mode)
        print_teams(services, place, wanted, asked, as_json=json)
    else:
        _one_plan(services, place, wanted, plan or "latest", wall_map=wall_map, visits=visits, as_json=json)


def _refuse_mixed(
    one: Mapping[str, object], every: Mapping[str, object], planning: Mapping[str, object], *, all_teams: bool
) -> None:
    """Refuse options that have no meaning together.

    one: those that go with one plan. every: those that go with --all-teams. planning: those that go with --shift.
    """
    for option, value in one.items():
        if all_teams and value is not None:
            raise _mixed(f"{option} goes with one plan", "--all-teams", "Leave one of the two out")
    for option, value in {**every, **planning}.items():
        if not all_teams and value is not None:
            do = "Add --all-teams, or make a plan with `geo-service plan` and give its id with --plan"
            raise _mixed(f"{option} goes with --all-teams", value, do)
    for option, value in planning.items():
        if value is not None and every["--shift"] is None:
            do = "Add the shift that is to be planned, such as --shift 15:00-23:00"
            raise _mixed(f"{option} goes with --shift", value, do)


def _mixed(wrong: str, found: object, do: str) -> QueryError:
    from geo_service.errors import QueryError

    return QueryError(wrong, found=found, do=do, field=wrong.partition(" ")[0].strip("-").replace("-", "_"))


def _one_plan(
    services: Services, place: Path, wanted: Wanted, plan_id: str, *, wall_map: bool, visits: bool, as_json: bool
) -> None:
    from geo_service.workflows.paper.plan_list import plan_list
    from geo_service.workflows.paper.plan_sheet_sources import Sources
    from geo_service.workflows.paper.plan_sheets import print_sheets
    from geo_service.workflows.paper.wall_maps import print_wall_map
    from geo_service.workflows.planning.plan_keeping import find_plan

    plan, sources = find_plan(services, plan_id), Sources(services)
    folder = place.parent if is_pdf(place) else place
    make_folder(folder)
    printed = print_sheets(services, plan, wanted, sources=sources)
    files = [write_export(place, printed.export)]
    if wall_map:
        files.append(write_export(folder, print_wall_map(services, plan, handling=wanted.handling, sources=sources)))
    lists = (plan_list(services, plan, suffix, handling=wanted.handling) for suffix in (".csv", ".geojson"))
    files += [write_export(folder, made) for made in lists] if visits else []
    facts = _facts(plan, printed.sheets, files, wanted)
    say("\n".join(_lines(plan, printed.sheets, files, wanted)), facts, as_json=as_json)


def _lines(plan: PatrolPlan, made: tuple[PlanSheet, ...], files: list[Path], wanted: Wanted) -> list[str]:
    return [
        (
            f"Plan {plan.id} version {plan.version}, {plan.team_name}, {plan.request.shift.words}: "
            f"{len(made)} sheet(s), {wanted.handling.marking}."
        ),
        *(f"- Missing: {sentence}" for sentence in _missing(made)),
        *(f"- {note}" for note in (*plan.unkept, *plan.notes)),
        made[0].footer,
        *made[0].licences,
        *(f"Written: {path}" for path in files),
    ]


def _missing(made: tuple[PlanSheet, ...]) -> list[str]:
    """Say once what the cards lack."""
    return list(
        dict.fromkeys(f"zone {card.number}: {said}" for sheet in made for card in sheet.cards for said in card.missing)
    )


def _facts(plan: PatrolPlan, made: tuple[PlanSheet, ...], files: list[Path], wanted: Wanted) -> dict[str, object]:
    return {
        "plan": plan.id,
        "version": plan.version,
        "team": plan.team_code,
        "team_name": plan.team_name,
        "shift": plan.request.shift.words,
        "sheets": len(made),
        "marking": wanted.handling.marking,
        "missing": _missing(made),
        "notes": [*plan.unkept, *plan.notes],
        "licences": made[0].licences,
        "provenance": asdict(plan.provenance),
        "footer": made[0].footer,
        "file": str(files[0]),
        "files": [str(path) for path in files],
    }


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(short_help="Print the sheets of a patrol plan, or of every team.")(sheets)
