"""Groups of an organisation have the roles and areas that the file says, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo_service.accounts.groups import read_groups
from geo_service.errors import InputError, SignInError
from geo_service.model.access import Role

if TYPE_CHECKING:
    from pathlib import Path

FILE = """
claim = "realm.groups"
[roles]
"Patrol sergeants" = ["sergeant"]
Analysts = ["analyst", "officer"]
Keepers = ["admin"]
Auditors = ["auditor"]
[areas]
"Patrol sergeants" = ["W1", "W2"]
Analysts = "all"
"Ward three" = ["wards-2025:W3"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oidc-roles.toml"


def claims(*groups: str, **more: object) -> dict[str, Any]:
    return {"sub": "1", "realm": {"groups": list(groups)}, **more}


@pytest.mark.parametrize(
    ("groups", "roles", "areas"),
    [
        (["Patrol sergeants"], {Role.SERGEANT}, ("W1", "W2")),
        (["Patrol sergeants", "Ward three"], {Role.SERGEANT}, ("W1", "W2", "wards-2025:W3")),
        (["Patrol sergeants", "Analysts"], {Role.SERGEANT, Role.ANALYST, Role.OFFICER}, None),
        (["Keepers", "unknown"], {Role.ADMIN}, ()),
    ],
)
def test_somebody_has_what_their_groups_have_together(
    path: Path, groups: list[str], roles: set[Role], areas: tuple[str, ...] | None
) -> None:
    path.write_text(FILE, "utf-8")
    found = read_groups(path).principal(claims(*groups))
    assert (found.roles, found.areas, found.account) == (roles, areas, "oidc:1")


@pytest.mark.parametrize(
    "said",
    [
        claims("Ward three"),
        claims(),
        claims("Keepers", "Auditors"),
        {"sub": "1"},
        {"sub": "1", "realm": []},
        {"sub": "1", "groups": ["Keepers"]},
    ],
)
def test_nobody_without_a_role_and_nobody_with_two_that_exclude_each_other_comes_in(
    path: Path, said: dict[str, Any]
) -> None:
    path.write_text(FILE, "utf-8")
    with pytest.raises(SignInError):
        read_groups(path).principal(said)


def test_events_name_somebody_by_what_people_and_the_issuer_call_them(path: Path) -> None:
    path.write_text(FILE, "utf-8")
    groups = read_groups(path)
    assert groups.principal(claims("Keepers", preferred_username="jo")).name == "jo (oidc:1)"
    assert groups.principal(claims("Keepers", preferred_username="x\n", email="jo@example.org")).name == (
        "jo@example.org (oidc:1)"
    )
    assert groups.principal(claims("Keepers", preferred_username=7)).name == "oidc:1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "no group has a role"),
        ("[roles]\n", "no group has a role"),
        ("[roles\n", "Found"),
        ("colour = 1\n", "colour"),
        ("claim = 1\n", "claim"),
        ("roles = 1\n", "roles"),
        ('[roles]\nA = ["sergent"]\n', "No such role"),
        ('[roles]\nA = "sergeant"\n', "not a list of words"),
        ('[roles]\nA = ["admin", "auditor"]\n', "both admin and auditor"),
        ('[roles]\nA = ["officer"]\n[areas]\nA = "W1"\n', "not a list of words"),
        ('[roles]\nA = ["officer"]\n[areas]\nA = [""]\n', "not a list of words"),
    ],
)
def test_a_file_that_is_wrong_is_refused_and_says_where(path: Path, text: str, found: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=found):
        read_groups(path)


def test_a_file_that_is_not_there_is_asked_for(path: Path) -> None:
    with pytest.raises(InputError, match="not there"):
        read_groups(path)
