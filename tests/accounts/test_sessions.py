"""A session ends when it is not used, when it is old, and when its holder leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.people import PASSWORD

if TYPE_CHECKING:
    from faults.people import House


@pytest.fixture
def token(house: House) -> str:
    house.add("jane")
    return house.authority.sign_in("jane", PASSWORD)


def test_tokens_hold_256_bits_and_differ(house: House, token: str) -> None:
    tokens = {house.authority.sign_in("jane", PASSWORD) for _ in range(20)} | {token}
    assert len(tokens) == 21
    assert {len(one) for one in tokens} == {43}


def test_a_session_that_is_used_goes_on_until_ten_hours_after_it_began(house: House, token: str) -> None:
    for _ in range(42):
        house.clock.wait(minutes=14)
        assert house.authority.by_session(token) is not None
    house.clock.wait(minutes=11, seconds=59)
    assert house.authority.by_session(token) is not None
    house.clock.wait(seconds=1)
    assert house.authority.by_session(token) is None


def test_a_session_that_is_not_used_for_fifteen_minutes_has_ended(house: House, token: str) -> None:
    house.clock.wait(minutes=14, seconds=59)
    assert house.authority.by_session(token) is not None
    house.clock.wait(minutes=15)
    assert house.authority.by_session(token) is None
    house.clock.wait(minutes=-10)
    assert house.authority.by_session(token) is not None


def test_its_use_is_noted_once_a_minute(house: House, token: str) -> None:
    def seen() -> str:
        with house.store._ledger.database.reading() as connection:
            return str(connection.exec_driver_sql("SELECT seen_at FROM session").scalar())

    opened = seen()
    house.clock.wait(seconds=59)
    house.authority.by_session(token)
    assert seen() == opened
    house.clock.wait(seconds=1)
    house.authority.by_session(token)
    noted = seen()
    assert noted > opened
    house.clock.wait(seconds=59)
    house.authority.by_session(token)
    assert seen() == noted


def test_a_clock_that_is_put_back_by_hours_ends_sessions_and_never_prolongs_them(house: House, token: str) -> None:
    house.clock.wait(hours=-1)
    assert house.authority.by_session(token) is None


def test_sessions_that_ended_are_swept_when_somebody_comes_in(house: House, token: str) -> None:
    house.clock.wait(minutes=16)
    house.authority.sign_in("jane", PASSWORD)
    with house.store._ledger.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar() == 1


def test_looking_at_a_session_makes_no_event(house: House, token: str) -> None:
    before = len(house.events())
    house.clock.wait(minutes=5)
    house.authority.by_session(token)
    assert len(house.events()) == before
