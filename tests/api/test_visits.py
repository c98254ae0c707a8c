"""Visits over the API: logged once, and read as tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from geo_service.model.patrol import PlanRequest, Shift
from geo_service.workflows.planning import plan as planning

if TYPE_CHECKING:
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services


@pytest.fixture(scope="module")
def plan(demonstration: Services) -> PatrolPlan:
    shift = Shift.asked(dt.date(2026, 10, 2), "15:00-23:00")
    return planning.make_plan(demonstration, PlanRequest("NSUCH-T1", shift, officers=4))


def test_a_visit_is_logged_once_and_read_as_geojson_and_csv(api: Any, plan: PatrolPlan) -> None:  # noqa: ANN401
    visit = plan.visits[0]
    start = plan.request.shift.at(visit.start_min)
    body = {
        "plan": plan.id,
        "zone": visit.zone,
        "visit": visit.id,
        "start": start.isoformat(),
        "end": (start + dt.timedelta(minutes=12)).isoformat(),
        "outcome": "spoke to people",
    }
    first, again = (api.post("/visits", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["visit"] == again.json()["visit"]
    listed = api.get(f"/visits?plan={plan.id}").json()
    assert [each["properties"]["outcome"] for each in listed["features"]] == ["spoke to people"]
    table = api.get("/visits?from=2026-10-02&to=2026-10-02&f=csv").text
    assert plan.id in table
    dosage = api.get(f"/dosage?plan={plan.id}").json()
    assert sum(each["properties"]["planned_made"] for each in dosage["features"]) == 1
    month = api.get("/dosage?month=2026-10&f=csv")
    assert month.status_code == 200


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/dosage?plan=a&month=2026-10", "month"),
        ("/dosage?month=soon", "month"),
        ("/visits?from=soon", "from"),
        ("/dosage?team=NSUCH-T1", "team"),
    ],
)
def test_a_wrong_question_is_a_problem_that_names_the_field(
    api: Any,  # noqa: ANN401 - the conftest's client
    address: str,
    field: str,
) -> None:
    answer = api.get(address)
    assert answer.status_code == 400
    assert field in answer.text


def test_a_visit_that_cannot_be_right_is_refused(api: Any, plan: PatrolPlan) -> None:  # noqa: ANN401
    body = {"plan": plan.id, "zone": plan.zones[0].id, "start": "2026-10-02 16:00", "end": "2026-10-02 15:00"}
    assert "ends before it starts" in api.post("/visits", json=body).text
    assert api.post("/visits", json=body | {"officer": "name"}).status_code in {400, 422}
