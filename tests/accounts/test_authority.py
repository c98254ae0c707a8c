"""Who comes in, who does not, and what is written down of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.people import KEEPER, PASSWORD, House
from geo_service.accounts.sessions import token_hash
from geo_service.errors import InputError, NotFoundError, SignInError
from geo_service.model.access import OPERATOR, SIGN_IN, Principal, Role

if TYPE_CHECKING:
    from pathlib import Path


def refused(house: House, name: str, password: str, address: str = "") -> str:
    with pytest.raises(SignInError) as problem:
        house.authority.sign_in(name, password, address)
    return problem.value.message


def test_the_right_password_opens_a_session_of_just_that_account(house: House) -> None:
    house.add("jane", Role.SERGEANT, areas=("W1",))
    token = house.authority.sign_in("  JANE ", PASSWORD)
    assert house.authority.by_session(token) == Principal("jane", frozenset({Role.SERGEANT}), ("W1",), "jane")


def test_only_hashes_are_in_the_database(house: House, tmp_path: Path) -> None:
    house.add("jane")
    token = house.authority.sign_in("jane", PASSWORD)
    key, _ = house.key("jane")
    held = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file())
    assert token_hash(token).encode() in held
    assert b"$argon2id$" in held
    for secret in (PASSWORD, token, key, key.rpartition("_")[2]):
        assert secret.encode() not in held


def test_a_wrong_password_an_unknown_name_and_a_disabled_account_are_told_apart_by_nobody_outside(house: House) -> None:
    house.add("jane")
    house.add("gone", active=False)
    house.add("elsewhere", password="")
    said = {refused(house, name, PASSWORD) for name in ("gone", "elsewhere", "nobody", "", "\x00", "\ud800" * 9)}
    said |= {refused(house, "jane", password) for password in ("", "wrong", PASSWORD.upper(), "\ud800", "x" * 5_000)}
    assert len(said) == 1


def test_an_unknown_name_costs_the_same_work_as_a_known_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.add("jane")
    passwords = house.authority._passwords
    work: list[str] = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, hashed: str, password: bytes) -> bool:
            work.append(hashed.rpartition("$")[0].rpartition("$")[0])
            return bool(verify(hashed, password))

        def check_needs_rehash(self, hashed: str) -> bool:
            return False

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for name in ("jane", "nobody"):
        refused(house, name, "not the password")
    assert len(work) == 2
    assert work[0] == work[1]


def test_each_sign_in_refused_or_not_and_each_sign_out_is_one_event(house: House) -> None:
    house.add("jane")
    before = len(house.events())
    token = house.authority.sign_in("jane", PASSWORD, "10.1.2.3")
    refused(house, "jane", "wrong", "10.1.2.3")
    refused(house, "my password by mistake", "wrong")
    house.authority.sign_out(token)
    house.authority.sign_out(token)
    made = house.events()[before:]
    assert [(event.act, event.actor, event.what) for event in made] == [
        (SIGN_IN, "jane", "signed in with name and password"),
        (SIGN_IN, "jane", "refused: name or password"),
        (SIGN_IN, "nobody known", "refused: name or password"),
        (SIGN_IN, "jane", "signed out everywhere"),
    ]
    assert made[1].detail == {"address": "10.1.2.3"}
    assert all("mistake" not in str(event) for event in made)


def test_what_cannot_be_written_down_opens_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.add("jane")
    monkeypatch.setattr("geo_service.store.ledger.write_event", _broken)
    with pytest.raises(RuntimeError, match="gone"):
        house.authority.sign_in("jane", PASSWORD)
    monkeypatch.undo()
    with house.store._ledger.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar() == 0


def _broken(*_: object) -> None:
    msg = "gone"
    raise RuntimeError(msg)


def test_a_change_of_the_account_works_at_once_in_open_sessions(house: House) -> None:
    house.add("jane", Role.ANALYST)
    token = house.authority.sign_in("jane", PASSWORD)
    house.change("jane", roles=["officer"], areas=["W2"])
    assert house.authority.by_session(token) == Principal("jane", frozenset({Role.OFFICER}), ("W2",), "jane")
    house.change("jane", active=False)
    assert house.authority.by_session(token) is None


def test_a_new_password_ends_every_session_and_the_old_password(house: House) -> None:
    house.add("jane")
    tokens = [house.authority.sign_in("jane", PASSWORD) for _ in range(3)]
    house.authority.set_password("jane", "four even ostriches", KEEPER)
    assert [house.authority.by_session(token) for token in tokens] == [None] * 3
    refused(house, "jane", PASSWORD)
    assert house.authority.by_session(house.authority.sign_in("jane", "four even ostriches")) is not None


def test_a_password_that_is_changed_while_the_old_one_is_checked_lets_nobody_in_by_the_old_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add("jane")
    matches = house.authority._passwords.matches

    def meanwhile(hashed: str | None, password: str) -> bool:
        right = matches(hashed, password)
        house.authority._rows.set_password("jane", "$argon2id$another", house.events()[-1])
        return bool(right)

    monkeypatch.setattr(house.authority._passwords, "matches", meanwhile)
    refused(house, "jane", PASSWORD)


def test_somebody_proved_elsewhere_is_let_in_as_they_were_proved(house: House) -> None:
    link = Principal("staff site, one-time link", OPERATOR)
    first, second = house.authority.admit(link), house.authority.admit(link)
    assert house.authority.by_session(first) == link
    house.authority.sign_out(first)
    assert house.authority.by_session(first) is None
    assert house.authority.by_session(second) == link


def test_an_account_with_their_subject_keeps_out_whom_it_forbids(house: House) -> None:
    admin = Principal("jo (oidc:77)", frozenset({Role.ADMIN}), None, "oidc:77")
    token = house.authority.admit(admin)
    assert house.authority.by_session(token) == admin
    house.add("jo", Role.AUDITOR, password="", subject="77")
    assert house.authority.by_session(token) is None
    with pytest.raises(SignInError):
        house.authority.admit(admin)
    house.change("jo", roles=["officer"])
    assert house.authority.by_session(token) == admin
    house.change("jo", active=False)
    assert house.authority.by_session(token) is None


def test_signing_out_ends_every_session_of_that_account_and_of_no_other(house: House) -> None:
    house.add("jane")
    house.add("joan")
    mine = [house.authority.sign_in("jane", PASSWORD) for _ in range(2)]
    other = house.authority.sign_in("joan", PASSWORD)
    house.authority.sign_out(mine[0])
    assert [house.authority.by_session(token) for token in mine] == [None, None]
    assert house.authority.by_session(other) is not None


def test_there_are_accounts_once_one_has_a_password(house: House) -> None:
    assert not house.authority.has_accounts()
    house.add("elsewhere", password="", subject="9")
    assert not house.authority.has_accounts()
    house.add("jane")
    assert house.authority.has_accounts()
    house.items.remove("jane", version=1)
    assert not house.authority.has_accounts()


def test_a_password_needs_an_account_and_a_weak_one_changes_nothing(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.authority.set_password("nobody", PASSWORD, KEEPER)
    house.add("jane")
    with pytest.raises(InputError):
        house.authority.set_password("jane", "password1234", KEEPER)
    assert house.authority.sign_in("jane", PASSWORD)
