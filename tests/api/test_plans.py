"""Plans over the API: made once, read with their version, changed on the version that was read."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.workflows.services import Services

BODY = {"team": "NSUCH-T1", "date": "2026-10-23", "shift": "15:00-23:00", "officers": 4}


def change(api: Any, plan_id: str, body: Mapping[str, object], etag: str | None) -> Any:  # noqa: ANN401
    headers = {} if etag is None else {"If-Match": etag}
    return api.request("PATCH", f"/plans/{plan_id}", json=body, headers=headers)


def make(api: Any, **values: object) -> Any:  # noqa: ANN401
    return api.request("POST", "/plans", json=BODY | values)


def test_a_plan_is_made_once_read_and_listed(api: Any) -> None:  # noqa: ANN401
    made = make(api, commitments=["18:00-18:30 school gate"], windows=["17:00-22:00"])
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    facts = made.json()
    assert made.headers["location"].endswith(f"/plans/{facts['id']}")
    again = make(api, commitments=["18:00-18:30 school gate"], windows=["17:00-22:00"])
    assert (again.status_code, again.json()) == (200, facts)
    read = api.get(f"/plans/{facts['id']}")
    assert (read.headers["etag"], read.json()) == ('"1"', facts)
    assert facts["request"]["commitments"][0]["what"] == "school gate"
    assert all(zone["whence"] == "sergeant" for zone in facts["zones"])
    listed = api.get("/plans?team=NSUCH-T1").json()["plans"]
    assert facts["id"] in {one["id"] for one in listed}
    assert api.get("/plans?team=NSUCH-T2").json() == {"plans": []}


def test_a_change_needs_a_version_and_a_lost_race_says_what_changed(api: Any, demonstration: Services) -> None:  # noqa: ANN401
    facts = make(api, seed=2).json()
    plan_id, first, second = facts["id"], *[loop["visits"][0]["id"] for loop in facts["loops"][:2]]
    without = change(api, plan_id, {"change": "lock", "visit": first}, None)
    assert (without.status_code, without.json()["parameter"]) == (428, "If-Match")
    assert change(api, plan_id, {"change": "lock", "visit": first}, "1").status_code == 400
    done = change(api, plan_id, {"change": "lock", "visit": first}, '"1"')
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert len(done.json()["edits"]) == 1
    lost = change(api, plan_id, {"change": "lock", "visit": second}, '"1"')
    assert (lost.status_code, lost.headers["content-type"]) == (412, "application/problem+json")
    assert done.json()["edits"][0] in lost.json()["detail"]
    assert lost.json()["changed"][0]["field"] == "edits"
    assert lost.json()["changed"][0]["by"] == demonstration.principal.name
    assert api.get(f"/plans/{plan_id}").json() == done.json()
    refused = change(api, plan_id, {"change": "drop", "visit": first}, '"2"')
    assert refused.status_code == 400
    assert api.get(f"/plans/{plan_id}").headers["etag"] == '"2"'


@pytest.mark.parametrize(
    ("values", "status", "field"),
    [
        ({"team": "Atlantis"}, 404, "team"),
        ({"shift": "late"}, 400, "shift"),
        ({"date": "tomorrow"}, 400, "date"),
        ({"officers": 1}, 400, "officers"),
        ({"officers": "4"}, 400, "officers"),
        ({"windows": ["99=18:00-20:00"]}, 400, "window"),
        ({"horses": 2}, 400, "horses"),
    ],
)
def test_a_wrong_request_is_a_problem_that_names_the_field(
    api: Any,  # noqa: ANN401
    values: dict[str, object],
    status: int,
    field: str,
) -> None:
    answer = make(api, **values)
    assert (answer.status_code, answer.json()["parameter"]) == (status, field)


def test_half_a_character_is_a_mistake_of_whoever_sent_it(api: Any) -> None:  # noqa: ANN401
    wrong: tuple[dict[str, object], ...] = ({"team": "\ud800"}, {"commitments": ["18:00-18:30 \ud800"]})
    for values in wrong:
        content = json.dumps({**BODY, **values})
        answer = api.post("/plans", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert "half of a character" in answer.json()["detail"]


def test_a_body_that_is_no_json_says_where(api: Any) -> None:  # noqa: ANN401
    answer = api.post("/plans", content='{"team":', headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The body is no JSON: ")


def test_a_plan_that_is_not_there_and_a_change_that_is_none(api: Any) -> None:  # noqa: ANN401
    assert api.get("/plans/nothing").status_code == 404
    assert change(api, "nothing", {"change": "lock", "visit": "v01"}, '"1"').status_code == 404
    plan_id = make(api, seed=3).json()["id"]
    for body in ({"change": "dance", "visit": "v01"}, {"change": "lock"}, {"change": "lock", "visit": "v99"}):
        assert change(api, plan_id, body, '"1"').status_code == 400


def test_the_visits_are_features_with_marks_in_both_formats(api: Any) -> None:  # noqa: ANN401
    facts = make(api, seed=4).json()
    visits = [visit["id"] for loop in facts["loops"] for visit in loop["visits"]]
    found = api.get(f"/plans/{facts['id']}/visits").json()
    assert sorted(feature["id"] for feature in found["features"]) == sorted(visits)
    assert found["marking"] == "OFFICIAL"
    assert {feature["geometry"]["type"] for feature in found["features"]} == {"Point"}
    text = api.get(f"/plans/{facts['id']}/visits?f=csv").content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(visits)
    one = api.get(f"/plans/{facts['id']}/visits?limit=1").json()
    assert (one["numberReturned"], one["numberMatched"]) == (1, len(visits))
