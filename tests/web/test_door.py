"""Coming in by name, by the organisation and going out; what is not for a role looks like what is not there."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from geo_service.errors import SignInError
from geo_service.model.access import KEEPERS, READERS, Audience, Principal, Role
from geo_service.web.staff import create_staff
from geo_service.workflows.policy import PRINCIPAL, declare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

ADDRESS = "https://patrol.example"
OFFICER = Principal("pc.one", frozenset({Role.OFFICER}), account="pc.one")
PASSWORD = "three odd penguins"
WRONG = "The name or the password is not right"


class Organisation:
    """Stand in for an organisation's own sign-in."""

    def begin(self) -> tuple[str, str]:
        """Return where to go, and what must come back."""
        return "https://organisation.example/authorize?state=s", "kept"

    def finish(self, address: str, kept: str) -> Principal:
        """Return who came back."""
        if kept != "kept" or address != f"{ADDRESS}/sign-in/back?code=c&state=s":
            raise SignInError("That sign-in was not begun here", do="Sign in again")
        return Principal("A. Sergeant", frozenset({Role.SERGEANT}), account="oidc:1")


@declare(Audience.FORCE, roles=READERS, act="")
def who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.scope[PRINCIPAL].name)


@declare(Audience.FORCE, roles=KEEPERS, act="")
def keepers(request: Request) -> PlainTextResponse:
    return PlainTextResponse("for keepers")


@pytest.fixture
def people(people_of: Callable[..., Any]) -> Any:  # noqa: ANN401 - the conftest's; tests are no package
    made = people_of()
    made.passwords["pc.one"] = (OFFICER, PASSWORD)
    return made


@pytest.fixture
def client(people: Any, client_of: Callable[..., Any], assets: Path) -> Any:  # noqa: ANN401
    doers = SimpleNamespace(clock=lambda: dt.datetime(2025, 6, 3, tzinfo=dt.UTC), demonstration=False)
    office: Any = SimpleNamespace(doers=doers, services=None, authority=lambda: people)
    site = create_staff(
        office,
        token="link",
        api_token="program",
        allowed_hosts=["patrol.example"],
        assets=assets,
        address=ADDRESS,
        redirects=Organisation(),
    )
    site.router.routes += [Route("/who", who), Route("/keepers", keepers), Route("/api/keepers", keepers)]
    return client_of(site, ADDRESS)


def sign_in(client: Any, name: str = "pc.one", password: str = PASSWORD) -> Any:  # noqa: ANN401
    return client.post("/sign-in", data={"name": name, "password": password})


def test_name_and_password_let_in_by_a_cookie_that_no_other_site_and_no_script_gets(client: Any) -> None:  # noqa: ANN401
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    name, *attributes = answer.headers["set-cookie"].replace("=", "; ", 1).split("; ")
    assert name.startswith("__Host-session-")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} < set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert client.get("/who").text == "pc.one"


@pytest.mark.parametrize(("name", "password"), [("pc.one", "wrong"), ("nobody", PASSWORD), ("", ""), ("pc.one", "")])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(client: Any, name: str, password: str) -> None:  # noqa: ANN401
    answer = sign_in(client, name, password)
    assert answer.status_code == 403
    assert WRONG in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.text.replace(f'value="{name}"', "") == sign_in(client, "x", "y").text.replace('value="x"', "")


def test_who_has_to_wait_is_told_for_how_long(client: Any, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    def refuse(name: str, password: str, address: str = "") -> str:
        raise SignInError("Too many sign-ins were refused", do="Wait 8 seconds, then try again")

    monkeypatch.setattr(people, "sign_in", refuse)
    assert "Wait 8 seconds" in sign_in(client).text


def test_what_is_typed_as_a_name_is_shown_as_text(client: Any) -> None:  # noqa: ANN401
    assert "<script>" not in sign_in(client, '"><script>alert(1)</script>').text


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "http://patrol.example"}])
def test_a_sign_in_that_another_page_sends_is_refused(client: Any, people: Any, headers: dict[str, str]) -> None:  # noqa: ANN401
    answer = client.post("/sign-in", data={"name": "pc.one", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert people.came_from == []


def test_without_a_session_every_address_gets_the_same_page(client: Any) -> None:  # noqa: ANN401
    found = {client.get(path).content for path in ("/", "/who", "/keepers", "/no-such-page", "/runs/latest")}
    assert len(found) == 1
    assert b'name="password"' in found.pop()


def test_what_is_not_for_a_role_looks_like_what_is_not_there(client: Any) -> None:  # noqa: ANN401
    sign_in(client)
    hidden, unknown = client.get("/keepers"), client.get("/no-such-page")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content
    assert hidden.headers.items() == unknown.headers.items()
    hidden, unknown = client.get("/api/keepers"), client.get("/api/no-such-thing")
    assert hidden.headers["content-type"] == "application/problem+json"
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert client.get("/keepers", headers={"authorization": "Bearer program"}).status_code == 401


def test_signing_out_ends_every_session_of_the_account_and_says_so(client: Any, people: Any) -> None:  # noqa: ANN401
    sign_in(client)
    elsewhere = people.admit(OFFICER)
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert people.by_session(elsewhere) is None
    assert "in this browser and everywhere else" in client.get("/signed-out").text
    assert client.get("/who").status_code == 403


def test_the_link_is_closed_where_people_have_accounts(client: Any) -> None:  # noqa: ANN401
    answer = client.get("/sign-in?token=link")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_an_organisation_lets_in_whom_it_vouches_for(client: Any) -> None:  # noqa: ANN401
    begun = client.get("/sign-in/organisation")
    assert begun.headers["location"] == "https://organisation.example/authorize?state=s"
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} < set(begun.headers["set-cookie"].split("; "))
    back = client.get(
        "/sign-in/back?code=c&state=s",
        headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
    )
    assert back.status_code == 200
    assert client.get("/who").text == "A. Sergeant"


def test_who_did_not_begin_here_is_not_let_in_by_the_organisation(client: Any) -> None:  # noqa: ANN401
    answer = client.get("/sign-in/back?code=c&state=s")
    assert answer.status_code == 403
    assert "not begun here" in answer.text
    assert client.get("/who").status_code == 403


def test_behind_tls_browsers_are_told_to_stay_there(client: Any) -> None:  # noqa: ANN401
    assert "max-age=31536000" in client.get("/sign-in").headers["strict-transport-security"]
