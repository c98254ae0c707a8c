"""Whoever keeps the accounts gives roles and areas that exist; nobody is both admin and auditor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.app import wire
from geo_service.errors import AccessError, ConflictError, InputError, LostRaceError, NotFoundError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import Settings
from geo_service.workflows.keeping import people
from geo_service.workflows.keeping.people import Wanted, WantedKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.model.ports import Accounts
    from geo_service.workflows.services import Office, Services

PASSWORD = "three odd penguins"
ANALYST = Wanted("Jane Doe", ["analyst"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Office]:
    opened = wire(Settings(data_dir=tmp_path / "data"))
    yield opened
    opened.doers.close()


@pytest.fixture
def keeper(house: Office) -> Services:
    return house.services(Principal("keeper", OPERATOR))


@pytest.fixture
def doors(house: Office) -> Accounts:
    return house.authority()


def test_accounts_are_added_changed_and_disabled_and_it_works_at_once(keeper: Services, doors: Accounts) -> None:
    made = people.add_with_password(keeper, doors, " Jane ", ANALYST, PASSWORD)
    assert (made.id, made.name, made.roles, made.areas, made.version) == (
        "jane",
        "Jane Doe",
        frozenset({Role.ANALYST}),
        None,
        1,
    )
    token = doors.sign_in("jane", PASSWORD)
    changed = people.put(keeper, doors, "jane", Wanted("Jane Doe", ["officer"]), version=1)
    held = doors.by_session(token)
    assert held is not None
    assert held.roles == {Role.OFFICER}
    with pytest.raises(LostRaceError):
        people.put(keeper, doors, "jane", ANALYST, version=1)
    with pytest.raises(ConflictError):
        people.put(keeper, doors, "jane", ANALYST, version=0)
    people.disable(keeper, doors, "jane")
    assert doors.by_session(token) is None
    enabled = people.put(keeper, doors, "jane", ANALYST, version=changed.version + 1)
    assert doors.by_session(token) is None  # it was ended, not put to sleep
    assert people.accounts(keeper) == [enabled]


def test_nobody_is_both_admin_and_auditor(keeper: Services, doors: Accounts) -> None:
    with pytest.raises(AccessError, match="both admin and auditor"):
        people.put(keeper, doors, "jane", Wanted("Jane", ["admin", "auditor"]), version=0)
    people.put(keeper, doors, "jane", Wanted("Jane", ["admin"], subject="77"), version=0)
    with pytest.raises(ConflictError, match="jane"):
        people.put(keeper, doors, "jane2", Wanted("Jane", ["auditor"], subject="77"), version=0)
    with pytest.raises(AccessError):
        people.put(keeper, doors, "jane", Wanted("Jane", ["auditor", "admin"], subject="77"), version=1)
    assert [one.roles for one in people.accounts(keeper)] == [frozenset({Role.ADMIN})]


def test_nobody_changes_an_account_of_their_own(house: Office, doors: Accounts, keeper: Services) -> None:
    people.put(keeper, doors, "boss", Wanted("Boss", ["admin"]), version=0)
    boss = house.services(Principal("boss", frozenset({Role.ADMIN}), None, "boss"))
    with pytest.raises(AccessError, match="their own"):
        people.put(boss, doors, "BOSS", Wanted("Boss", ["auditor"]), version=1)
    people.put(boss, doors, "other", ANALYST, version=0)


@pytest.mark.parametrize("subject", ["77", ""])
def test_nobody_who_comes_through_the_organisation_changes_an_account_of_their_own(
    house: Office, doors: Accounts, keeper: Services, subject: str
) -> None:
    people.put(keeper, doors, "boss", Wanted("Boss", ["admin"], subject="77"), version=0)
    boss = house.services(Principal("boss (oidc:77)", frozenset({Role.ADMIN}), None, "oidc:77"))
    with pytest.raises(AccessError, match="their own"):
        people.put(boss, doors, "boss", Wanted("Boss", ["admin", "analyst"], subject=subject), version=1)
    assert people.account(keeper, "boss").roles == {Role.ADMIN}


def test_nobody_who_comes_through_the_organisation_adds_an_account_of_their_own(
    house: Office, doors: Accounts, keeper: Services
) -> None:
    boss = house.services(Principal("boss (oidc:77)", frozenset({Role.ADMIN}), None, "oidc:77"))
    with pytest.raises(AccessError, match="their own"):
        people.put(boss, doors, "second", Wanted("Boss", ["analyst"], subject="77"), version=0)
    assert people.accounts(keeper) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_admin_keeps_accounts(house: Office, doors: Accounts, role: Role) -> None:
    services = house.services(Principal("x", frozenset({role}), None, "x"))
    for act in (
        lambda: people.accounts(services),
        lambda: people.account(services, "x"),
        lambda: people.put(services, doors, "y", ANALYST, version=0),
        lambda: people.set_password(services, doors, "y", PASSWORD),
        lambda: people.keys(services, doors),
        lambda: people.make_key(services, doors, WantedKey("x", "x")),
        lambda: people.revoke_key(services, doors, "x"),
    ):
        with pytest.raises(AccessError):
            act()


def test_areas_are_kept_by_their_code_and_others_are_refused_with_what_comes_close(
    demonstration: Services, doors: Accounts
) -> None:
    keeper = demonstration
    wards = next(found for set_id, found in keeper.store.snapshot().boundary_sets().items() if "wards" in set_id)
    by_name = [wards.names[0], f"{wards.id}:{wards.codes[1].lower()}", wards.codes[0]]
    made = people.put(keeper, doors, "jane", Wanted("Jane", ["officer"], by_name), version=0)
    assert made.areas == (wards.codes[0], f"{wards.id}:{wards.codes[1]}")
    assert people.put(keeper, doors, "joan", Wanted("Joan", ["officer"], []), version=0).areas == ()
    with pytest.raises(InputError) as refused:
        people.put(keeper, doors, "jo", Wanted("Jo", ["officer"], [f"{wards.names[0]}x"]), version=0)
    assert refused.value.field == "areas"
    assert wards.names[0] in refused.value.message
    with pytest.raises(InputError):
        people.put(keeper, doors, "jo", Wanted("Jo", ["officer"], [f"nothing:{wards.codes[0]}"]), version=0)


@pytest.mark.parametrize(
    ("account_id", "wanted", "field"),
    [
        ("", ANALYST, "id"),
        ("oidc:77", ANALYST, "id"),
        ("jane doe", ANALYST, "id"),
        ("j" * 65, ANALYST, "id"),
        ("jаne", ANALYST, "id"),  # noqa: RUF001 - the second letter is of another script
        ("jane", Wanted("", ["analyst"]), "name"),
        ("jane", Wanted("Jane\x00", ["analyst"]), "name"),
        ("jane", Wanted("Jane", []), "roles"),
        ("jane", Wanted("Jane", ["root"]), "roles"),
        ("jane", Wanted("Jane", ["officer"], subject="a\nb"), "subject"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_field(
    keeper: Services, doors: Accounts, account_id: str, wanted: Wanted, field: str
) -> None:
    with pytest.raises(InputError) as refused:
        people.put(keeper, doors, account_id, wanted, version=0)
    assert refused.value.field == field
    assert people.accounts(keeper) == []


def test_a_weak_password_adds_no_account(keeper: Services, doors: Accounts) -> None:
    with pytest.raises(InputError):
        people.add_with_password(keeper, doors, "jane", ANALYST, "password1234")
    with pytest.raises(NotFoundError):
        people.account(keeper, "jane")
    with pytest.raises(NotFoundError):
        people.set_password(keeper, doors, "jane", PASSWORD)


def test_a_key_has_the_roles_of_its_owner_unless_it_is_given_fewer(keeper: Services, doors: Accounts) -> None:
    people.put(keeper, doors, "jane", Wanted("Jane", ["analyst", "officer"]), version=0)
    whole, described = people.make_key(keeper, doors, WantedKey("JANE", "script"))
    part, _ = people.make_key(keeper, doors, WantedKey("jane", "script", ["officer"], days=1))
    held = [doors.by_key(key) for key in (whole, part)]
    assert [one and one.roles for one in held] == [{Role.ANALYST, Role.OFFICER}, {Role.OFFICER}]
    with pytest.raises(InputError):
        people.make_key(keeper, doors, WantedKey("jane", "script", ["admin"]))
    people.revoke_key(keeper, doors, described.id)
    assert [key.revoked_at is None for key in people.keys(keeper, doors)].count(True) == 1
