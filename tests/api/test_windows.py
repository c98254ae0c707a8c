"""GET /windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.model.windows import WindowsQuery
from geo_service.workflows.finding.windows import ask

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

Client = Any
ASKED = "/windows?boundary=demonstration-wards&from=2025-08&to=2026-07"


def test_it_answers_as_the_workflow_does(api: Client, demonstration: Services) -> None:
    answer = api.get(f"{ASKED}&run=latest&zone=1,2&length=240&check_from=2026-08&check_to=2026-10")
    assert answer.status_code == 200, answer.text
    query = HotspotQuery("demonstration-wards", Period.parse("2025-08", "2026-07"))
    check = Period.parse("2026-08", "2026-10")
    expected = ask(demonstration, WindowsQuery(query, 240, "latest", ("1", "2"), check))
    rows = [each["properties"] for each in answer.json()["features"]]
    assert [row["window"] for row in rows] == [window.words for place in expected.places for window in place.windows]
    assert rows[0]["held"] == pytest.approx(expected.area.held[0])
    assert answer.json()["features"][0]["geometry"] is None
    assert expected.sentence in answer.json()["notes"]


def test_pages_are_of_one_answer(api: Client) -> None:
    first = api.get(f"{ASKED}&limit=1").json()
    (onwards,) = [link["href"] for link in first["links"] if link["rel"] == "next"]
    assert "as_of=" in onwards
    assert "offset=1" in onwards
    assert first["numberMatched"] == 3


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [
        ("&length=7", "length"),
        ("&zone=1", "run"),
        ("&check_to=2026-10", "check_from"),
        ("&statistic=total", "statistic"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_that_names_the_parameter(api: Client, wrong: str, parameter: str) -> None:
    answer = api.get(f"{ASKED}{wrong}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
