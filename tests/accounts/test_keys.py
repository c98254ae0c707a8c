"""An API key opens what it and its owner both have, until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.people import KEEPER
from geo_service.errors import ConflictError, InputError, NotFoundError
from geo_service.model.access import Principal, Role
from geo_service.model.accounts import KeyRequest

if TYPE_CHECKING:
    from faults.people import House

ANALYST, OFFICER = Role.ANALYST, Role.OFFICER


@pytest.mark.parametrize(
    ("owner", "key", "both"),
    [
        (None, None, None),
        (None, ("W1",), ("W1",)),
        (("W1", "W2"), None, ("W1", "W2")),
        (("W1", "W2"), ("w2",), ("w2",)),
        ((), None, ()),
        (("W1",), (), ()),
    ],
)
def test_a_key_opens_the_areas_that_both_have(
    house: House,
    owner: tuple[str, ...] | None,
    key: tuple[str, ...] | None,
    both: tuple[str, ...] | None,
) -> None:
    house.add("jane", ANALYST, OFFICER, areas=owner)
    secret, key_id = house.key("jane", OFFICER, areas=key)
    held = house.authority.by_key(secret)
    assert held == Principal(f"jane, API key {key_id}", frozenset({OFFICER}), both, "jane")


def test_what_is_taken_from_its_owner_is_taken_from_the_key_at_once(house: House) -> None:
    house.add("jane", ANALYST, OFFICER, areas=("W1", "W2"))
    secret, _ = house.key("jane", ANALYST, OFFICER, areas=("W1",))
    house.change("jane", roles=["officer"], areas=["W2"])
    held = house.authority.by_key(secret)
    assert held is not None
    assert (held.roles, held.areas) == (frozenset({OFFICER}), ())
    house.change("jane", roles=["officer", "analyst", "admin"], areas=None)
    held = house.authority.by_key(secret)
    assert held is not None
    assert (held.roles, held.areas) == (frozenset({OFFICER, ANALYST}), ("W1",))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"roles": frozenset({Role.ADMIN})}, "roles"),
        ({"roles": frozenset()}, "roles"),
        ({"areas": ("W2",)}, "areas"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
    ],
)
def test_a_key_that_would_be_more_than_its_owner_or_last_too_long_is_not_made(
    house: House, said: dict[str, object], field: str
) -> None:
    house.add("jane", areas=("W1",))
    wanted = {"account": "jane", "name": "x", "roles": frozenset({ANALYST}), "areas": None, "days": 1} | said
    with pytest.raises(InputError) as refused:
        house.authority.make_key(KeyRequest(**wanted), KEEPER)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert house.authority.keys() == []


def test_a_key_needs_an_owner(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.key("nobody")


def test_making_and_revoking_are_one_event_each_and_show_no_key(house: House) -> None:
    house.add("jane")
    before = len(house.events())
    secret, key_id = house.key("jane")
    house.authority.by_key(secret)
    house.authority.revoke_key(key_id, KEEPER)
    made = house.events()[before:]
    assert [(event.act, event.what) for event in made] == [
        ("alteration: API key made", f"key {key_id}"),
        ("alteration: API key revoked", f"key {key_id}"),
    ]
    assert secret not in str(made)
    assert house.authority.by_key(secret) is None
    with pytest.raises(ConflictError):
        house.authority.revoke_key(key_id, KEEPER)
    with pytest.raises(NotFoundError):
        house.authority.revoke_key("no such", KEEPER)


def test_keys_are_listed_without_what_opens(house: House) -> None:
    house.add("jane")
    made = [house.key("jane", days=366) for _ in range(3)]
    listed = house.authority.keys()
    assert {key.id for key in listed} == {key_id for _, key_id in made}
    assert not any(secret in str(listed) for secret, _ in made)
    assert {(key.expires_at - key.made_at).days for key in listed} == {366}
