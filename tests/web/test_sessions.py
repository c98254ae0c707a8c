"""One link, once; keys and sessions of the authority; neither link nor token where people come in by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.model.access import Audience, Principal, Role
from geo_service.web.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESS = "http://127.0.0.1:8001"
OFFICER = Principal("pc.one", frozenset({Role.OFFICER}), account="pc.one")


@pytest.fixture
def people(people_of: Callable[..., Any]) -> Any:  # noqa: ANN401 - the conftest's; tests are no package
    return people_of()


@pytest.fixture
def sessions(people: Any) -> Sessions:  # noqa: ANN401
    return Sessions(people, ADDRESS, token="link", api_token="program")


def test_the_link_lets_in_once(sessions: Sessions) -> None:
    first = sessions.follow("link")
    assert first
    assert sessions.follow("link") is None
    found = sessions.by_cookie(f"other=1; {sessions.cookie_name}={first}")
    assert found is not None
    assert found.audience is Audience.FORCE


@pytest.mark.parametrize("wrong", ["", "lin", "linkk", "LINK", "lïnk", "\udcff"])
def test_a_wrong_link_lets_nobody_in_and_leaves_the_right_one_unused(sessions: Sessions, wrong: str) -> None:
    assert sessions.follow(wrong) is None
    assert sessions.follow("link") is not None


def test_without_a_token_nobody_comes_in(people: Any) -> None:  # noqa: ANN401
    closed = Sessions(people, ADDRESS)
    assert closed.follow("") is None
    assert closed.by_bearer("Bearer ") is None


@pytest.mark.parametrize("cookie", ["", "other=1", "{name}=", "{name}=guessed", ";;==\x00"])
def test_a_cookie_that_was_not_given_out_is_nobody(sessions: Sessions, cookie: str) -> None:
    assert sessions.by_cookie(cookie.format(name=sessions.cookie_name)) is None


def test_signing_out_ends_the_session(sessions: Sessions) -> None:
    cookie = f"{sessions.cookie_name}={sessions.follow('link')}"
    sessions.sign_out(cookie)
    assert sessions.by_cookie(cookie) is None


@pytest.mark.parametrize(
    ("header", "known"),
    [("Bearer program", True), ("bearer program", True), ("Basic program", False), ("Bearer link", False), ("", False)],
)
def test_a_program_comes_in_by_its_own_token_only(sessions: Sessions, header: str, *, known: bool) -> None:
    assert (sessions.by_bearer(header) is not None) is known


def test_the_first_account_closes_link_token_and_the_sessions_that_the_link_began(
    sessions: Sessions,
    people: Any,  # noqa: ANN401
) -> None:
    cookie = f"{sessions.cookie_name}={sessions.follow('link')}"
    assert sessions.by_cookie(cookie) is not None
    people.passwords["pc.one"] = (OFFICER, "three odd penguins")
    assert sessions.by_cookie(cookie) is None
    assert sessions.by_bearer("Bearer program") is None
    assert Sessions(people, ADDRESS, token="link").follow("link") is None
    held = sessions.sign_in("pc.one", "three odd penguins", "")
    assert sessions.by_cookie(f"{sessions.cookie_name}={held}") == OFFICER


def test_an_organisation_s_sign_in_closes_the_link_too(people: Any) -> None:  # noqa: ANN401
    assert Sessions(people, ADDRESS, token="link", elsewhere=True).follow("link") is None


def test_a_program_comes_in_by_an_api_key(sessions: Sessions, people: Any) -> None:  # noqa: ANN401
    people.keys["gsk_one"] = OFFICER
    assert sessions.by_bearer("Bearer gsk_one") == OFFICER


def test_two_sites_on_one_machine_have_cookies_of_their_own_and_keep_them(people: Any) -> None:  # noqa: ANN401
    first, again, other = (Sessions(people, at).cookie_name for at in (ADDRESS, ADDRESS, "http://127.0.0.1:8002"))
    assert first == again != other
    assert first.startswith("__Host-")
