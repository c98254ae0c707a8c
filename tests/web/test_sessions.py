"""One link, once; sessions that end."""

from __future__ import annotations

import datetime as dt

import pytest

from geo_service.model.access import Audience
from geo_service.web.sessions import LASTS, Sessions


class Clock:
    """Stand still until it is moved."""

    now = dt.datetime(2025, 6, 3, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions("link", "program", clock)


def test_the_link_lets_in_once(sessions: Sessions) -> None:
    first = sessions.sign_in("link")
    assert first
    assert sessions.sign_in("link") is None
    found = sessions.by_cookie(f"{sessions.cookie_name}={first}")
    assert found is not None
    assert found.audience is Audience.FORCE


@pytest.mark.parametrize("wrong", ["", "lin", "linkk", "LINK", "lïnk"])
def test_a_wrong_link_lets_nobody_in_and_leaves_the_right_one_unused(sessions: Sessions, wrong: str) -> None:
    assert sessions.sign_in(wrong) is None
    assert sessions.sign_in("link") is not None


def test_without_a_token_nobody_comes_in(clock: Clock) -> None:
    closed = Sessions("", "", clock)
    assert closed.sign_in("") is None
    assert closed.by_bearer("Bearer ") is None


@pytest.mark.parametrize("cookie", ["", "other=1", "{name}=", "{name}=guessed", ";;==\x00"])
def test_a_cookie_that_was_not_given_out_is_nobody(sessions: Sessions, cookie: str) -> None:
    assert sessions.by_cookie(cookie.format(name=sessions.cookie_name)) is None


def test_a_session_ends_after_its_time_and_by_signing_out(clock: Clock) -> None:
    early, late = Sessions("a", "", clock), Sessions("b", "", clock)
    cookies = [f"{held.cookie_name}={held.sign_in(token)}" for held, token in ((early, "a"), (late, "b"))]
    early.sign_out(cookies[0])
    assert early.by_cookie(cookies[0]) is None
    clock.now += LASTS - dt.timedelta(seconds=1)
    assert late.by_cookie(cookies[1]) is not None
    clock.now += dt.timedelta(seconds=1)
    assert late.by_cookie(cookies[1]) is None


@pytest.mark.parametrize(
    ("header", "known"),
    [("Bearer program", True), ("bearer program", True), ("Basic program", False), ("Bearer link", False), ("", False)],
)
def test_a_program_comes_in_by_its_own_token_only(sessions: Sessions, header: str, *, known: bool) -> None:
    assert (sessions.by_bearer(header) is not None) is known
