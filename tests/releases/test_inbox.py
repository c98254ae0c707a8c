"""Reports that a place is wrong: small files that the coordinator's side takes in, and no more than a few."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from geo_service.model.place_reports import PlaceReport
from geo_service.releases import InboxFolder, WaitingReports

if TYPE_CHECKING:
    from pathlib import Path

REPORT = PlaceReport("p1", "hours", "Żle, ਗਲਤ", dt.date(2025, 6, 3))


def test_a_report_is_one_small_file_that_the_other_side_reads(tmp_path: Path) -> None:
    folder = tmp_path / "public" / "inbox"
    assert InboxFolder(folder).put(REPORT)
    (found,) = WaitingReports(folder).waiting()
    assert (found.place, found.reason, found.words, found.day) == ("p1", "hours", "Żle, ਗਲਤ", "2025-06-03")


def test_nothing_of_a_file_says_who_wrote_it_or_at_what_hour(tmp_path: Path) -> None:
    InboxFolder(tmp_path).put(REPORT)
    (file,) = tmp_path.iterdir()
    assert set(json.loads(file.read_text("utf-8"))) == {"place", "reason", "words", "day"}
    written = dt.datetime.fromtimestamp(file.stat().st_mtime)  # noqa: DTZ006 - the system's own clock
    assert written == dt.datetime(2025, 6, 3)  # noqa: DTZ001 - as above


def test_no_more_than_sixty_an_hour_are_kept_from_everybody_together(tmp_path: Path) -> None:
    inbox = InboxFolder(tmp_path)
    assert [inbox.put(REPORT) for _ in range(61)] == [True] * 60 + [False]
    assert len(list(tmp_path.iterdir())) == 60


def test_a_full_folder_and_one_that_may_not_be_written_take_none(tmp_path: Path) -> None:
    for number in range(1_000):
        (tmp_path / f"{number}.json").touch()
    assert not InboxFolder(tmp_path).put(REPORT)
    (tmp_path / "file").write_text("no folder")
    assert not InboxFolder(tmp_path / "file").put(REPORT)
