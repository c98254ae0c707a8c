"""Every team of a force: its plan made or found, and its sheets, one team after the other."""

from __future__ import annotations

import multiprocessing
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from geo_service.errors import FaultError, GeoServiceError, NotFoundError, QueryError
from geo_service.workflows.markings import Export
from geo_service.workflows.paper.plan_sheet_sources import Sources
from geo_service.workflows.paper.plan_sheets import marks_of_plan, plan_sheets, record_sheets, sheets_name
from geo_service.workflows.planning.plan import make_plan, plans

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from geo_service.model.boundaries import BoundaryDescriptor, BoundarySet
    from geo_service.model.patrol import PatrolPlan, PlanRequest
    from geo_service.model.ports import Progress
    from geo_service.workflows.paper.plan_sheets import Wanted
    from geo_service.workflows.services import Services

PROCESSES: Final = 2
"""That typeset side by side."""
_AHEAD: Final = 2
"""Sheets for each of them that wait to be typeset: few, for a map takes memory."""


@dataclass(frozen=True, slots=True)
class Team:
    """Name one team of a list."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class TeamSheets:
    """Hold what became of one team."""

    team: Team
    plan: PatrolPlan | None = None
    name: str = ""
    """Of the file."""
    export: Export | None = None
    """None where the file was there already, or there is a problem."""
    sheets: int = 0
    problem: str = ""
    """Why there is no sheet, in words."""


def teams_of(services: Services, boundary_set: str | None = None) -> tuple[str, tuple[Team, ...]]:
    """List the teams of a force: the areas of a list of policing areas, or the members of a boundary set.

    boundary_set: id of the list or set; None takes the one list whose members are imported. Returns its id with them.
    Raises NotFoundError for an unknown one, QueryError where several could be meant.
    """
    described, held = services.registry.boundaries(), services.store.snapshot().boundary_sets()
    if boundary_set is not None and boundary_set in held:
        members = held[boundary_set]
        return boundary_set, tuple(map(Team, members.codes, members.names))
    lists = {name: one for name, one in described.items() if _teams_in(one, held)}
    if boundary_set is not None:
        if boundary_set not in lists:
            raise NotFoundError(
                "No such list of teams",
                found=boundary_set,
                do=f"Its members must be imported; there is {', '.join([*lists, *held]) or 'none'}",
                field="boundary_set",
            )
        return boundary_set, _teams_in(lists[boundary_set], held)
    if len(lists) != 1:
        raise QueryError(
            "It is not clear whose teams are meant",
            found=f"{len(lists)} lists of teams",
            do=f"Name one with --set: {', '.join([*lists, *held]) or 'import boundaries first'}",
            field="boundary_set",
        )
    return next((name, _teams_in(one, held)) for name, one in lists.items())


def _teams_in(described: BoundaryDescriptor, held: Mapping[str, BoundarySet]) -> tuple[Team, ...]:
    """Return the areas of a list that have members in an imported set."""
    members = next((held[name] for name in described.members_of if name in held), None)
    if members is None:
        return ()
    codes, parents = set(members.codes), set(members.parent_codes)
    return tuple(
        Team(area.code, area.name)
        for area in described.areas
        if codes.intersection(area.members) or parents.intersection(area.parents)
    )


def newest_plans(services: Services, teams: Sequence[Team], day: dt.date) -> list[TeamSheets]:
    """Find the newest plan of each team for the shifts that begin on a day; say where there is none."""
    found: dict[str, PatrolPlan] = {}
    for plan in plans(services):
        if plan.request.shift.day == day:
            found.setdefault(plan.team_code, plan)
    none = f"No plan begins on {day}"
    return [TeamSheets(team, found.get(team.code), problem="" if team.code in found else none) for team in teams]


def plan_teams(
    services: Services, teams: Sequence[Team], request: PlanRequest, progress: Progress | None = None
) -> Iterator[TeamSheets]:
    """Plan the same shift for each team; a team that cannot be planned is said and costs no other.

    request: of any team; its own name is put in.
    """
    for done, team in enumerate(teams):
        if progress is not None:
            progress(done, len(teams), f"planning {team.name}")
        try:
            yield TeamSheets(team, make_plan(services, replace(request, team=team.code)))
        except GeoServiceError as problem:
            yield TeamSheets(team, problem=problem.message)


def atlas(  # noqa: PLR0913 - what a long job is told
    services: Services,
    planned: Sequence[TeamSheets],
    wanted: Wanted,
    *,
    there: Callable[[str], bool] = lambda _: False,
    progress: Progress | None = None,
    processes: int = PROCESSES,
) -> Iterator[TeamSheets]:
    """Make the sheets of every team that has a plan, in order, while others are typeset; record each disclosure.

    there: tells whether a file of a name was made before, so that what was interrupted goes on. A team whose sheets
    cannot be made is said and costs no other. processes: 1 typesets here.
    """
    sources, total = Sources(services), len(planned)
    _warm(sources, [one for one in planned if one.plan and not there(sheets_name(services, one.plan, wanted))])
    with _typesetters(processes) as typesetters:
        waiting: deque[_Waiting] = deque()
        try:
            for done, one in enumerate(planned):
                if progress is not None:
                    progress(done, total, f"sheets of {one.team.name}")
                waiting.append(_begin(sources, one, wanted, there, typesetters))
                if len(waiting) > processes * _AHEAD:
                    yield _end(services, waiting.popleft(), wanted)
            while waiting:
                yield _end(services, waiting.popleft(), wanted)
        finally:
            for left in waiting:
                left.pdf.cancel()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Hold sheets that are being typeset."""

    of: TeamSheets
    pdf: Future[bytes]


def _typesetters(processes: int) -> Executor:
    # Not forked: the libraries that read tables have threads of their own.
    context = multiprocessing.get_context("spawn")
    return ThreadPoolExecutor(1) if processes == 1 else ProcessPoolExecutor(processes, mp_context=context)


def _warm(sources: Sources, planned: Sequence[TeamSheets]) -> None:
    """Find out what is known of the zones of all teams at once; what cannot be had, each sheet says for itself."""
    zones: dict[str, set[str]] = {}
    for one in planned:
        if one.plan is not None:
            zones.setdefault(one.plan.run, set()).update(zone.id for zone in one.plan.zones)
    for run_id, wanted in zones.items():
        with suppress(Exception):
            run = sources.run(run_id)
            sources.warm(run, [zone for zone in run.zones if zone.id in wanted])


def _begin(
    sources: Sources, one: TeamSheets, wanted: Wanted, there: Callable[[str], bool], typesetters: Executor
) -> _Waiting:
    """Decide what the sheets of a team say, and hand them to a typesetter."""
    nothing: Future[bytes] = Future()
    nothing.set_result(b"")
    if one.plan is None:
        return _Waiting(one, nothing)
    services = sources.services
    name = sheets_name(services, one.plan, wanted)
    if there(name):
        return _Waiting(replace(one, name=name), nothing)
    try:
        sheets = plan_sheets(
            services,
            one.plan,
            handling=wanted.handling,
            copies=wanted.copies,
            per_crew=wanted.per_crew,
            large_print=wanted.large_print,
            sources=sources,
        )
    except Exception as problem:  # noqa: BLE001 - one team must not cost the others
        return _Waiting(replace(one, problem=_words(problem)), nothing)
    return _Waiting(
        replace(one, name=name, sheets=len(sheets)), typesetters.submit(services.printer.print_plan, sheets)
    )


def _end(services: Services, waiting: _Waiting, wanted: Wanted) -> TeamSheets:
    """Take a team's sheets from the typesetter, and record that they leave."""
    one = waiting.of
    if one.plan is None or one.problem:
        return one
    try:
        pdf = waiting.pdf.result()
    except Exception as problem:  # noqa: BLE001 - one team must not cost the others
        return replace(one, problem=_words(problem))
    if not pdf:
        return one
    record_sheets(services, one.plan, one.name, copies=wanted.copies)
    marks = marks_of_plan(services, one.plan, wanted.handling)
    return replace(one, export=Export(one.name, pdf, "application/pdf", marks))


def _words(problem: Exception) -> str:
    if isinstance(problem, GeoServiceError):
        return problem.message
    return FaultError("A fault of the program", found=f"{type(problem).__name__}: {problem}").message
