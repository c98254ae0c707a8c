"""What a backup holds of the public site, and what is restored from it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from geo_service.releases import FOLDER, ReleaseFolder

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.release import NewRelease

    Make = Callable[..., NewRelease]


@pytest.fixture
def area(tmp_path: Path, new_release: Make, made: dt.datetime) -> Path:
    """Return a data directory with three releases, the second of which is shown, two reports and a picture."""
    root = tmp_path / "area"
    folder = ReleaseFolder(root / FOLDER)
    for name in ("First", "Second", "Third"):
        folder.keep(new_release(name), made)
    folder.use(2)
    for beside, name in (("inbox", "a.json"), ("inbox", "b.json"), ("inbox", "c.part"), ("pictures", "p0.jpg")):
        (folder.root.parent / beside).mkdir(exist_ok=True)
        (folder.root.parent / beside / name).write_text(name)
    (folder.root.parent / "inbox").chmod(0o770)
    (folder.root.parent / "inbox/a.json").chmod(0o640)
    os.utime(folder.root.parent / "inbox/a.json", (86_400, 86_400))
    return root


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_release_that_is_shown_goes_with_the_count_the_reports_and_the_pictures(area: Path, tmp_path: Path) -> None:
    said = ReleaseFolder(area / FOLDER).copy_to(tmp_path / "backup")
    assert said == (2, 2, "")
    held = files(area)
    wanted = {name for name in held if "000001" not in name and "000003" not in name and not name.endswith(".part")}
    assert files(tmp_path / "backup") == {name: held[name] for name in wanted}
    report = tmp_path / "backup/public/inbox/a.json"
    assert (stat.S_IMODE(report.stat().st_mode), report.stat().st_mtime) == (0o640, 86_400)
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o770


def test_what_is_restored_shows_the_same_and_numbers_go_on(
    area: Path, tmp_path: Path, new_release: Make, made: dt.datetime
) -> None:
    ReleaseFolder(area / FOLDER).copy_to(tmp_path / "backup")
    again = ReleaseFolder(tmp_path / "again" / FOLDER)
    assert ReleaseFolder(tmp_path / "backup" / FOLDER).copy_to(tmp_path / "again") == (2, 2, "")
    assert files(tmp_path / "again") == files(tmp_path / "backup")
    assert again.current().places.rows["name"].to_list() == ["Second"]
    assert again.keep(new_release("Fourth"), made).number == 4


@pytest.mark.parametrize("harm", ["file", "pointer", "gone"])
def test_a_damaged_release_is_left_out_by_name_and_the_rest_goes(
    area: Path, tmp_path: Path, harm: str, new_release: Make, made: dt.datetime
) -> None:
    folder = ReleaseFolder(area / FOLDER)
    if harm == "file":
        (folder.path(2) / "places.parquet").write_bytes(b"broken")
    elif harm == "pointer":
        (folder.root / "current").write_bytes(b"broken")
    else:
        folder.path(2).rename(tmp_path / "away")
    said = folder.copy_to(tmp_path / "backup")
    assert (said.release, said.reports) == (None, 2)
    assert ("Public release 000002 is damaged" if harm != "pointer" else "cannot be read") in said.left_out
    copy = ReleaseFolder(tmp_path / "backup" / FOLDER)
    assert (copy.numbers(), copy.number()) == ([], None)
    assert copy.keep(new_release("Next"), made).number == 4


def test_where_nothing_was_published_nothing_is_copied(tmp_path: Path) -> None:
    assert ReleaseFolder(tmp_path / "area" / FOLDER).copy_to(tmp_path / "backup") == (None, 0, "")
    assert not (tmp_path / "backup").exists()
