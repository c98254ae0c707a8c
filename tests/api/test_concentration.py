"""How concentrated, over the API."""

from __future__ import annotations

from typing import Any, TypeAlias

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
QUESTION = "/concentration?boundary=demonstration-wards&from=2025-08&to=2026-07"


def test_a_row_for_each_figure_and_the_verdict(api: Client) -> None:
    answer = api.get(QUESTION)
    assert answer.status_code == 200, answer.text
    rows = {feature["id"]: feature["properties"] for feature in answer.json()["features"]}
    assert rows["cells/incidents/gini"]["verdict"] == "more than chance"
    half = rows["cells/incidents/share that holds 50 %"]
    assert half["low"] <= half["value"] <= half["high"] < half["by_chance"]


def test_an_unknown_offence_set_is_a_problem(api: Client) -> None:
    answer = api.get(f"{QUESTION}&offences=nothing")
    assert answer.status_code == 400
