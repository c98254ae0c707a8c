"""The files that the public site left: read as anybody's words, and removed once they were taken in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_service.errors import FaultError
from geo_service.releases.waiting import WaitingReports

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


def test_a_folder_or_a_file_that_this_user_may_not_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs the tests may be allowed everything: the system's answers stand in for a folder of others.
    (tmp_path / "a.json").write_text(json.dumps(SAID))
    with monkeypatch.context() as other:
        other.setattr("os.access", lambda *_: False)
        with pytest.raises(FaultError, match="one group"):
            WaitingReports(tmp_path).waiting()

    def refuse(self: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(FaultError, match=r"a\.json"):
        WaitingReports(tmp_path).waiting()
