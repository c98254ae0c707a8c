"""Which statistic held, over the API."""

from __future__ import annotations

from typing import Any, TypeAlias

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
QUESTION = "/backtest?boundary=demonstration-wards&statistics=recent&fit_months=8&ahead=1&shares=3"


def test_a_row_for_each_statistic_with_its_verdict(api: Client) -> None:
    answer = api.get(QUESTION)
    assert answer.status_code == 200, answer.text
    rows = [feature["properties"] for feature in answer.json()["features"]]
    assert [row["statistic"] for row in rows] == ["total", "recent"]
    assert rows[1]["verdict"] in ("better", "no different", "worse")
    assert any("Out of sample" in note for note in answer.json()["notes"])


def test_zones_are_of_the_resolution_that_is_asked_for(api: Client) -> None:
    question = QUESTION.replace("fit_months=8", "fit_months=20") + "&zones=true"
    rows = [feature["properties"] for feature in api.get(f"{question}&zone_resolution=11").json()["features"]]
    fine = [row for row in rows if row["resolution"] == 11]
    assert [(row["statistic"], row["unit"]) for row in fine] == [("total", "zones")]
    assert fine[0]["from_total_cells_verdict"] in ("better", "no different", "worse")
    refused = api.get(f"{question}&zone_resolution=9")
    assert refused.status_code == 400
    assert "zone_resolution" in refused.text


def test_what_cannot_be_tried_is_a_problem_that_names_the_parameter(api: Client) -> None:
    answer = api.get(QUESTION.replace("shares=3", "shares=much"))
    assert answer.status_code == 400
    assert "shares" in answer.text
