"""Reports that a place is wrong: small files that the coordinator's side takes in, and no more than a few."""

from __future__ import annotations

import datetime as dt
import json
import stat
from typing import TYPE_CHECKING

from geo_service.model.place_reports import PlaceReport
from geo_service.releases import InboxFolder, WaitingReports

if TYPE_CHECKING:
    from pathlib import Path

REPORT = PlaceReport("p1", "hours", "Żle, ਗਲਤ", dt.date(2025, 6, 3))


def test_a_report_is_one_small_file_that_the_other_side_reads(tmp_path: Path) -> None:
    folder = tmp_path / "public" / "inbox"
    assert InboxFolder(folder).put(REPORT, "192.0.2.1")
    (found,) = WaitingReports(folder).waiting()
    assert (found.place, found.reason, found.words, found.day) == ("p1", "hours", "Żle, ਗਲਤ", "2025-06-03")


def test_nothing_of_a_file_says_who_wrote_it_or_at_what_hour(tmp_path: Path) -> None:
    InboxFolder(tmp_path).put(REPORT, "192.0.2.1")
    (file,) = tmp_path.iterdir()
    assert set(json.loads(file.read_text("utf-8"))) == {"place", "reason", "words", "day"}
    written = dt.datetime.fromtimestamp(file.stat().st_mtime)  # noqa: DTZ006 - the system's own clock
    assert written == dt.datetime(2025, 6, 3)  # noqa: DTZ001 - as above


def test_only_the_two_users_group_reads_what_people_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    InboxFolder(folder).put(REPORT, "192.0.2.1")
    (file,) = folder.iterdir()
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o770, 0o640)


def test_a_folder_that_somebody_prepared_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    InboxFolder(tmp_path).put(REPORT, "192.0.2.1")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o2770


def test_where_many_wait_a_few_more_of_each_sender_are_taken(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"{number}.json").touch()
    inbox = InboxFolder(tmp_path)
    assert [inbox.put(REPORT, "192.0.2.1") for _ in range(6)] == [True] * 5 + [False]
    assert inbox.put(REPORT, "192.0.2.2")


def test_a_full_folder_and_one_that_may_not_be_written_take_none(tmp_path: Path) -> None:
    for number in range(1_000):
        (tmp_path / f"{number}.json").touch()
    assert not InboxFolder(tmp_path).put(REPORT, "192.0.2.1")
    (tmp_path / "file").write_text("no folder")
    assert not InboxFolder(tmp_path / "file").put(REPORT, "192.0.2.1")
