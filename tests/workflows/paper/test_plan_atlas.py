"""Sheets of every team of a force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from geo_service.errors import NotFoundError, QueryError
from geo_service.model.patrol import PlanRequest, Shift
from geo_service.workflows.paper import plan_atlas, plan_sheets
from geo_service.workflows.paper.plan_atlas import Team

if TYPE_CHECKING:
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services

Plans: TypeAlias = Callable[..., "PatrolPlan"]
DAY = dt.date(2026, 11, 7)
WANTED = plan_sheets.Wanted()


def test_the_teams_are_those_of_the_list_whose_members_are_imported(demonstration: Services) -> None:
    listed, teams = plan_atlas.teams_of(demonstration)
    assert listed == "demonstration-teams"
    assert [team.code for team in teams] == ["NSUCH-T1", "NSUCH-T2", "NSUCH-T3"]
    assert plan_atlas.teams_of(demonstration, "demonstration-teams")[1] == teams
    assert len(plan_atlas.teams_of(demonstration, "demonstration-wards")[1]) == 9
    with pytest.raises(NotFoundError, match="No such list of teams"):
        plan_atlas.teams_of(demonstration, "west-midlands-npus")


def test_every_team_is_planned_and_one_that_cannot_be_is_said(demonstration: Services) -> None:
    request = PlanRequest("every team", Shift.asked(DAY, "15:00-23:00"), officers=4)
    teams = [Team("NSUCH-T1", "Nonesuch Central team"), Team("NSUCH-T9", "no such team")]
    good, bad = plan_atlas.plan_teams(demonstration, teams, request)
    assert good.plan is not None
    assert good.plan.team_code == "NSUCH-T1"
    assert bad.plan is None
    assert "NSUCH-T9" in bad.problem
    found, none = plan_atlas.newest_plans(demonstration, teams, DAY)
    assert found.plan == good.plan
    assert none.problem == "No plan begins on 2026-11-07"


def test_several_lists_must_be_told_apart(demonstration: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    described = demonstration.registry.boundaries()
    twice = {**described, "other-teams": replace(described["demonstration-teams"], id="other-teams")}
    monkeypatch.setattr(type(demonstration.registry), "boundaries", lambda _: twice)
    with pytest.raises(QueryError, match="Name one with --set: demonstration-teams, other-teams"):
        plan_atlas.teams_of(demonstration)
