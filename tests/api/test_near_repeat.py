"""GET /near-repeat."""

from __future__ import annotations

from typing import Any

import pytest

Client = Any
ASKED = "/near-repeat?boundary=demonstration-wards&from=2026-05&to=2026-10&offences=burglary"


def test_the_table_comes_as_csv(api: Client) -> None:
    answer = api.get(f"{ASKED}&permutations=99&distances=0.1,100,200&bands=1,8&f=csv")
    assert answer.status_code == 200, answer.text
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,distance,days,observed,expected,ratio,p,permutations")
    assert len(lines) == 1 + 4 * 3


def test_cocoons_come_as_shapes_in_the_order_of_visits(api: Client) -> None:
    answer = api.get(f"{ASKED}&cocoon=2026-10-20&radius=100&nearest=3").json()
    orders = [each["properties"]["order"] for each in answer["features"]]
    assert orders[0] == 0
    assert max(orders) == 3
    assert answer["features"][0]["geometry"]["type"] == "Point"
    assert answer["marking"] == "OFFICIAL"


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [
        ("&cocoon=soon", "cocoon"),
        ("&distances=a", "distances"),
        ("&bands=3,2", "bands"),
        ("&distance=crow", "distance"),
        ("&radius=1", "radius"),
        ("&days=0", "days"),
        ("&nearest=0", "nearest"),
        ("&cocoon=2026-10-20&places=homes", "places"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_that_names_the_parameter(api: Client, wrong: str, parameter: str) -> None:
    answer = api.get(f"{ASKED}{wrong}")
    assert answer.status_code in {400, 404}
    assert answer.json()["parameter"] == parameter
