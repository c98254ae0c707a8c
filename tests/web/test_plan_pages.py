"""Pages of plans on the staff site: made, changed, and two people at once."""

from __future__ import annotations

import html
import re
import shutil
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

import pytest

from geo_service import patrol
from geo_service.app import wire
from geo_service.model.access import OPERATOR, Principal
from geo_service.settings import read_settings
from geo_service.web.staff import create_staff
from geo_service.workflows.planning import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Office, Services

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
HOST = "127.0.0.1:8001"
FILLED = {"team": "NSUCH-T1", "date": "2026-10-23", "shift": "15:00-23:00", "officers": "4"}


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("staff") / "demo")))
    yield opened
    opened.doers.close()


@pytest.fixture(scope="module")
def services(office: Office) -> Services:
    return office.services(Principal("tests", OPERATOR))


@pytest.fixture
def staff(office: Office, client_of: Callable[..., Any], assets: Path) -> Client:
    client = client_of(create_staff(office, token="link", allowed_hosts=[HOST], assets=assets))
    assert client.get("/sign-in?token=link").status_code == 200
    return client


def send(staff: Client, path: str, **values: str) -> Any:  # noqa: ANN401 - an answer of the client
    headers = {"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded"}
    return staff.post(path, content=urlencode(values), headers=headers)


def made(staff: Client, services: Services, seed: int) -> PatrolPlan:
    answer = send(staff, "/plan", **FILLED, seed=str(seed))
    assert answer.status_code == 303, answer.text
    return plan.find_plan(services, answer.headers["location"].removeprefix("/plans/"))


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_a_shift_is_planned_from_the_form_and_its_page_says_all_of_it(staff: Client, services: Services) -> None:
    assert "Plan a shift" in staff.get("/plan").text
    found = made(staff, services, 1)
    page = staff.get(f"/plans/{found.id}")
    said = words(page.text)
    for loop in found.loops:
        assert found.request.shift.clock(loop.start_min) in said
        for visit in loop.visits:
            assert found.request.shift.clock(visit.start_min) in said
    for zone in found.zones:
        assert zone.name in said
        assert zone.words in said
    for note in (*found.notes, *found.licences):
        assert note.replace("`", "") in said
    assert page.text.count('<p class="app-marking') == 2
    assert "data-layers" in page.text
    assert found.id in staff.get("/plans").text
    assert found.id in staff.get("/").text


def test_the_same_form_again_leads_to_the_same_plan_and_offers_a_new_seed(staff: Client, services: Services) -> None:
    found = made(staff, services, 11)
    again = send(staff, "/plan", **FILLED, seed="11")
    assert again.headers["location"] == f"/plans/{found.id}?there=yes"
    assert "This plan was made before" in staff.get(again.headers["location"]).text
    anew = send(staff, f"/plans/{found.id}/again").headers["location"]
    assert plan.find_plan(services, anew.removeprefix("/plans/")).request.seed == 12


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"team": "Atlantis"}, "team"),
        ({"team": ""}, "team"),
        ({"date": "soon"}, "date"),
        ({"shift": "late"}, "shift"),
        ({"officers": "four"}, "officers"),
        ({"officers": "1"}, "officers"),
        ({"windows": "99=18:00-20:00"}, "windows"),
        ({"commitments": "school gate"}, "commitments"),
        ({"visit": "30"}, "visit"),
        ({"mode": "horse"}, "mode"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    staff: Client, values: dict[str, str], field: str
) -> None:
    answer = send(staff, "/plan", **FILLED | values)
    assert answer.status_code in {400, 404}
    assert f'id="{field}-error"' in answer.text
    assert "<title>Error: " in answer.text
    for typed in values.values():
        assert html.escape(typed) in answer.text


def test_a_visit_is_locked_dropped_swapped_and_moved_by_plain_forms(staff: Client, services: Services) -> None:
    found = made(staff, services, 21)
    first, second = found.visits[0], next(one for one in found.visits[1:] if one.zone != found.visits[0].zone)
    path = f"/plans/{found.id}/edit"
    assert send(staff, path, change="lock", visit=first.id, version="1").status_code == 303
    locked = words(staff.get(f"/plans/{found.id}").text)
    assert "locked" in locked
    assert "Changed by hand" in locked
    against = send(staff, path, change="drop", visit=first.id, version="2")
    assert against.status_code == 400
    assert "The change was not made" in against.text
    assert send(staff, path, change="unlock", visit=first.id, version="2").status_code == 303
    assert send(staff, path, change="drop", visit=second.id, version="3").status_code == 303
    assert second.id not in {visit.id for visit in plan.find_plan(services, found.id).visits}
    for broken in ({"change": "move", "visit": first.id, "crew": "x"}, {"change": "swap", "visit": first.id}, {}):
        assert send(staff, path, **broken, version="4").status_code == 400


def test_who_comes_second_is_told_what_changed_and_may_do_it_again(staff: Client, services: Services) -> None:
    found = made(staff, services, 31)
    first, second = found.visits[:2]
    other = plan.edit_plan(services, found.id, patrol.Change("lock", first.id), version=1)
    page = send(staff, f"/plans/{found.id}/edit", change="lock", visit=second.id, version="1")
    assert page.status_code == 412
    said = words(page.text)
    assert "Somebody changed this plan meanwhile" in said
    assert other.edits[0] in said
    assert "Do it on the plan as it is now" in said
    block = page.text[page.text.index('id="problem-summary"') : page.text.index("<h1")]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', block))
    assert hidden == {"version": "2", "change": "lock", "visit": second.id}
    assert send(staff, f"/plans/{found.id}/edit", **hidden).status_code == 303
    assert len(plan.find_plan(services, found.id).edits) == 2
    unsaid = send(staff, f"/plans/{found.id}/edit", change="unlock", visit=second.id)
    assert unsaid.status_code == 428


def test_a_plan_is_printed_and_taken_along(staff: Client, services: Services) -> None:
    found = made(staff, services, 41)
    for paper in ("sheets", "sheets-by-crew", "large-print"):
        answer = staff.get(f"/plans/{found.id}/{paper}.pdf")
        assert answer.content.startswith(b"%PDF"), paper
        assert found.id in answer.headers["content-disposition"]
    table = staff.get(f"/plans/{found.id}/list.csv")
    assert table.status_code == 200
    assert all(visit.id in table.text for visit in found.visits)
    assert staff.get(f"/plans/{found.id}/poster.pdf").status_code == 404
    assert staff.get("/plans/nothing").status_code == 404
