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


def test_what_cannot_be_tried_is_a_problem_that_names_the_parameter(api: Client) -> None:
    answer = api.get(QUESTION.replace("shares=3", "shares=much"))
    assert answer.status_code == 400
    assert "shares" in answer.text
