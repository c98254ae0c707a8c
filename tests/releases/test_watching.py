"""The site follows the pointer, and a broken release never takes it down."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import DamagedFileError, NotFoundError
from geo_service.model.release import Gazetteer, NewRelease
from geo_service.releases import ReleaseFolder, WatchedReleases

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from geo_service.model.release import PublicRelease


@pytest.fixture
def folder(tmp_path: Path, new_release: Callable[..., NewRelease], made: dt.datetime) -> ReleaseFolder:
    """Return a folder of three releases, the second of which is shown."""
    shelf = ReleaseFolder(tmp_path / "releases")
    for name in ("First", "Second", "Third"):
        shelf.keep(new_release(name), made)
    shelf.use(2)
    return shelf


def break_release(folder: ReleaseFolder, number: int) -> None:
    (folder.path(number) / "places.parquet").write_bytes(b"broken")


def test_a_switch_shows_with_the_next_request(folder: ReleaseFolder) -> None:
    site = WatchedReleases(folder.root)
    shown = [site.current().number]
    for number in (3, 1):
        folder.use(number)
        shown.append(site.current().number)
    assert shown == [2, 3, 1]


def test_nothing_is_read_again_while_nothing_changes(folder: ReleaseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    site = WatchedReleases(folder.root)
    first = site.current()

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a file was opened for a request")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert site.current() is first


def test_a_broken_new_release_is_named_and_the_former_one_stays(
    folder: ReleaseFolder, caplog: pytest.LogCaptureFixture
) -> None:
    site = WatchedReleases(folder.root)
    folder.use(3)
    break_release(folder, 3)
    with caplog.at_level(logging.ERROR):
        assert [site.current().number for _ in range(3)] == [2, 2, 2]
    assert len(caplog.messages) == 1  # told once, not with each request
    assert "Public release 000003 is damaged: places.parquet" in caplog.messages[0]
    folder.use(1)
    assert site.current().number == 1


@pytest.mark.parametrize("content", [None, b"", b"no JSON", b'{"number": 99, "manifest": "x"}'])
def test_whatever_happens_to_the_pointer_the_site_goes_on(folder: ReleaseFolder, content: bytes | None) -> None:
    site = WatchedReleases(folder.root)
    pointer = folder.root / "current"
    pointer.unlink()
    if content is not None:
        pointer.write_bytes(content)
    assert site.current().number == 2


def test_a_site_that_starts_with_a_damaged_release_shows_the_one_before_and_never_one_after(
    folder: ReleaseFolder, caplog: pytest.LogCaptureFixture
) -> None:
    break_release(folder, 2)
    assert WatchedReleases(folder.root).current().number == 1
    assert "Public release 000002 is damaged" in caplog.messages[0]
    break_release(folder, 1)
    with pytest.raises(DamagedFileError, match="000002"):
        WatchedReleases(folder.root)


def test_a_place_that_the_damaged_release_no_longer_listed_is_not_shown_by_the_one_before(
    tmp_path: Path, new_release: Callable[..., NewRelease], made: dt.datetime
) -> None:
    folder = ReleaseFolder(tmp_path / "releases")
    folder.keep(new_release("Library", "Café", "Suspended since"), made)
    folder.keep(new_release("Library", "Café"), made)
    folder.use(2)
    break_release(folder, 2)
    shown = WatchedReleases(folder.root).current()
    assert (shown.number, shown.places.rows["name"].to_list()) == (1, ["Library", "Café"])
    assert len(shown.places.geometry) == 2
    assert not shown.open_data, "the files to download still name it"
    assert set(shown.pictures) == {"p0"}


@pytest.mark.parametrize("content", ['{"number": 2, "manifest": "x"}', '{"number": 2, "manifest": "x", "places": []}'])
def test_where_nothing_says_what_may_be_listed_no_earlier_release_is_shown(folder: ReleaseFolder, content: str) -> None:
    (folder.root / "current").write_text(content)
    with pytest.raises(DamagedFileError, match="000002"):
        WatchedReleases(folder.root)


def test_releases_of_the_same_streets_and_names_share_what_was_read_of_them(
    tmp_path: Path, new_release: Callable[..., NewRelease], made: dt.datetime
) -> None:
    folder = ReleaseFolder(tmp_path / "releases")
    first = new_release("First")
    second = new_release("Second")
    third = NewRelease(replace(second.release, ways=None, gazetteer=Gazetteer()), 7)
    for number, new in enumerate((first, second, third), start=1):
        folder.keep(new, made)
        if number == 1:
            folder.use(1)
    site = WatchedReleases(folder.root)
    shown = [site.current()]
    for number in (2, 3, 1):
        folder.use(number)
        shown.append(site.current())
    assert [release.number for release in shown] == [1, 2, 3, 1]
    assert shown[1].ways is shown[0].ways is shown[3].ways is not None
    assert shown[1].gazetteer is shown[0].gazetteer is shown[3].gazetteer
    assert shown[2].ways is None
    assert shown[2].gazetteer.postcodes.is_empty()


def test_a_site_without_any_release_says_how_to_publish(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="safe-places publish"):
        WatchedReleases(tmp_path)


def test_while_a_release_is_read_the_others_are_given_the_former(
    folder: ReleaseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = WatchedReleases(folder.root)
    folder.use(3)
    reading, go_on = threading.Event(), threading.Event()
    true = ReleaseFolder.current

    def slow(self: ReleaseFolder) -> PublicRelease:
        reading.set()
        assert go_on.wait(10)
        return true(self)

    monkeypatch.setattr(ReleaseFolder, "current", slow)
    found: list[int] = []
    reader = threading.Thread(target=lambda: found.append(site.current().number))
    reader.start()
    assert reading.wait(10)
    assert site.current().number == 2
    go_on.set()
    reader.join()
    assert found == [3]
    assert site.current().number == 3
