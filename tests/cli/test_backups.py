"""`geo-service backup` and `restore`: with the data, what the public site needs to go on."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faults import leaks
from geo_service.app import open_area
from geo_service.releases import FOLDER, INBOX, InboxFolder, ReleaseFolder, WatchedReleases
from geo_service.settings import read_settings
from geo_service.web.public import create_public
from geo_service.workflows.keeping import history

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

AT = dt.datetime(2026, 11, 20, 12, 30, tzinfo=dt.UTC)


PAGES = ("/", "/place/nonesuch-01", "/ur/", "/embed", "/map.json", "/map.pmtiles", "/nowhere", "a search for the town")
FILES = ("safe-places.csv", "safe-places.geojson", "safe-places-open-referral.json")


@pytest.fixture(scope="module")
def area(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the demonstration area, and beside it a backup of it."""
    copy = Path(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("backed-up") / "area"))
    services = open_area(copy)
    history.backup(services, copy.with_name("backup"))
    services.close()
    return copy


def public_answers(area: Path) -> Mapping[str, leaks.Answer]:
    """Return pages, searches and files of the public site of a data directory with their headers, at one moment."""
    inbox = InboxFolder((area / FOLDER).parent / INBOX)
    assets = read_settings(area).assets_dir
    site = create_public(WatchedReleases(area / FOLDER), clock=lambda: AT, assets=assets, inbox=inbox)
    return leaks.ask_all(site, [*PAGES, *(f"/open-data/{name}" for name in FILES)])


def test_what_is_restored_serves_the_same_bytes_and_numbers_and_reports_go_on(
    say: Callable, demonstration_copy: Path, tmp_path: Path
) -> None:
    area, again = ("--data-dir", demonstration_copy), ("--data-dir", tmp_path / "again")
    assert say(*area, "safe-places", "publish", "--show-unverified", "--json").facts["number"] == 2
    say(*area, "safe-places", "use", 1)
    inbox = (demonstration_copy / FOLDER).parent / INBOX
    inbox.mkdir()
    report = {"place": "nonesuch-01", "reason": "hours", "words": "It is shut on Mondays", "day": "2026-11-19"}
    (inbox / "a1.json").write_text(json.dumps(report))
    before = public_answers(demonstration_copy)
    assert {answer.status for path, answer in before.items() if path != "/nowhere"} == {200}
    made = say(*area, "backup", tmp_path / "backup")
    assert "Public release 1, the one that is shown, is in it too.\n" in made.out
    assert "which nobody has taken in yet: 1.\n" in made.out
    shutil.rmtree(demonstration_copy)
    restored = say(*again, "restore", tmp_path / "backup", "--json").facts
    assert restored["public"] == {"release": 1, "reports": 1, "left_out": ""}
    assert public_answers(tmp_path / "again") == before
    looked = say(*again, "doctor", "--json")
    assert (looked.code, looked.facts["problems"], looked.facts["release"], looked.facts["reports"]) == (0, [], 1, 1)
    assert say(*again, "safe-places", "publish", "--show-unverified", "--json").facts["number"] == 3
    assert "It is shut on Mondays" in say(*again, "safe-places", "reports").out
    assert "Not found" not in say(*again, "safe-places", "use", 1).err


def test_a_damaged_release_is_named_and_the_data_are_backed_up_all_the_same(
    say: Callable, demonstration_copy: Path, tmp_path: Path
) -> None:
    (demonstration_copy / FOLDER / "000001" / "places.parquet").write_bytes(b"broken")
    area = ("--data-dir", demonstration_copy)
    looked = say(*area, "doctor")
    assert looked.code == 1
    assert "Public release 000001 is damaged: places.parquet" in looked.out
    made = say(*area, "backup", tmp_path / "backup")
    assert made.code == 0
    assert "No public release is in it. Public release 000001 is damaged: places.parquet" in made.out
    say("--data-dir", tmp_path / "again", "restore", tmp_path / "backup")
    assert say("--data-dir", tmp_path / "again", "safe-places", "publish", "--json").facts["number"] == 2


@pytest.mark.parametrize("step", ["write_folder", "write_file", "shutil.copystat"])
def test_a_disk_that_fails_leaves_no_half_backup_and_no_half_area(
    say: Callable, area: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"geo_service.releases.copies.{step}", full)
    for words in (
        ("--data-dir", area, "backup", tmp_path / "backup"),
        ("--data-dir", tmp_path / "again", "restore", area.with_name("backup")),
    ):
        failed = say(*words)
        assert failed.code == 1
        assert "No space left on device" in failed.err
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert ReleaseFolder(area / FOLDER).number() == 1
    assert ReleaseFolder(area.with_name("backup") / FOLDER).number() == 1
