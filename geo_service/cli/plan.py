"""`geo-service plan`, `plans` and `plan-edit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from geo_service.cli.output import say, table
from geo_service.cli.wiring import Json, refuse_empty, services_of

if TYPE_CHECKING:
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.planning.plan_words import Stop

Team = Annotated[
    str, typer.Option(metavar="TEAM", help="Code or name of a team, a policing area, a district or a ward.")
]
Day = Annotated[
    str, typer.Option("--date", metavar="DAY", help="Day on which the shift begins.", show_default="today in London")
]
ShiftOption = Annotated[str, typer.Option("--shift", metavar="TIMES", help="Such as 15:00-23:00 or 22:00-06:00.")]
Officers = Annotated[int, typer.Option(metavar="NUMBER", help="Officers of the shift.")]
Seed = Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the order of visits.")]
WindowOption = Annotated[
    list[str] | None,
    typer.Option(metavar="TIMES", help="When visits do most: 18:00-20:00 for every zone, 1=18:00-20:00 for one."),
]
CommitmentOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORDS",
        help='"18:00-18:30 school gate": all crews are bound then; with @2 behind, crew 2; with 1= before it, it is '
        "a visit of zone 1.",
    ),
]
Cap = Annotated[list[str] | None, typer.Option(metavar="NUMBER", help="Most visits: 2 for every zone, 1=2 for zone 1.")]
ModeOption = Annotated[str, typer.Option(metavar="MODE", help="foot, cycle or car.")]
Speed = Annotated[
    float | None, typer.Option(metavar="KMH", help="Speed.", show_default="4.8 on foot, 14 by cycle, 25 by car")
]
Crew = Annotated[int, typer.Option(metavar="NUMBER", help="Officers who go together: 1 or 2.")]
VisitOption = Annotated[int, typer.Option("--visit", metavar="MINUTES", help="Length of a visit, 10 to 16.")]
LoopOption = Annotated[
    int, typer.Option("--loop", metavar="MINUTES", help="Longest time away from the station, travel included.")
]
Every = Annotated[int, typer.Option(metavar="MINUTES", help="Most time between two visits of a zone in its window.")]
Gap = Annotated[int, typer.Option(metavar="MINUTES", help="Least time between two visits of a zone.")]
Pause = Annotated[int, typer.Option(metavar="MINUTES", help="Least time at the station between two loops of a crew.")]
Zones = Annotated[int, typer.Option(metavar="NUMBER", help="Most zones of the plan.")]
Station = Annotated[
    str | None,
    typer.Option(metavar="STATION", help="Parade station of the layer parade-stations.", show_default="the team's own"),
]
Run = Annotated[
    str,
    typer.Option("--run", metavar="RUN", help="Run of `zones`.", show_default="the newest with zones of the team"),
]
SetId = Annotated[
    str | None, typer.Option("--set", metavar="SET", help="Boundary set to look in.", show_default="by date")
]
Again = Annotated[bool, typer.Option("--again", help="Where the plan is there already, make another with a new seed.")]


def plan(
    context: typer.Context,
    team: Team,
    shift: ShiftOption,
    officers: Officers,
    date: Day = "",
    seed: Seed = 1,
    window: WindowOption = None,
    commitment: CommitmentOption = None,
    cap: Cap = None,
    mode: ModeOption = "foot",
    speed: Speed = None,
    crew: Crew = 2,
    visit: VisitOption = 15,
    loop: LoopOption = 60,
    every: Every = 120,
    gap: Gap = 45,
    pause: Pause = 15,
    zones: Zones = 4,
    station: Station = None,
    run: Run = "latest",
    boundary_set: SetId = None,
    again: Again = False,
    json: Json = False,
) -> None:
    """Plan who goes where and when in one shift of a team, and keep the plan."""
    from geo_service.workflows.planning.plan import plan_shift
    from geo_service.workflows.planning.plan_asked import TypedPlan
    from geo_service.workflows.planning.plan_words import facts_of

    for text, option in ((date or None, "--date"), (station, "--station"), (run, "--run"), (boundary_set, "--set")):
        refuse_empty(text, option)
    typed = TypedPlan(
        team=team,
        shift=shift,
        officers=officers,
        date=date,
        seed=seed,
        crew=crew,
        mode=mode,
        speed=speed,
        visit=visit,
        loop=loop,
        every=every,
        gap=gap,
        pause=pause,
        zones=zones,
        windows=tuple(window or ()),
        commitments=tuple(commitment or ()),
        caps=tuple(cap or ()),
        station=station or "",
        run=run,
        boundary_set=boundary_set or "",
    )
    services = services_of(context)
    made = plan_shift(services, typed.read(services.today()), again=again)
    told = _told(made.plan, new=made.new, asked_seed=seed)
    say("\n".join([*told, *_words(made.plan)]), facts_of(made.plan) | {"new": made.new, "told": told}, as_json=json)


def _told(made: PatrolPlan, *, new: bool, asked_seed: int) -> list[str]:
    """Say what became of a request that was made before."""
    if new:
        other = made.request.seed != asked_seed
        return [f"Made again with seed {made.request.seed}, the next that no plan was made with."] if other else []
    if made.edits:
        said = (
            f"This plan was made before and edited since, so it is shown as it is now (version {made.version}) and "
            "nothing of it is written over. Add --again, or another --seed, for a new one."
        )
        return [said]
    return ["This plan was made before: the same request on the same data is the same plan."]


def plans(
    context: typer.Context,
    team: Annotated[str | None, typer.Option(metavar="TEAM", help="Those of one team, by code or name.")] = None,
    json: Json = False,
) -> None:
    """List the plans that are kept, made last first."""
    from geo_service.workflows.planning.plan import plans as kept

    refuse_empty(team, "--team")
    found = kept(services_of(context), team or "")
    heads = ["plan", "version", "team", "shift", "officers", "zones", "visits", "seed", "edits"]
    rows: list[list[object]] = [
        [
            one.id,
            one.version,
            one.team_name,
            one.request.shift.words,
            one.request.officers,
            len(one.zones),
            len(one.visits),
            one.request.seed,
            len(one.edits),
        ]
        for one in found
    ]
    none = "No plan has been made yet" + (f" for {team}." if team else ".")
    facts = [dict(zip(heads, row, strict=True)) | {"edits": one.edits} for row, one in zip(rows, found, strict=True)]
    say(table(heads, rows) if rows else none, {"plans": facts}, as_json=json)


def _stop(at: Stop) -> str:
    return f"zone {at.zone.number} {at.when} [{at.visit.id}{', locked' if at.visit.locked else ''}]"


_WHENCE: Final = {"data": "hours of incidents", "sergeant": "the sergeant, not data", "shift": "nobody: whole shift"}


def plan_edit(
    context: typer.Context,
    plan_id: Annotated[str, typer.Argument(metavar="PLAN", help="Id of the plan, or latest.", show_default=False)],
    change: Annotated[
        list[str],
        typer.Argument(
            metavar="CHANGE",
            help="drop VISIT; swap VISIT VISIT; lock VISIT; unlock VISIT; lock loop VISIT; move VISIT 19:10 [crew 2].",
            show_default=False,
        ),
    ],
    version: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Version that it is made on.", show_default="the newest, and says so"),
    ] = None,
    json: Json = False,
) -> None:
    """Change a plan by hand; every rule is checked again, and nobody's change is written over."""
    from geo_service.patrol import Change
    from geo_service.workflows.planning.plan import edit_plan, find_plan
    from geo_service.workflows.planning.plan_words import change_words, facts_of

    wanted = Change.asked(" ".join(change))
    services = services_of(context)
    held = find_plan(services, plan_id)
    made = edit_plan(services, held.id, wanted, version=held.version if version is None else version)
    told = [f"Done: {change_words(held, wanted)}. The plan is now version {made.version}."]
    if version is None:
        told.append(
            f"It was made on version {held.version}, the newest then: give --version to be told when somebody else "
            "changes the plan meanwhile."
        )
    say("\n".join([*told, *_words(made)]), facts_of(made) | {"told": told}, as_json=json)


def _words(made: PatrolPlan) -> list[str]:
    """Write a plan for a terminal."""
    from geo_service.workflows.planning.plan_words import headline, loops_in_words

    visits = [visit.zone for visit in made.visits]
    zones: list[list[object]] = [
        [
            zone.number,
            zone.name + (" (below the bar)" if zone.below_bar else ""),
            visits.count(zone.id),
            f"{zone.harm_per_h:.3g}",
            zone.words.partition(" (")[0],
            _WHENCE[zone.whence],
        ]
        for zone in made.zones
    ]
    loops: list[list[object]] = [
        [
            words.when,
            words.crew,
            ", ".join(_stop(at) for at in words.stops),
            words.travel,
            ", ".join(map(str, words.if_two)) or "-",
        ]
        for words in loops_in_words(made)
    ]
    provenance = made.provenance
    said = "; ".join(f"{name} {value}" for name, value in provenance.parameters.items())
    return [
        f"Plan {made.id}, version {made.version}: {headline(made)}",
        f"From and to {made.station_name}; travel by {made.travel_by}.",
        "",
        table(["zone", "name", "visits", "expected per hour", "windows", "chosen by"], zones),
        "",
        table(["loop", "crew", "zone, when [visit]", "travel", "if two officers remain"], loops)
        if loops
        else "There is no loop.",
        "",
        *(["Not kept:", *(f"- {line}" for line in made.unkept)] if made.unkept else []),
        *(["Changed by hand:", *(f"- {line}" for line in made.edits)] if made.edits else []),
        *(f"- {note}" for note in made.notes),
        *([f"The team's last plan: {made.before}."] if made.before else []),
        f"Data version {provenance.data_version}; {said}; seed {provenance.seed}.",
        f"Print it with `geo-service sheets --plan {made.id}`.",
        *made.licences,
    ]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Plan who goes where and when in a shift.")(plan)
    app.command(short_help="List the plans that are kept.")(plans)
    app.command("plan-edit", short_help="Drop, swap, move or lock visits of a plan.")(plan_edit)
