"""Accounts and keys by command: in words and as JSON, and no password among the arguments."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from geo_service.app import wire
from geo_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PASSWORD = "three odd penguins"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that puts words on standard input."""
    return lambda words: monkeypatch.setattr(sys, "stdin", io.StringIO(words))


def test_an_account_lives_from_its_first_password_to_its_last_day(
    say: Callable[..., Any], typed: Callable[[str], None], tmp_path: Path
) -> None:
    at = ("--data-dir", tmp_path / "data")
    typed(f"{PASSWORD}\n")
    added = say(*at, "accounts", "add", "Jane", "--name", "Jane Doe", "--role", "analyst", "--role", "officer",
                "--whole-force", "--password-stdin", "--json")  # fmt: skip
    assert added.facts == {
        "id": "jane",
        "name": "Jane Doe",
        "roles": ["analyst", "officer"],
        "areas": None,
        "active": True,
        "subject": "",
        "version": 1,
    }
    changed = say(*at, "accounts", "change", "jane", "--role", "officer", "--version", "1", "--json").facts
    assert (changed["roles"], changed["version"]) == (["officer"], 2)
    office = wire(Settings(data_dir=tmp_path / "data"))
    token = office.authority().sign_in("jane", PASSWORD)
    typed("four even ostriches\n")
    assert say(*at, "accounts", "password", "jane", "--password-stdin").code == 0
    assert office.authority().by_session(token) is None
    assert office.authority().sign_in("jane", "four even ostriches")
    office.doers.close()
    assert say(*at, "accounts", "disable", "jane").out == "jane is disabled.\n"
    listed = say(*at, "accounts", "list")
    assert listed.out.splitlines()[1].split() == ["jane", "Jane", "Doe", "officer", "whole", "force", "no", "3"]
    assert say(*at, "accounts", "change", "jane", "--enable", "--json").facts["active"] is True
    assert PASSWORD not in str(say(*at, "accounts", "list", "--json").facts)


def test_a_key_is_shown_once_and_ends_when_it_is_revoked(say: Callable[..., Any], tmp_path: Path) -> None:
    at = ("--data-dir", tmp_path / "data")
    say(*at, "accounts", "add", "jane", "--name", "Jane", "--role", "analyst", "--whole-force", "--no-password")
    made = say(*at, "keys", "add", "jane", "--name", "nightly", "--days", "7", "--json").facts
    assert made["key"].startswith(f"gsk_{made['id']}_")
    listed = say(*at, "keys", "list", "--json")
    assert made["key"] not in listed.out
    (only,) = listed.facts["keys"]
    assert (only["account"], only["name"], only["roles"], only["revoked_at"]) == ("jane", "nightly", ["analyst"], None)
    assert say(*at, "keys", "revoke", made["id"]).code == 0
    assert say(*at, "keys", "list", "--json").facts["keys"][0]["revoked_at"] is not None


def test_what_is_wrong_is_said_on_one_line(
    refused: Callable[..., str], say: Callable[..., Any], typed: Callable[[str], None], tmp_path: Path
) -> None:
    at = ("--data-dir", tmp_path / "data")
    add = (*at, "accounts", "add", "jane", "--name", "Jane")
    assert "No areas" in refused(*add, "--role", "analyst", "--no-password")
    assert "exclude each other" in refused(*add, "--role", "analyst", "--area", "W1", "--whole-force", "--no-password")
    assert "needs a role" in refused(*add, "--whole-force", "--no-password")
    both = ("--role", "admin", "--role", "auditor")
    assert "both admin and auditor" in refused(*add, *both, "--whole-force", "--no-password")
    typed("")
    assert "too short" in refused(*add, "--role", "analyst", "--whole-force", "--password-stdin")
    assert "nobody to type" in refused(*add, "--role", "analyst", "--whole-force")
    assert say(*at, "accounts", "list", "--json").facts == {"accounts": []}
    assert "No account" in refused(*at, "accounts", "disable", "nobody")
    assert "No API key" in refused(*at, "keys", "revoke", "nothing")
    assert say(*add, "--role", "analyst", "--whole-force", "--no-password").code == 0
    assert "there already" in refused(*add, "--role", "analyst", "--whole-force", "--no-password")
    assert "changed meanwhile" in refused(*at, "accounts", "change", "jane", "--name", "J", "--version", "7")


def test_no_command_takes_a_password_or_key_as_an_argument(say: Callable[..., Any]) -> None:
    for words in (("accounts", "add"), ("accounts", "password"), ("keys", "add")):
        shown = say(*words, "--help").out
        assert "--password-stdin" in shown or words[0] == "keys"
        assert "--password " not in shown
        assert "PASSWORD" not in shown
