"""`geo-service sheets --all-teams`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.cli.output import is_pdf, make_folder, progress_bar, say, table, write_export

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from geo_service.model.patrol import PlanRequest
    from geo_service.model.ports import Progress
    from geo_service.workflows.paper.plan_atlas import TeamSheets
    from geo_service.workflows.paper.plan_sheets import Wanted
    from geo_service.workflows.services import Services


@dataclass(frozen=True, slots=True)
class AskedTeams:
    """Hold whose sheets are wanted, as they were typed."""

    boundary_set: str | None
    day: dt.date
    date: str
    """The day as it was typed; empty for today."""
    shift: str | None
    """Shift that is to be planned first; None takes the newest plans of the day."""
    officers: int | None
    seed: int | None
    mode: str | None

    def request(self, services: Services) -> PlanRequest | None:
        """Read the shift that is to be planned, None where no plan is; raise QueryError."""
        from geo_service.workflows.planning.plan_asked import TypedPlan

        if self.shift is None:
            return None
        officers, seed = 4 if self.officers is None else self.officers, 1 if self.seed is None else self.seed
        typed = TypedPlan("every team", self.shift, officers, date=self.date, seed=seed, mode=self.mode or "foot")
        return typed.read(services.today())


def print_teams(services: Services, place: Path, wanted: Wanted, asked: AskedTeams, *, as_json: bool) -> None:
    """Plan every team, if that is wanted, and write the sheets of all: a file each into a folder, or one PDF."""
    from geo_service.workflows.paper.plan_atlas import newest_plans, plan_teams, teams_of

    request = asked.request(services)
    listed, teams = teams_of(services, asked.boundary_set)
    with progress_bar() as progress:
        if request is None:
            planned = newest_plans(services, teams, asked.day)
        else:
            planned = list(plan_teams(services, teams, replace(request, boundary_set=listed), progress))
        write = _one_file if is_pdf(place) else _files
        done, written = write(services, place, wanted, planned, listed, progress)
    _say_teams(listed, done, written, wanted, as_json=as_json)


def _files(
    services: Services,
    folder: Path,
    wanted: Wanted,
    planned: list[TeamSheets],
    listed: str,
    progress: Progress | None,
) -> tuple[list[TeamSheets], Path]:
    """Write a file for each team; return what became of them, and the folder."""
    del listed
    from geo_service.workflows.paper.atlas_printing import atlas

    if any(one.plan is not None for one in planned):
        make_folder(folder)
    done = []
    for one in atlas(services, planned, wanted, there=lambda name: (folder / name).is_file(), progress=progress):
        if one.export is not None:
            write_export(folder, one.export)
        # The bytes are on the disk now: a force's sheets together are large.
        done.append(replace(one, export=None))
    return done, folder


def _one_file(
    services: Services,
    place: Path,
    wanted: Wanted,
    planned: list[TeamSheets],
    listed: str,
    progress: Progress | None,
) -> tuple[list[TeamSheets], Path]:
    """Write one PDF of all teams; return what became of them, and the file."""
    from geo_service.workflows.paper.atlas_printing import atlas_in_one

    done, made = atlas_in_one(services, planned, wanted, of=listed, progress=progress)
    return done, place if made is None else write_export(place, made)


def _say_teams(listed: str, done: list[TeamSheets], written: Path, wanted: Wanted, *, as_json: bool) -> None:
    """Say which team has sheets, and why another has none; raise QueryError where none has."""
    from geo_service.errors import QueryError

    good, bad = [one for one in done if not one.problem], [one for one in done if one.problem]
    if not good:
        first = bad[0].problem if bad else "the list is empty"
        raise QueryError(
            f"No team of {listed} has sheets", found=first, do="Plan the shift: --shift 15:00-23:00", field="date"
        )
    made = sum(one.sheets > 0 for one in good)
    rows: list[list[object]] = [
        [one.team.code, one.team.name, one.plan.id if one.plan else "", "made" if one.sheets else "was there"]
        for one in good
    ]
    lines = [
        (
            f"{len(done)} teams of {listed}: sheets of {made} made, of {len(good) - made} there already, "
            f"of {len(bad)} none; {wanted.handling.marking}, in {written}."
        ),
        table(["team", "name", "plan", "sheets"], rows),
        *(f"- None for {one.team.name} ({one.team.code}): {one.problem}" for one in bad),
    ]
    facts = {
        "set": listed,
        "folder": str(written.parent if is_pdf(written) else written),
        "file": str(written) if is_pdf(written) else None,
        "marking": wanted.handling.marking,
        "teams": [_facts(one, written) for one in done],
    }
    say("\n".join(lines), facts, as_json=as_json)


def _facts(one: TeamSheets, written: Path) -> dict[str, object]:
    plan = one.plan
    file = written if is_pdf(written) else written / one.name
    return {
        "team": one.team.code,
        "name": one.team.name,
        "plan": plan and plan.id,
        "version": plan and plan.version,
        "data_version": plan and plan.provenance.data_version,
        "seed": plan and plan.request.seed,
        "notes": [*plan.unkept, *plan.notes] if plan else [],
        "licences": plan.licences if plan else [],
        "file": str(file) if one.name and not one.problem else None,
        "made": bool(one.sheets),
        "problem": one.problem or None,
    }
