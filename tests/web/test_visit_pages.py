"""The pages of visits: two taps on a phone, and planned against delivered."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

import pytest

from geo_service.app import wire
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.clock import LONDON
from geo_service.model.patrol import PlanRequest, Shift
from geo_service.settings import read_settings
from geo_service.web.staff import create_staff
from geo_service.workflows.planning import plan as planning
from geo_service.workflows.visiting import visits_made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Office, Services

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
HOST = "127.0.0.1:8001"
START = dt.datetime(2026, 10, 23, 17, 40, tzinfo=LONDON)


class Clock:
    """Tell the time that a test says."""

    now = START

    def __call__(self) -> dt.datetime:
        """Return it."""
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    opened = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("visits") / "demo")))
    yield replace(opened, doers=replace(opened.doers, clock=clock))
    opened.doers.close()


@pytest.fixture(scope="module")
def services(office: Office) -> Services:
    return office.services(Principal("tests", OPERATOR))


@pytest.fixture(scope="module")
def plan(services: Services) -> PatrolPlan:
    shift = Shift.asked(START.date(), "15:00-23:00")
    return planning.make_plan(services, PlanRequest("NSUCH-T1", shift, officers=4))


@pytest.fixture(scope="module")
def staff(office: Office, client_of: Callable[..., Any], assets: Path) -> Client:
    client = client_of(create_staff(office, token="link", allowed_hosts=[HOST], assets=assets))
    assert client.get("/sign-in?token=link").status_code == 200
    return client


def tap(staff: Client, plan: PatrolPlan, **form: str) -> Any:  # noqa: ANN401 - an answer
    return staff.post(f"/visits/{plan.id}", content=urlencode(form))


def test_a_visit_is_logged_in_two_taps_and_tapping_twice_changes_nothing(
    staff: Client, services: Services, plan: PatrolPlan, clock: Clock
) -> None:
    page = staff.get(f"/visits/{plan.id}").text
    visit = re.search(r'name="visit" value="(\w+)"', page)
    assert visit is not None
    for _ in range(2):
        answer = tap(staff, plan, visit=visit[1])
        assert (answer.status_code, answer.headers["location"]) == (303, f"/visits/{plan.id}")
    page = staff.get(f"/visits/{plan.id}").text
    assert page.count("Here since 17:40") == 1
    left = re.search(r'name="left" value="([^"]+)"', page)
    assert left is not None
    clock.now = START + dt.timedelta(minutes=14)
    for _ in range(2):
        assert tap(staff, plan, left=left[1], outcome="spoke to people").status_code == 303
        clock.now += dt.timedelta(minutes=5)
    (made,) = visits_made.visits_made(services, plan=plan.id)
    assert (made.minutes, made.outcome, made.visit) == (14.0, "spoke to people", visit[1])
    page = staff.get(f"/visits/{plan.id}").text
    assert "17:40 to 17:54" in page
    assert f'name="visit" value="{visit[1]}"' not in page
    row = re.search(r'name="correct" value="([^"]+)"><input type="hidden" name="version" value="(\d+)"', page)
    assert row is not None
    truth = {"to": made.zone, "start": "2026-10-23T17:42", "end": "2026-10-23T17:54", "outcome": "arrest"}
    assert tap(staff, plan, correct=row[1], version=row[2], **truth).status_code == 303
    assert "17:42 to 17:54" in staff.get(f"/visits/{plan.id}").text
    lost = tap(staff, plan, correct=row[1], version=row[2], **truth)
    assert lost.status_code in {409, 412}
    assert "Somebody changed that visit meanwhile: it is now 17:42 to 17:54" in lost.text
    assert tap(staff, plan, correct=row[1], version="3", **truth | {"end": "then"}).status_code == 400


def test_a_visit_that_is_not_planned_is_begun_once_and_taken_back(staff: Client, plan: PatrolPlan) -> None:
    page = staff.get(f"/visits/{plan.id}").text
    after = re.search(r'name="after" value="(\d+)"', page)
    assert after is not None
    for _ in range(2):
        assert tap(staff, plan, zone=plan.zones[0].id, after=after[1]).status_code == 303
    page = staff.get(f"/visits/{plan.id}").text
    assert page.count('name="left"') == 1
    undo = re.search(r'name="undo" value="([^"]+)"', page)
    assert undo is not None
    assert tap(staff, plan, undo=undo[1]).status_code == 303
    assert 'name="left"' not in staff.get(f"/visits/{plan.id}").text


@pytest.mark.parametrize("form", [{}, {"visit": "v999"}, {"zone": "nowhere"}, {"left": "nothing"}, {"undo": "2026/1"}])
def test_what_is_not_there_is_said_on_the_page(staff: Client, plan: PatrolPlan, form: dict[str, str]) -> None:
    answer = tap(staff, plan, **form)
    assert answer.status_code in {400, 404}
    assert "That was not done" in answer.text


def test_a_tap_from_another_site_is_refused(staff: Client, plan: PatrolPlan) -> None:
    form = urlencode({"visit": plan.visits[0].id})
    foreign = staff.post(f"/visits/{plan.id}", content=form, headers={"origin": "http://elsewhere"})
    nowhere = staff.post(f"/visits/{plan.id}", content=form, headers={})
    assert (foreign.status_code, nowhere.status_code) == (403, 403)


def test_planned_and_delivered_stand_on_a_page_of_the_plan_and_of_the_month(staff: Client, plan: PatrolPlan) -> None:
    of_plan, of_month = (staff.get(address) for address in (f"/visits/{plan.id}/delivered", "/visits?month=2026-10"))
    assert (of_plan.status_code, of_month.status_code) == (200, 200)
    assert re.search(rf"of {len(plan.visits)} planned visits (?:was|were) made", of_plan.text)
    # Other plans of the month may be kept beside it.
    counted = re.search(r"of (\d+) planned visits (?:was|were) made", of_month.text)
    assert counted is not None
    assert int(counted[1]) >= len(plan.visits)
    assert staff.get("/visits?month=2020-01").status_code == 200
    wrong = staff.get("/visits?month=soon")
    assert (wrong.status_code, "Not a month" in wrong.text) == (400, True)
