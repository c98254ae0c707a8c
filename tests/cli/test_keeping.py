"""`geo-service retention`, `erase`, `backup`, `restore` and `ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRONG = {
    "nothing to erase": (["erase"], "Say one thing to erase"),
    "two things to erase": (["erase", "--due", "--backups"], "Say one thing to erase. Found: --due and --backups."),
    "half a period": (["erase", "--from", "2025-01"], "Both ends of the months are needed. Add --from and --to."),
    "a period backwards": (["erase", "--from", "2025-02", "--to", "2025-01"], "The period ends before it begins."),
    "a number that a script forgot": (["erase", "--crime", ""], "A crime number is empty."),
    "no reason": (["erase", "--crime", "X/1", "--yes"], "An erasure needs a reason."),
    "a list that is not there": (["erase", "--crimes-from", "nothing.txt"], "The list cannot be read."),
    "a backup that nobody made": (["erase", "--destroyed", "nothing"], "No backup of that name is known."),
    "a revision to come": (["ledger", "migrate", "--to", "99"], "No revision of that name. Found: 99."),
    "a file for a database": (["ledger", "copy", "sqlite:///x"], "cannot be kept in that kind of database"),
    "a backup into itself": (["backup", "DATA/x"], "A backup cannot lie in the data directory itself."),
}


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_word_is_refused_in_one_message_and_changes_nothing(
    slip: str, refused: Callable[..., str], say: Callable, demonstration_dir: Path
) -> None:
    words, expected = WRONG[slip]
    words = [word.replace("DATA", str(demonstration_dir)) for word in words]
    before = say("--data-dir", demonstration_dir, "versions", "--json").out
    assert expected in refused("--data-dir", demonstration_dir, *words)
    assert say("--data-dir", demonstration_dir, "versions", "--json").out == before


def test_retention_lists_every_kind_with_its_rule(say: Callable, demonstration_dir: Path) -> None:
    facts = say("--data-dir", demonstration_dir, "retention", "--json").facts
    assert list(facts) == ["kinds", "backups"]
    assert list(facts["kinds"][0]) == ["kind", "title", "keep", "why", "oldest", "due_before", "held", "due"]
    words = say("--data-dir", demonstration_dir, "retention").out
    assert words.splitlines()[0].split() == ["kind", "kept", "for", "oldest", "due", "before", "held", "due"]
    assert all(kind["title"] in words and kind["keep"] in words for kind in facts["kinds"])


def test_an_incident_is_erased_after_a_look_and_what_was_before_says_so(
    say: Callable, refused: Callable[..., str], demonstration_copy: Path, tmp_path: Path
) -> None:
    area = ["--data-dir", demonstration_copy]
    services = open_area(demonstration_copy)
    number = services.store.snapshot().incidents(["crime_id"])["crime_id"].drop_nulls()[0]
    newest = services.store.snapshot().version
    services.close()
    assert say(*area, "backup", tmp_path / "backup", "--json").facts["version"] == newest
    looked = say(*area, "erase", "--crime", number, "--json").facts
    assert (looked["erased"], looked["erasure"], looked["incidents"], looked["floor"]) == (False, None, 1, newest + 1)
    assert "Nothing was changed yet" in say(*area, "erase", "--crime", number).out
    done = say(*area, "erase", "--crime", number, "--reason", "a test", "--yes")
    assert done.code == 0
    assert f"Data version {newest + 1} takes the place of those before." in done.out
    again = say(*area, "erase", "--crime", number, "--reason", "a test", "--yes", "--json").facts
    assert (again["erased"], again["erasure"], again["incidents"]) == (True, None, 0)
    assert "can no longer be asked for: it was erased on" in refused(*area, "issues", "--version", 1)
    assert "cannot be undone: what was before it was erased on" in refused(*area, "undo", 1)
    restored = say("--data-dir", tmp_path / "again", "restore", tmp_path / "backup", "--json").facts
    assert restored["version"] == newest + 1
    for folder in (demonstration_copy, tmp_path / "again"):
        assert say("--data-dir", folder, "doctor").code == 0


def test_a_backup_that_is_away_is_named_until_it_is_said_to_be_destroyed(
    say: Callable, refused: Callable[..., str], demonstration_copy: Path, tmp_path: Path
) -> None:
    area, backup = ["--data-dir", demonstration_copy], tmp_path / "backup"
    say(*area, "backup", backup)
    assert "That backup is still there." in refused(*area, "erase", "--destroyed", backup)
    backup.rename(tmp_path / "away")
    done = say(*area, "erase", "--crime", "X/1", "--reason", "a test", "--yes")
    assert "Still to do" in done.out
    assert str(backup) in done.out
    assert str(backup) in say(*area, "retention").out
    assert say(*area, "erase", "--backups", "--json").facts["backups"][0]["behind"] == 1
    assert say(*area, "erase", "--destroyed", backup).out == f"{backup} is off the list.\n"
    assert say(*area, "erase", "--backups").out == "Every backup that is known has been erased in.\n"


def test_a_ledger_that_an_earlier_layout_cannot_hold_stays_as_it_is(
    say: Callable, refused: Callable[..., str], demonstration_dir: Path
) -> None:
    area = ["--data-dir", demonstration_dir]
    assert "cannot be led back to revision 2" in refused(*area, "ledger", "migrate", "--to", "2")
    facts = say(*area, "ledger", "migrate", "--json").facts
    assert facts["before"] == facts["after"]
    assert say(*area, "doctor").code == 0
