"""What stands before the staff site."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from geo_service.errors import FaultError
from geo_service.model.access import DISCLOSURE, KEEPERS, Audience, AuditEvent, Principal
from geo_service.web.staff import create_staff
from geo_service.workflows.policy import PRINCIPAL, declare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.requests import Request

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
HOST = "127.0.0.1:8001"
NOW = dt.datetime(2025, 6, 3, 12, tzinfo=dt.UTC)
OTHERS = ["localhost:8001", "evil.example", "127.0.0.1", "127.0.0.1:8002", "127.0.0.1:8001.evil.example", ""]


class Ledger:
    """Stand in for the store: it only keeps what is recorded."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []
        self.broken = False

    def office(self, people: object) -> Any:  # noqa: ANN401 - as much of an Office as the site needs
        """Return the office that keeps what is recorded here."""
        doers = SimpleNamespace(clock=lambda: NOW, demonstration=False)
        return SimpleNamespace(
            doers=doers, services=lambda who: SimpleNamespace(store=self.of(who)), authority=lambda: people
        )

    def of(self, principal: Principal) -> SimpleNamespace:
        """Return the repository of somebody."""

        def record(act: str, what: str, detail: Mapping[str, object]) -> None:
            if self.broken:
                raise FaultError("The ledger is read-only", do="Free space on the disk")
            self.events.append(AuditEvent(act, principal.name, what, NOW, detail))

        return SimpleNamespace(record=record)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def api() -> FastAPI:
    """Make a small API that declares its routes."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/items")
    @declare(Audience.FORCE, act=DISCLOSURE)
    def items() -> str:
        return "items"

    return app


def keepers(request: Request) -> PlainTextResponse:
    return PlainTextResponse("for keepers")


@declare(Audience.FORCE)
def who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.scope[PRINCIPAL].name)


@pytest.fixture
def people(people_of: Callable[..., Any]) -> Any:  # noqa: ANN401 - the conftest's
    return people_of()


@pytest.fixture
def client(ledger: Ledger, people: Any, client_of: Callable[..., Any], assets: Path) -> Client:  # noqa: ANN401
    office = ledger.office(people)
    site = create_staff(office, token="link", api_token="program", allowed_hosts=[HOST], assets=assets)
    site.router.routes.append(Route("/who", who, methods=["GET", "POST"]))
    site.router.routes.append(Route("/keepers", declare(Audience.FORCE, roles=KEEPERS)(keepers)))
    site.mount("/api", api())
    return client_of(site, f"http://{HOST}")


@pytest.fixture
def signed_in(client: Client) -> Client:
    assert client.get("/sign-in?token=link").status_code == 200
    return client


@pytest.mark.parametrize("host", OTHERS)
@pytest.mark.parametrize("path", ["/who", "/sign-in?token=link", "/static/maps.js"])
def test_another_host_is_refused_before_anything_else(client: Client, host: str, path: str) -> None:
    answer = client.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"].startswith("text/plain")
    assert client.get("/sign-in?token=link").status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8002", "http://localhost:8001", "file://"]
)
def test_another_origin_is_refused_even_with_a_session(signed_in: Client, origin: str) -> None:
    for method in ("GET", "POST"):
        answer = signed_in.request(method, "/who", headers={"origin": origin})
        assert (answer.status_code, answer.headers["content-type"]) == (403, "text/plain; charset=utf-8")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_may_link_here_but_not_fetch(signed_in: Client, site: str) -> None:
    fetches = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}
    follows = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    framed = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert [signed_in.get("/who", headers=headers).status_code for headers in (fetches, follows, framed)] == [
        403, 200, 403,
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/find", "/who", "/apiary", "/runs/latest/zones.csv", "/no-such-page"])
def test_nothing_is_shown_without_a_session_not_even_what_exists(client: Client, ledger: Ledger, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 403
    assert "You are not signed in" in answer.text
    assert "geo-service serve --site staff" in answer.text
    assert ledger.events == []


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/items", "/api/no-such-thing"])
def test_a_program_without_the_key_is_told_what_to_send_in_its_own_format(
    client: Client, ledger: Ledger, path: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Unauthorized"
    assert "Authorization: Bearer KEY" in answer.json()["detail"]
    assert ledger.events == []


def test_the_link_works_once_and_says_what_to_do_when_it_does_not(client: Client) -> None:
    first = client.get("/sign-in?token=link")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "link" not in cookie
    client.cookies.clear()
    second = client.get("/sign-in?token=link")
    assert second.status_code == 403
    assert "Each link works once" in second.text
    assert "set-cookie" not in second.headers


def test_a_preview_of_the_link_does_not_use_it_up(client: Client) -> None:
    assert client.request("HEAD", "/sign-in?token=link").status_code == 204
    assert client.get("/sign-in?token=link").status_code == 200


def test_a_session_sees_pages_and_api_and_each_view_is_written_down(signed_in: Client, ledger: Ledger) -> None:
    assert signed_in.get("/who?area=Redditch&area=Bromsgrove").text == "staff site, one-time link"
    assert signed_in.get("/api/items").json() == "items"
    assert [(event.act, event.what, dict(event.detail)) for event in ledger.events] == [
        ("consultation", "GET /who", {"query": {"area": ["Redditch", "Bromsgrove"]}}),
        ("disclosure", "GET /api/items", {}),
    ]


def test_the_link_s_token_never_reaches_the_ledger(signed_in: Client, ledger: Ledger) -> None:
    signed_in.get("/who")
    assert "link" not in repr([event.detail for event in ledger.events] + [event.what for event in ledger.events])


def test_a_program_comes_in_with_its_token_and_not_with_the_link_s(client: Client, ledger: Ledger) -> None:
    assert client.get("/api/items", headers={"authorization": "Bearer program"}).status_code == 200
    assert ledger.events[0].actor == "API, bearer token"
    wrong = client.get("/api/items", headers={"authorization": "Bearer link"})
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")


def test_a_session_does_not_mend_a_wrong_bearer_token(signed_in: Client) -> None:
    assert signed_in.get("/who", headers={"authorization": "Bearer wrong"}).status_code == 401


def test_what_cannot_be_written_down_is_not_shown(signed_in: Client, ledger: Ledger) -> None:
    ledger.broken = True
    answer = signed_in.get("/who")
    assert answer.status_code == 500
    assert "The ledger is read-only" in answer.text
    assert "staff site, one-time link" not in answer.text


def test_a_program_is_told_in_its_own_format_that_the_ledger_cannot_be_written(
    signed_in: Client, ledger: Ledger
) -> None:
    ledger.broken = True
    answer = signed_in.get("/api/items")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "Free space on the disk" in answer.json()["detail"]


def test_a_form_is_taken_only_from_a_page_of_this_site(signed_in: Client) -> None:
    assert signed_in.post("/who", headers={}).status_code == 403
    assert signed_in.post("/who").status_code == 200


def test_signing_out_ends_the_session_on_the_server(signed_in: Client) -> None:
    cookies = {cookie.name: cookie.value for cookie in signed_in.cookies.jar}
    assert signed_in.post("/sign-out").status_code == 303
    signed_in.cookies.update(cookies)
    assert cookies
    assert signed_in.get("/who").status_code == 403


@pytest.mark.parametrize("path", ["/who", "/no-such-page", "/sign-in", "/static/maps.js"])
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"


def test_files_of_the_pages_need_no_session_and_are_not_written_down(client: Client, ledger: Ledger) -> None:
    assert [client.get(path).status_code for path in ("/static/maps.js", "/assets/leaflet/leaflet.js")] == [200, 200]
    assert ledger.events == []
    assert client.get("/static/../pages.py").status_code in {403, 404}


def test_a_mounted_api_with_an_undeclared_route_keeps_the_site_from_starting(
    ledger: Ledger, people: object, start: Callable[..., None], assets: Path
) -> None:
    office = ledger.office(people)
    site = create_staff(office, token="link", allowed_hosts=[HOST], assets=assets)
    careless = FastAPI()
    site.mount("/api", careless)
    with pytest.raises(FaultError, match=r"/api/openapi\.json"):
        start(site)


def test_a_name_without_a_port_is_answered_on_any_port(
    ledger: Ledger, people: object, client_of: Callable[..., Any], assets: Path
) -> None:
    office = ledger.office(people)
    site = create_staff(office, token="link", allowed_hosts=["localhost"], assets=assets)
    client = client_of(site)
    found = [client.get("/static/maps.js", headers={"host": host}).status_code for host in ("localhost:9", "localhost")]
    assert found == [200, 200]
