"""`geo-service sheets`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import check_place, make_folder, progress_bar, say, table, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, day_of, handling_of, refuse_empty, services_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.patrol import PatrolPlan, PlanRequest
    from geo_service.model.plan_sheets import PlanSheet
    from geo_service.workflows.paper.plan_atlas import TeamSheets
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
AllTeams = Annotated[bool, typer.Option("--all-teams", help="Sheets of every team of the force, a file for each.")]
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

    A file that is there already is not made again by --all-teams, so what was interrupted goes on.
    """
    from geo_service.workflows.paper.plan_sheets import Wanted

    for text, option in ((plan, "--plan"), (boundary_set, "--set"), (shift, "--shift")):
        refuse_empty(text, option)
    _refuse_mixed(
        {"--all-teams": all_teams or None, "--plan": plan, "--wall-map": wall_map or None, "--list": visits or None},
        {"--set": boundary_set, "--date": date, "--shift": shift},
        {"--officers": officers, "--seed": seed, "--mode": mode},
    )
    day = day_of(date, "date")
    wanted = Wanted(handling_of(marking, keep_days), copies, crew_copies, large_print)
    place = _place(output, folder_only=all_teams)
    services = services_of(context)
    if all_teams:
        request = (
            None
            if shift is None
            else _request(
                services,
                date or "",
                shift,
                4 if officers is None else officers,
                1 if seed is None else seed,
                mode or "foot",
            )
        )
        _all_teams(services, place, wanted, boundary_set, day or services.today(), request, as_json=json)
    else:
        _one_plan(services, place, wanted, plan or "latest", wall_map=wall_map, visits=visits, as_json=json)


def _refuse_mixed(one: Mapping[str, object], every: Mapping[str, object], planning: Mapping[str, object]) -> None:
    """Refuse options that have no meaning together.

    one: those of one plan, with --all-teams among them. every: those that go with it. planning: with --shift.
    """
    from geo_service.errors import QueryError

    def refuse(wrong: str, found: object, do: str) -> None:
        raise QueryError(wrong, found=found, do=do, field=wrong.partition(" ")[0].strip("-").replace("-", "_"))

    if one["--all-teams"]:
        for option in ("--plan", "--wall-map", "--list"):
            if one[option] is not None:
                refuse(f"{option} goes with one plan", "--all-teams", "Leave one of the two out")
    else:
        for option, value in {**every, **planning}.items():
            if value is not None:
                do = "Add --all-teams, or make a plan with `geo-service plan` and give its id with --plan"
                refuse(f"{option} goes with --all-teams", value, do)
    for option, value in planning.items():
        if value is not None and every["--shift"] is None:
            refuse(
                f"{option} goes with --shift", value, "Add the shift that is to be planned, such as --shift 15:00-23:00"
            )


def _place(output: Path | None, *, folder_only: bool) -> Path:
    """Return the folder or file to write."""
    from geo_service.errors import InputError

    if output is None:
        return Path()
    if output.suffix.casefold() == ".pdf" and not output.is_dir():
        if folder_only:
            raise InputError("Every team has a file of its own", found=output, do="Name a folder", field="output")
        check_place(output, ".pdf")
        return output
    if output.is_file() or (output.suffix and not output.is_dir()):
        raise InputError(
            "That is neither a folder nor a PDF",
            found=output,
            do="Name a folder, or a file ending in .pdf",
            field="output",
        )
    if not output.parent.is_dir():
        raise InputError(
            "There is no folder to make it in", found=output.parent, do="Choose another place with -o", field="output"
        )
    return output


def _one_plan(
    services: Services, place: Path, wanted: Wanted, plan_id: str, *, wall_map: bool, visits: bool, as_json: bool
) -> None:
    from geo_service.workflows.paper.plan_list import plan_list
    from geo_service.workflows.paper.plan_sheet_sources import Sources
    from geo_service.workflows.paper.plan_sheets import print_sheets
    from geo_service.workflows.paper.wall_maps import print_wall_map
    from geo_service.workflows.planning.plan_keeping import find_plan

    plan, sources = find_plan(services, plan_id), Sources(services)
    folder = place.parent if place.suffix.casefold() == ".pdf" and not place.is_dir() else place
    make_folder(folder)
    printed = print_sheets(services, plan, wanted, sources=sources)
    files = [write_export(place, printed.export)]
    if wall_map:
        files.append(write_export(folder, print_wall_map(services, plan, handling=wanted.handling, sources=sources)))
    if visits:
        files += [
            write_export(folder, plan_list(services, plan, suffix, handling=wanted.handling))
            for suffix in (".csv", ".geojson")
        ]
    missing = _missing(printed.sheets)
    lines = [
        (
            f"Plan {plan.id} version {plan.version}, {plan.team_name}, {plan.request.shift.words}: "
            f"{len(printed.sheets)} sheet(s), {wanted.handling.marking}."
        ),
        *(f"- Missing: {sentence}" for sentence in missing),
        *(f"- {note}" for note in (*plan.unkept, *plan.notes)),
        printed.sheets[0].footer,
        *printed.sheets[0].licences,
        *(f"Written: {path}" for path in files),
    ]
    say("\n".join(lines), _facts(plan, printed.sheets, files, missing, wanted), as_json=as_json)


def _missing(made: tuple[PlanSheet, ...]) -> list[str]:
    """Say once what the cards lack."""
    return list(
        dict.fromkeys(f"zone {card.number}: {said}" for sheet in made for card in sheet.cards for said in card.missing)
    )


def _facts(
    plan: PatrolPlan, made: tuple[PlanSheet, ...], files: list[Path], missing: list[str], wanted: Wanted
) -> dict[str, object]:
    return {
        "plan": plan.id,
        "version": plan.version,
        "team": plan.team_code,
        "team_name": plan.team_name,
        "shift": plan.request.shift.words,
        "sheets": len(made),
        "marking": wanted.handling.marking,
        "missing": missing,
        "notes": [*plan.unkept, *plan.notes],
        "licences": made[0].licences,
        "provenance": asdict(plan.provenance),
        "footer": made[0].footer,
        "file": str(files[0]),
        "files": [str(path) for path in files],
    }


def _request(services: Services, date: str, shift: str, officers: int, seed: int, mode: str) -> PlanRequest:
    from geo_service.workflows.planning.plan_asked import TypedPlan

    typed = TypedPlan("every team", shift, officers, date=date, seed=seed, mode=mode)
    return typed.read(services.today())


def _all_teams(
    services: Services,
    folder: Path,
    wanted: Wanted,
    boundary_set: str | None,
    day: object,
    request: PlanRequest | None,
    *,
    as_json: bool,
) -> None:
    from dataclasses import replace

    from geo_service.workflows.paper.plan_atlas import atlas, newest_plans, plan_teams, teams_of

    listed, teams = teams_of(services, boundary_set)
    with progress_bar() as progress:
        if request is None:
            planned = newest_plans(services, teams, day)  # type: ignore[arg-type]
        else:
            planned = list(plan_teams(services, teams, replace(request, boundary_set=listed), progress))
        if any(one.plan is not None for one in planned):
            make_folder(folder)
        done = []
        for one in atlas(services, planned, wanted, there=lambda name: (folder / name).is_file(), progress=progress):
            if one.export is not None:
                write_export(folder, one.export)
            # The bytes are on the disk now: a force's sheets together are large.
            done.append(replace(one, export=None, sheets=one.sheets))
    _say_teams(listed, folder, done, wanted, as_json=as_json)


def _say_teams(listed: str, folder: Path, done: list[TeamSheets], wanted: Wanted, *, as_json: bool) -> None:
    from geo_service.errors import QueryError

    good = [one for one in done if not one.problem]
    if not good:
        first = done[0].problem if done else "the list is empty"
        raise QueryError(
            f"No team of {listed} has sheets", found=first, do="Plan the shift: --shift 15:00-23:00", field="date"
        )
    made = [one for one in good if one.sheets]
    rows: list[list[object]] = [
        [one.team.code, one.team.name, one.plan.id if one.plan else "", "made" if one.sheets else "was there"]
        for one in good
    ]
    bad = [one for one in done if one.problem]
    lines = [
        (
            f"{len(done)} teams of {listed}: sheets of {len(made)} made, of {len(good) - len(made)} there already, "
            f"of {len(bad)} none; {wanted.handling.marking}, in {folder}."
        ),
        table(["team", "name", "plan", "sheets"], rows),
        *(f"- None for {one.team.name} ({one.team.code}): {one.problem}" for one in bad),
    ]
    facts = {
        "set": listed,
        "folder": str(folder),
        "marking": wanted.handling.marking,
        "teams": [
            {
                "team": one.team.code,
                "name": one.team.name,
                "plan": one.plan and one.plan.id,
                "version": one.plan and one.plan.version,
                "data_version": one.plan and one.plan.provenance.data_version,
                "seed": one.plan and one.plan.request.seed,
                "notes": [*one.plan.unkept, *one.plan.notes] if one.plan else [],
                "licences": one.plan.licences if one.plan else [],
                "file": str(folder / one.name) if one.name and not one.problem else None,
                "made": bool(one.sheets),
                "problem": one.problem or None,
            }
            for one in done
        ],
    }
    say("\n".join(lines), facts, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(short_help="Print the sheets of a patrol plan, or of every team.")(sheets)
