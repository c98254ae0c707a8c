"""Old releases go whole or not at all; the one that is shown, the one before it and those in use stay."""

from __future__ import annotations

import gc
import shutil
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import ConflictError, DamagedFileError, FaultError, NotFoundError
from geo_service.releases import ReleaseFolder, WatchedReleases

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.release import NewRelease

    Make = Callable[..., NewRelease]


@pytest.fixture
def folder(tmp_path: Path, new_release: Make, made: dt.datetime) -> ReleaseFolder:
    """Return a folder of six releases, the fourth of which is shown."""
    shelf = ReleaseFolder(tmp_path / "public" / "releases")
    for number in range(1, 7):
        shelf.keep(new_release(f"Place {number}"), made)
    shelf.use(4)
    return shelf


@pytest.mark.parametrize(("keep", "go"), [(1, [1, 2, 5]), (2, [1, 2]), (3, [1, 2]), (4, [1, 2]), (5, [1]), (6, [])])
def test_the_newest_the_one_that_is_shown_and_the_one_before_it_stay(
    folder: ReleaseFolder, keep: int, go: list[int]
) -> None:
    old = folder.old(keep)
    assert [release.number for release in old] == go
    for release in old:
        size = sum(path.stat().st_size for path in folder.path(release.number).rglob("*") if path.is_file())
        assert release.bytes == size > 0
        assert folder.remove(release.number)
    assert folder.numbers() == [number for number in range(1, 7) if number not in go]
    assert list(folder.old(keep)) == []
    assert [line.damage for line in folder.lines()] == [""] * (6 - len(go))
    assert folder.current().places.rows["name"].to_list() == ["Place 4"]


def test_what_is_shown_or_not_there_is_refused(folder: ReleaseFolder) -> None:
    with pytest.raises(ConflictError, match=r"cannot be removed\. Found: 4\. Show another first"):
        folder.remove(4)
    with pytest.raises(NotFoundError):
        folder.remove(9)
    assert folder.numbers() == [1, 2, 3, 4, 5, 6]


def test_nothing_goes_while_nobody_knows_which_is_shown(folder: ReleaseFolder) -> None:
    (folder.root / "current").write_bytes(b"{}")
    with pytest.raises(DamagedFileError):
        folder.old(1)
    with pytest.raises(DamagedFileError):
        folder.remove(1)
    assert folder.numbers() == [1, 2, 3, 4, 5, 6]


def test_a_release_that_a_site_serves_stays_until_the_site_has_switched(folder: ReleaseFolder) -> None:
    site = WatchedReleases(folder.root)
    folder.use(6)
    assert [(old.number, old.served) for old in folder.old(1)] == [(1, False), (2, False), (3, False), (4, True)]
    assert not folder.remove(4)
    begun = site.current()
    gc.collect()
    assert begun.number == 6
    assert folder.remove(4)


def test_a_request_that_began_before_a_switch_keeps_its_files(folder: ReleaseFolder) -> None:
    site = WatchedReleases(folder.root)
    begun = site.current()
    folder.use(6)
    assert site.current().number == 6
    assert not folder.remove(4)
    assert begun.basemap is not None
    assert begun.basemap.read_bytes() == b"PMTiles of nothing"
    del begun
    gc.collect()
    assert folder.remove(4)


def test_the_release_shown_in_place_of_a_damaged_one_stays(folder: ReleaseFolder) -> None:
    (folder.path(4) / "places.parquet").write_bytes(b"broken")
    site = WatchedReleases(folder.root)
    assert site.current().number == 3
    folder.use(6)
    assert not folder.remove(3)


def test_a_number_is_never_given_twice(folder: ReleaseFolder, new_release: Make, made: dt.datetime) -> None:
    for number in (5, 6):
        assert folder.remove(number)
    assert folder.keep(new_release("Next"), made).number == 7
    shutil.rmtree(folder.path(7))
    assert folder.keep(new_release("Next"), made).number == 8


@pytest.mark.parametrize("content", [b"", b"\xff", b"seven"])
def test_a_lost_count_goes_on_from_what_is_there(
    folder: ReleaseFolder, new_release: Make, made: dt.datetime, content: bytes
) -> None:
    (folder.root / "last").write_bytes(content)
    assert folder.keep(new_release("Next"), made).number == 7


@pytest.mark.parametrize(
    ("step", "left"),
    [("Path.rename", [2, 3, 4, 5, 6]), ("sync_directory", [3, 4, 5, 6]), ("shutil.rmtree", [3, 4, 5, 6])],
)
@pytest.mark.parametrize("how", [OSError(5, "Input/output error"), KeyboardInterrupt()], ids=["disk", "killed"])
def test_stopped_at_any_step_no_half_release_is_listed_and_the_next_writer_sweeps(  # noqa: PLR0913, PLR0917
    folder: ReleaseFolder,
    new_release: Make,
    made: dt.datetime,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    left: list[int],
    how: BaseException,
) -> None:
    def stop(*_: object) -> None:
        if step == "shutil.rmtree":
            next(folder.root.glob(".making-*/places.parquet")).unlink()
        raise how

    # The count of numbers is written before; what stops that is tried where releases are kept.
    monkeypatch.setattr("geo_service.releases.folder.write_file", lambda *_: None)
    monkeypatch.setattr(f"geo_service.releases.files.{step}", stop)
    with pytest.raises(FaultError if isinstance(how, OSError) else KeyboardInterrupt):
        folder.remove(2)
    monkeypatch.undo()
    assert folder.numbers() == [1, *left]
    assert [line.damage for line in folder.lines() if line.damage] == []
    assert WatchedReleases(folder.root).current().number == 4
    folder.keep(new_release("Next"), made)
    assert list(folder.root.glob(".making-*")) == []
