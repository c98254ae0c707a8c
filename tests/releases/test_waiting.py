"""The files that the public site left: read as anybody's words, and removed once they were taken in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from geo_service.releases.waiting import WaitingReports

if TYPE_CHECKING:
    from pathlib import Path

SAID = {"place": "p1", "reason": "closed", "words": "The door was locked", "day": "2026-11-20"}


def test_reports_are_listed_by_day_and_removed(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps(SAID))
    (tmp_path / "a.json").write_text(json.dumps(SAID | {"day": "2026-11-21"}))
    reports = WaitingReports(tmp_path)
    assert [(one.key, one.day) for one in reports.waiting()] == [("b", "2026-11-20"), ("a", "2026-11-21")]
    reports.discard(["b", "../a", "none"])
    assert [one.key for one in reports.waiting()] == ["a"]


def test_what_is_no_report_is_left_out(tmp_path: Path) -> None:
    for name, content in {"x": "[", "y": "[1]", "z": '"word"', "big": "x" * 30_000}.items():
        (tmp_path / f"{name}.json").write_text(content)
    (tmp_path / "half.part").write_text(json.dumps(SAID))
    (tmp_path / "link.json").symlink_to(tmp_path / "half.part")
    assert WaitingReports(tmp_path).waiting() == []
    assert WaitingReports(tmp_path / "nowhere").waiting() == []
