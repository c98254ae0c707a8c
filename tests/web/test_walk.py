"""A walk through the staff site in Chromium: after each step there is exactly one event more, of the right kind."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from playwright.sync_api import sync_playwright

from geo_service.api import create_api
from geo_service.app import wire
from geo_service.model.access import Principal, Role
from geo_service.model.audit import kind_of
from geo_service.settings import read_settings
from geo_service.web.staff import create_staff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from fastapi import FastAPI
    from playwright.sync_api import BrowserContext, Page

    from geo_service.model.access import AuditEvent
    from geo_service.workflows.services import Office

    Serve: TypeAlias = Callable[[Callable[[str], FastAPI]], AbstractContextManager[Any]]

pytestmark = pytest.mark.browser

AUDITOR = Principal("auditor", frozenset({Role.AUDITOR}))
HOTSPOTS = "boundary=Nonesuch+Borough&from=2025-11&to=2026-10"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


class Walk:
    """Take steps, and hold each to one event."""

    def __init__(self, page: Page, origin: str, office: Office) -> None:
        self.page = page
        self.origin = origin
        self._events = office.services(AUDITOR).store.events
        self._known = len(self._events(None))

    def new(self) -> Sequence[AuditEvent]:
        """Return the events since this was asked last, newest first."""
        known, self._known = self._known, len(self._events(None))
        return self._events(self._known - known) if self._known > known else []

    def step(self, kind: str, what: str, act: Callable[[], object]) -> AuditEvent:
        """Take one step, which must be one event of a kind that speaks of `what`."""
        act()
        self.page.wait_for_load_state("networkidle")
        made = [(kind_of(event.act), event.what) for event in self.new()]
        assert len(made) == 1, (what, made)
        assert made[0][0] == kind
        assert what in made[0][1]
        return self._events(1)[0]

    def go(self, path: str) -> Callable[[], object]:
        """Return the step to an address."""
        return lambda: self.page.goto(f"{self.origin}{path}")

    def fetch(self, path: str, token: str = "") -> Callable[[], object]:
        """Return the step of asking for a file, as a link or a program does."""

        def ask() -> None:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = self.page.request.get(f"{self.origin}{path}", headers=headers)
            assert answer.status == 200, answer.text()[:300]

        return ask


@pytest.fixture
def office(demonstration_dir: Path, tmp_path: Path) -> Iterator[Office]:
    office = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path / "demo")))
    yield office
    office.doers.close()


@pytest.fixture
def walk(chromium: str, serve: Serve, office: Office, assets: Path) -> Iterator[Walk]:
    def build(host: str) -> FastAPI:
        site = create_staff(office, token="link", api_token="program", allowed_hosts=[host], assets=assets)
        site.mount("/api", create_api(office))
        return site

    with serve(build) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context: BrowserContext = browser.new_context()
        yield Walk(context.new_page(), served.origin, office)
        browser.close()


def test_each_step_of_a_sergeant_is_exactly_one_event(walk: Walk) -> None:
    page = walk.page
    # The page that follows the link leads on to the start page by itself: two acts, two events.
    page.goto(f"{walk.origin}/sign-in?token=link")
    page.wait_for_url(f"{walk.origin}/")
    page.wait_for_load_state("networkidle")
    assert [kind_of(event.act) for event in walk.new()] == ["consultation", "sign-in"]
    start = walk.step("consultation", "GET /", walk.go("/"))
    assert "safe-places" in str(start.detail["layers"])
    walk.step("consultation", "GET /find", lambda: page.click("nav >> text=Find hotspots"))

    def find() -> None:
        page.fill("#area_share", "1")
        page.click("main button")
        page.wait_for_url("**/runs/*")

    # Asked and shown: the question is one act, the page of its run that the browser is sent to another.
    find()
    page.wait_for_load_state("networkidle")
    assert [kind_of(event.act) for event in walk.new()] == ["consultation", "combination"]
    run = page.url.rpartition("/")[2]
    walk.step("consultation", f"/runs/{run}", page.reload)
    for suffix in ("csv", "geojson", "html"):
        path = f"/runs/{run}/map.html" if suffix == "html" else f"/runs/{run}/zones.{suffix}"
        leaving = walk.step("disclosure", "zones" if suffix != "html" else "map", walk.fetch(path))
        assert leaving.detail["recipient"] == leaving.actor
    walk.step("disclosure", "", walk.fetch(f"/runs/{run}/cells.csv"))
    walk.step("disclosure", "sheet", walk.fetch(f"/runs/{run}/sheet.pdf"))
    zone = page.get_attribute("a[href^='/zones/']", "href") or ""
    walk.step("consultation", zone, walk.go(zone))
    walk.step("disclosure", "sheet", walk.fetch(f"{zone}/sheet.pdf"))
    walk.step("consultation", "/history", walk.go("/history"))
    for path in ("/api/", "/api/collections"):
        walk.step("consultation", path, walk.fetch(path, "program"))
    for path in ("/api/collections/cctv/items", "/api/collections/cctv/items?f=csv", f"/api/hotspots?{HOTSPOTS}"):
        walk.step("disclosure", path.partition("?")[0], walk.fetch(path, "program"))
    # What is no act is no event: files of the site itself, and addresses that lead nowhere.
    for path in ("/static/icon.svg", "/assets/web/site.css"):
        walk.fetch(path)()
    assert page.request.get(f"{walk.origin}/no-such-page").status == 404
    assert walk.new() == []
    walk.step("sign-in", "signed out", lambda: page.click("text=Sign out"))


def test_each_step_of_an_auditor_is_exactly_one_event(walk: Walk, office: Office) -> None:
    page = walk.page
    page.goto(f"{walk.origin}/sign-in?token=link")
    page.wait_for_url(f"{walk.origin}/")
    (cookie,) = page.context.cookies()
    page.context.add_cookies([{**cookie, "value": office.authority().admit(AUDITOR)}])
    walk.new()
    walk.step("consultation", "GET /", walk.go("/"))
    walk.step("consultation", "audit trail", lambda: page.click("nav >> text=Audit"))

    def show_sign_ins() -> None:
        page.select_option("#kind", "sign-in")
        page.click("main button")
        page.wait_for_url("**/audit?kind=*")

    walk.step("consultation", "audit trail", show_sign_ins)
    acts = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert len(acts) == 2
    assert {kind_of(act) for act in acts} == {"sign-in"}
    for form in ("CSV", "JSON"):
        address = page.get_attribute(f"main a:text-is('{form}')", "href") or ""
        assert "kind=sign-in" in address
        walk.step("disclosure", "audit trail", walk.fetch(address))
    # Nothing else is there for an auditor.
    assert page.request.get(f"{walk.origin}/runs/latest").status == 404
    assert walk.new() == []
