"""GET /impact and /evaluate/wdd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.model.evaluation import EvaluationQuery, Named
from geo_service.model.impact import ImpactQuery
from geo_service.model.periods import Month, Period
from geo_service.workflows.evaluating.evaluate import evaluate
from geo_service.workflows.evaluating.impact import report

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

Client = Any
IMPACT = "/impact?set=demonstration-wards&to=2026-07&measure=count"
WDD = (
    "/evaluate/wdd?set=demonstration-wards&treated=Lanternby&comparison=Kettlewick;Pebblemere"
    "&before=2025-01..2025-06&after=2026-01..2026-06"
)


def test_a_report_has_the_rows_that_the_workflow_has(api: Client, demonstration: Services) -> None:
    answer = api.get(IMPACT)
    assert answer.status_code == 200, answer.text
    expected = report(demonstration, ImpactQuery(Month.parse("2026-07"), (), "demonstration-wards", "count"))
    rows = [each["properties"] for each in answer.json()["features"]]
    last = [row["rolling_12_months"] for row in rows if row["month"] == "2026-07"]
    assert last == [area.rolling[-1] for area in expected.areas]
    assert expected.headline in answer.json()["notes"]
    two = api.get("/impact?boundary=Lanternby;Quillholt&to=2026-07&measure=count&f=csv")
    assert len(two.text.splitlines()) == 1 + 2 * 13


def test_a_difference_has_the_numbers_that_the_workflow_has(api: Client, demonstration: Services) -> None:
    answer = api.get(WDD)
    assert answer.status_code == 200, answer.text
    query = EvaluationQuery(
        Named(("Lanternby",)),
        Named(("Kettlewick", "Pebblemere")),
        Period.parse("2025-01", "2025-06"),
        Period.parse("2026-01", "2026-06"),
        boundary_set="demonstration-wards",
    )
    expected = evaluate(demonstration, query).differences["after"]
    (row,) = [each["properties"] for each in answer.json()["features"] if each["id"] == "treated/after"]
    assert (row["wdd"], row["wdd_low"]) == (expected.estimate, pytest.approx(expected.low))


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        (f"{IMPACT}&year_from=may", "year_from"),
        (f"{IMPACT}&against=soon", "against"),
        ("/impact?to=2026-07", "areas"),
        ("/impact?to=2030-01&set=demonstration-wards", "to"),
        (f"{WDD}&ring=-4", "ring"),
        (WDD.replace("2026-01..2026-06", "2025-06"), "after"),
        (WDD.replace("treated=Lanternby&", ""), "treated"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_that_names_the_parameter(api: Client, address: str, parameter: str) -> None:
    answer = api.get(address)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
