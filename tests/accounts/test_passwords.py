"""Passwords are long, not the first to be tried, and hashed with argon2id by two at a time at most."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from faults.people import KEEPER, PASSWORD, House
from geo_service.accounts import passwords
from geo_service.accounts.passwords import Passwords, refuse_weak
from geo_service.errors import InputError, SignInError


def test_hashes_are_argon2id_with_the_parameters_that_rfc_9106_recommends() -> None:
    known = Passwords()
    hashed = known.hashed(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert extract_parameters(hashed) == RFC_9106_LOW_MEMORY
    assert known.hashed(PASSWORD) != hashed
    # The library itself is the oracle.
    assert PasswordHasher().verify(hashed, PASSWORD)
    with known.turn():
        assert known.matches(hashed, PASSWORD)
        assert not known.matches(hashed, PASSWORD + " ")
        assert not known.matches(None, "nobody has this name")
        assert not known.matches("no hash", PASSWORD)


@pytest.mark.parametrize(
    ("account_id", "password", "why"),
    [
        ("jane", "", "too short"),
        ("jane", "elevenchars", "too short"),
        ("jane", "ééééééééééé", "too short"),
        ("jane", "x" * 1_025, "too long"),
        ("jane", "é" * 513, "too long"),
        ("jane", "half a \ud800 character", "not text"),
        ("jane", "password1234", "tried first"),
        ("jane", "PassWord1234", "tried first"),
        ("jane", "correct horse battery staple", "tried first"),
        ("jane", "aaaaaaaaaaaaaaaa", "tried first"),
        ("jane.doe", "Jane.Doe2026", "tried first"),
        ("jane.doe", "jane.doejane.doe", "tried first"),
        ("jane.doe@force.example", "jane.doe1234!", "tried first"),
    ],
)
def test_what_is_short_endless_or_tried_first_is_no_password(account_id: str, password: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as refused:
        refuse_weak(account_id, password)
    assert not password or password not in refused.value.message


@pytest.mark.parametrize(
    "password", [PASSWORD, "x1" * 6, "mein Brückentag!", "🐧🐙🦉🐢🐝🐞🦋🐌🐛🐜🦗🦂", "a" * 6 + "b" * 1_018]
)
def test_any_other_of_twelve_characters_is_one_whatever_signs_it_has(password: str) -> None:
    refuse_weak("jane", password)


def test_the_same_letters_from_another_keyboard_are_the_same_password(house: House) -> None:
    house.add("jane", password="caf\u00e9 in the morning")
    assert house.authority.sign_in("jane", "cafe\u0301 in the morning")


def test_a_hash_of_smaller_parameters_is_renewed_when_somebody_signs_in(house: House) -> None:
    house.add("jane")
    before = house.store.people().password_hash("jane")
    house.authority._passwords = Passwords()
    token = house.authority.sign_in("jane", PASSWORD)
    after = house.store.people().password_hash("jane")
    assert before != after
    assert extract_parameters(str(after)) == RFC_9106_LOW_MEMORY
    assert house.authority.by_session(token) is not None
    assert house.authority.sign_in("jane", PASSWORD)
    assert house.store.people().password_hash("jane") == after


def test_two_are_checked_at_a_time_and_the_third_is_told_to_try_again(house: House) -> None:
    house.add("jane")
    house.authority._passwords._wait_s = 0.01
    before = len(house.events())
    with house.authority._passwords.turn(), house.authority._passwords.turn():
        with pytest.raises(SignInError, match="Try again"):
            house.authority.sign_in("jane", PASSWORD)
        with pytest.raises(SignInError, match="Try again"):
            house.authority.set_password("jane", PASSWORD, KEEPER)
    assert len(house.events()) == before
    assert house.authority.sign_in("jane", PASSWORD)


def test_never_more_than_two_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Passwords()
    now, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2)

    class Watched:
        def hash(self, _: bytes) -> str:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            both.wait(10)  # the work goes on only in twos: were there one at a time, it would never end
            with lock:
                now -= 1
            return "hash"

    monkeypatch.setattr(known, "_hasher", Watched())
    threads = [threading.Thread(target=known.hashed, args=(PASSWORD,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2
    assert passwords._AT_ONCE._value == 2
