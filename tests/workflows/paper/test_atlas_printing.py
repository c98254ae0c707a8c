"""The sheets of every team of a force, a file each or one of all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import zones
from geo_service.workflows.paper import atlas_printing, plan_sheets
from geo_service.workflows.paper.plan_atlas import Team, TeamSheets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.access import AuditEvent
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.plan_sheets import PlanSheet
    from geo_service.workflows.services import Services

Plans: TypeAlias = Callable[..., "PatrolPlan"]
DAY = dt.date(2026, 11, 7)
WANTED = plan_sheets.Wanted()


class Paper:
    """Print nothing but the title, and fail where it is told to."""

    def print_plan(self, sheets: Sequence[PlanSheet]) -> bytes:
        """Return the title."""
        if "bad" in sheets[0].title:
            raise RuntimeError("jammed")
        return sheets[0].title.encode()


@pytest.fixture(scope="module")
def planned(demonstration: Services, plan_by_hand: Plans) -> list[TeamSheets]:
    query = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"))
    run = zones.find_zones(demonstration, query)[1]
    made = []
    for number, name in enumerate(("one", "bad", "three")):
        part = replace(run, zones=run.zones[4 * number : 4 * number + 2])
        made.append(TeamSheets(Team(name, name), plan_by_hand(part, team_name=name, id=f"0000000{number}")))
    return [*made, TeamSheets(Team("four", "four"), problem="No plan begins on 2026-11-06")]


def printed(services: Services, planned: list[TeamSheets], **how: Any) -> list[TeamSheets]:  # noqa: ANN401 - passed on
    paper = replace(services, printer=Paper())  # type: ignore[arg-type]
    return list(atlas_printing.atlas(paper, planned, WANTED, processes=1, **how))


def test_a_bad_team_costs_its_own_sheet_and_is_named(
    demonstration: Services, planned: list[TeamSheets], events: Callable[[int], Sequence[AuditEvent]]
) -> None:
    done = printed(demonstration, planned)
    assert [one.team.name for one in done] == ["one", "bad", "three", "four"]
    assert [one.export.content if one.export else None for one in done] == [
        b"Patrol plan: one", None, b"Patrol plan: three", None,
    ]  # fmt: skip
    assert "RuntimeError: jammed" in done[1].problem
    assert done[3].problem == "No plan begins on 2026-11-06"
    assert [event.what for event in events(2)] == ["sheets of plan 00000002", "sheets of plan 00000000"]


def test_what_is_there_already_is_not_made_again(demonstration: Services, planned: list[TeamSheets]) -> None:
    first = printed(demonstration, planned)[0].name
    again = printed(demonstration, planned, there=lambda name: name == first)
    assert (again[0].name, again[0].export, again[0].sheets, again[0].problem) == (first, None, 0, "")
    assert again[2].export is not None


def test_another_version_or_wish_is_another_file(demonstration: Services, planned: list[TeamSheets]) -> None:
    plan = planned[0].plan
    assert plan is not None
    names = {
        plan_sheets.sheets_name(demonstration, replace(plan, version=version), wanted)
        for version in (1, 2)
        for wanted in (WANTED, plan_sheets.Wanted(copies=2), plan_sheets.Wanted(large_print=True))
    }
    assert len(names) == 6


def test_typesetters_in_processes_of_their_own_print_the_same(
    demonstration: Services, planned: list[TeamSheets]
) -> None:
    one = planned[0]
    assert one.plan is not None
    [made] = atlas_printing.atlas(demonstration, [one], WANTED, processes=2)
    assert made.export == plan_sheets.print_plan(demonstration, one.plan)


class Press(Paper):
    """Lay out and print titles."""

    def lay_out(self, sheets: Sequence[PlanSheet]) -> tuple[bytes, ...]:
        """Return the title."""
        return (self.print_plan(sheets),)

    def print_laid_out(self, laid: Sequence[bytes]) -> bytes:
        """Return all titles."""
        return b", ".join(laid)


def test_one_file_has_every_team_but_a_bad_one(
    demonstration: Services, planned: list[TeamSheets], events: Callable[[int], Sequence[AuditEvent]]
) -> None:
    press = replace(demonstration, printer=Press())  # type: ignore[arg-type]
    done, made = atlas_printing.atlas_in_one(press, planned, WANTED, of="demonstration-teams", processes=1)
    assert made is not None
    assert made.content == b"Patrol plan: one, Patrol plan: three"
    assert made.name.startswith("DEMONSTRATION-OFFICIAL-patrol-plans-of-demonstration-teams-2026-11-06-v")
    assert [bool(one.problem) for one in done] == [False, True, False, True]
    assert [(event.what, event.detail["file"]) for event in events(2)] == [
        ("sheets of plan 00000002", made.name), ("sheets of plan 00000000", made.name),
    ]  # fmt: skip


def test_no_team_makes_no_file(demonstration: Services, planned: list[TeamSheets]) -> None:
    press = replace(demonstration, printer=Press())  # type: ignore[arg-type]
    assert atlas_printing.atlas_in_one(press, planned[1::2], WANTED, of="x", processes=1)[1] is None
