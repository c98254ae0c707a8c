"""What an account may be called and may do."""

from __future__ import annotations

import datetime as dt

import pytest

from geo_service.errors import AccessError, InputError
from geo_service.model.access import Item, Principal, Role
from geo_service.model.accounts import Account, refuse_bad_name, roles_of, sign_in_name

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("typed", ["jane.doe", " Jane.Doe\t", "JANE.DOE", "\uff2aane.doe"])
def test_a_sign_in_name_is_the_same_however_it_is_typed(typed: str) -> None:
    assert sign_in_name(typed) == "jane.doe"
    refuse_bad_name(sign_in_name(typed))


@pytest.mark.parametrize("name", ["", ".jane", "oidc:7", "jane doe", "j" * 65, "j\u0430ne", "jane\n", "a/b"])
def test_what_looks_like_another_name_or_address_is_none(name: str) -> None:
    with pytest.raises(InputError):
        refuse_bad_name(name)


def test_an_account_is_what_its_row_says() -> None:
    account = Account("jane", "Jane", frozenset({Role.ANALYST, Role.OFFICER}), ("W1",), active=False, subject="77")
    read = Account.of(Item("account", "jane", 3, account.content(), NOW, "keeper"))
    assert read == Account("jane", "Jane", account.roles, ("W1",), active=False, subject="77", version=3)
    assert read.principal == Principal("jane", account.roles, ("W1",), "jane")
    whole = Account("joan", "Joan", frozenset({Role.ADMIN}))
    assert Account.of(Item("account", "joan", 1, whole.content(), NOW, "keeper")).areas is None


def test_roles_are_known_by_name_and_admin_excludes_auditor() -> None:
    assert roles_of([" Officer", "ADMIN"]) == {Role.OFFICER, Role.ADMIN}
    with pytest.raises(InputError, match="coordinator"):
        roles_of(["root"])
    with pytest.raises(AccessError):
        roles_of(["admin", "auditor"])
    with pytest.raises(AccessError):
        Account("jane", "Jane", frozenset({Role.ADMIN, Role.AUDITOR}))


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 201])
def test_a_person_has_a_name_that_can_be_printed(name: str) -> None:
    with pytest.raises(InputError):
        Account("jane", name, frozenset())
