"""Who fails to sign in has to wait, longer each time, never for ever, and never long for somebody else's failures."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from faults.people import PASSWORD
from geo_service.accounts.throttle import FORGOTTEN, FREE, LONGEST
from geo_service.errors import SignInError

if TYPE_CHECKING:
    from faults.people import House


def fail(house: House, name: str = "jane", address: str = "") -> float:
    """Fail once as soon as that is allowed; return how long the wait was, in seconds."""
    waited = 0.0
    while True:
        try:
            house.authority.sign_in(name, "not the password", address)
        except SignInError as refused:
            if "Too many" not in refused.message:
                return waited
            seconds = float(refused.message.split("Wait ")[1].split()[0])
            house.clock.wait(seconds=seconds)
            waited += seconds


def test_mistyping_costs_nothing_and_guessing_costs_more_each_time_up_to_a_minute(house: House) -> None:
    house.add("jane")
    waits = [fail(house) for _ in range(14)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_name_that_nobody_has_is_slowed_down_in_the_same_way(house: House) -> None:
    house.add("jane")
    assert [fail(house, "nobody") for _ in range(9)] == [fail(house) for _ in range(9)]


def test_the_right_password_lets_in_after_the_wait_at_the_latest_a_minute(house: House) -> None:
    house.add("jane")
    for _ in range(15):
        fail(house)
    with pytest.raises(SignInError, match="Too many"):
        house.authority.sign_in("jane", PASSWORD)
    house.clock.wait(seconds=LONGEST.total_seconds())
    assert house.authority.sign_in("jane", PASSWORD)
    assert fail(house) == 0  # what was counted is forgiven


def test_attempts_during_a_wait_do_no_work_make_no_event_and_make_it_no_longer(house: House) -> None:
    house.add("jane")
    for _ in range(8):
        fail(house)
    before = len(house.events())
    for _ in range(20):
        with pytest.raises(SignInError, match="Wait 8 seconds"):
            house.authority.sign_in("jane", PASSWORD)
    assert len(house.events()) == before
    house.clock.wait(seconds=8)
    assert house.authority.sign_in("jane", PASSWORD)


def test_one_address_that_tries_many_names_is_slowed_down_and_another_is_not(house: House) -> None:
    waits = [fail(house, f"name{number}", "2001:db8:1:2::1") for number in range(FREE["address"] + 3)]
    assert waits == [0] * (FREE["address"] + 1) + [1, 2]
    with pytest.raises(SignInError, match="Too many"):
        house.authority.sign_in("other", "x", "2001:db8:1:2:ffff::9")
    house.add("jane")
    assert house.authority.sign_in("jane", PASSWORD, "2001:db8:1:3::1")


def test_time_without_failing_forgives(house: House) -> None:
    house.add("jane")
    for _ in range(8):
        fail(house)
    house.clock.wait(minutes=12)
    assert [fail(house) for _ in range(3)] == [0, 1, 2]
    house.clock.wait(seconds=FORGOTTEN.total_seconds())
    assert [fail(house) for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_a_clock_that_is_put_back_locks_nobody_out_for_ever(house: House) -> None:
    house.add("jane")
    fail(house)
    house.clock.now -= dt.timedelta(days=1)
    assert house.authority.sign_in("jane", PASSWORD)


def test_what_was_typed_is_not_kept(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    fail(house, "my secret by mistake", "10.9.8.7")
    with house.store._ledger.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM attempt").all()
    assert len(rows) == 2
    assert "secret" not in str(rows)
    assert "10.9" not in str(rows)


def test_old_counts_are_swept_when_somebody_comes_in(house: House) -> None:
    house.add("jane")
    for number in range(5):
        fail(house, f"name{number}")
    house.clock.wait(seconds=FORGOTTEN.total_seconds() + 1)
    house.authority.sign_in("jane", PASSWORD)
    with house.store._ledger.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM attempt").scalar() == 0
