"""A release is kept whole, proved when it is opened, and never changed."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import polars as pl
import pytest
import shapely

from geo_service.errors import DamagedFileError, FaultError, NotFoundError
from geo_service.releases import ReleaseFolder

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.release import NewRelease

    Make = Callable[..., NewRelease]


@pytest.fixture
def folder(tmp_path: Path) -> ReleaseFolder:
    return ReleaseFolder(tmp_path / "public" / "releases")


@pytest.fixture
def published(folder: ReleaseFolder, new_release: Make, made: dt.datetime) -> ReleaseFolder:
    folder.keep(new_release(), made)
    folder.use(1)
    return folder


def test_what_is_kept_is_what_is_read(published: ReleaseFolder, new_release: Make, made: dt.datetime) -> None:
    kept, given = published.current(), new_release()
    assert (kept.number, kept.made, kept.area, kept.show_unverified) == (1, made, "Northmere", False)
    assert kept.places.rows.equals(given.release.places.rows)
    assert kept.places.rows.schema == given.release.places.rows.schema
    assert list(kept.places.geometry) == list(given.release.places.geometry)
    assert (kept.places.licences, kept.places.notes, kept.places.style) == (
        given.release.places.licences, given.release.places.notes, given.release.places.style,
    )  # fmt: skip
    assert kept.places.provenance.demonstration
    assert kept.gazetteer.postcodes.equals(given.release.gazetteer.postcodes)
    assert kept.gazetteer.towns.schema == {"name": pl.String, "lon": pl.Float64, "lat": pl.Float64}
    assert kept.ways is not None
    assert shapely.to_wkt(kept.ways.lines[0]) == "LINESTRING (0 0, 0 10)"
    assert (kept.ways.classes, kept.ways.names) == (("residential",), ("Quay Street",))
    assert kept.basemap is not None
    assert kept.basemap.read_bytes() == b"PMTiles of nothing"
    assert {name: path.read_bytes() for name, path in kept.pictures.items()} == {"p0": b"a door"}
    assert {name: path.read_bytes() for name, path in kept.open_data.items()} == {"safe-places.csv": b"release\n1\n"}
    assert kept.all_licences == ("Invented for tests.", "Postcodes invented for tests.")


def test_the_public_sees_the_number_of_the_release_and_not_the_version_of_the_data(published: ReleaseFolder) -> None:
    assert published.current().places.provenance.data_version == 1
    assert published.lines()[0].data_version == 7


def test_the_manifest_says_public_and_the_hash_of_every_file(published: ReleaseFolder) -> None:
    said = json.loads((published.path(1) / "manifest.json").read_bytes())
    there = {str(path.relative_to(published.path(1))) for path in published.path(1).rglob("*") if path.is_file()}
    assert said["marking"] == "PUBLIC"
    assert set(said["files"]) == there - {"manifest.json", "manifest.sha256"}


def test_whoever_serves_may_read_all_of_it_and_nobody_else_may_write(published: ReleaseFolder) -> None:
    modes = {
        stat.S_IMODE(path.stat().st_mode)
        for path in [published.root, *published.root.rglob("*")]
        if path.name != ".lock"
    }
    assert modes == {0o755, 0o644}


def test_the_same_release_is_the_same_bytes(
    folder: ReleaseFolder, new_release: Make, made: dt.datetime, tmp_path: Path
) -> None:
    other = ReleaseFolder(tmp_path / "other")
    for shelf in (folder, other):
        shelf.keep(new_release(), made)
    first, second = (
        {path.name: path.read_bytes() for path in shelf.path(1).rglob("*") if path.is_file()}
        for shelf in (folder, other)
    )
    assert first == second


def test_numbers_rise_and_nothing_is_shown_before_it_is_said(
    published: ReleaseFolder, new_release: Make, made: dt.datetime
) -> None:
    assert published.keep(new_release("Other"), made).number == 2
    assert published.current().number == 1
    assert [(line.number, line.places, line.current) for line in published.lines()] == [(1, 3, True), (2, 1, False)]


def test_going_back_shows_the_former_as_it_was(published: ReleaseFolder, new_release: Make, made: dt.datetime) -> None:
    before = {path: path.read_bytes() for path in published.path(1).rglob("*") if path.is_file()}
    published.keep(new_release("Other"), made)
    published.use(2)
    published.use(1)
    assert published.current().number == 1
    assert {path: path.read_bytes() for path in published.path(1).rglob("*") if path.is_file()} == before


def test_a_release_that_says_the_same_is_known(published: ReleaseFolder, new_release: Make) -> None:
    assert published.shows(new_release())
    assert not published.shows(new_release("Other"))


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "places.parquet", "postcodes.parquet", "ways.parquet", "basemap.pmtiles",
     "open-data/safe-places.csv", "pictures/p0.jpg"],
)  # fmt: skip
def test_a_changed_byte_anywhere_is_found_and_the_file_named(published: ReleaseFolder, name: str) -> None:
    path = published.path(1) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DamagedFileError, match=f"Public release 000001 is damaged: {name}"):
        published.current()
    assert name in published.lines()[0].damage


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256", "towns.parquet"])
def test_a_missing_file_is_named(published: ReleaseFolder, name: str) -> None:
    (published.path(1) / name).unlink()
    with pytest.raises(DamagedFileError, match="manifest.json" if name.startswith("manifest") else name):
        published.read(1)


def test_another_release_under_its_number_is_refused(
    published: ReleaseFolder, new_release: Make, made: dt.datetime
) -> None:
    published.keep(new_release("Other"), made)
    published.path(1).rename(published.root / "away")
    published.path(2).rename(published.path(1))
    with pytest.raises(DamagedFileError, match=r"Public release 000001 is damaged"):
        published.current()
    with pytest.raises(DamagedFileError, match="the one of release 2"):
        published.use(1)


def test_a_damaged_release_is_not_shown_when_it_is_asked_for(
    published: ReleaseFolder, new_release: Make, made: dt.datetime
) -> None:
    published.keep(new_release("Other"), made)
    (published.path(2) / "places.parquet").write_bytes(b"")
    with pytest.raises(DamagedFileError, match="Public release 000002"):
        published.use(2)
    assert published.current().number == 1


def test_before_the_first_release_it_says_how_to_publish(folder: ReleaseFolder) -> None:
    with pytest.raises(NotFoundError, match="safe-places publish"):
        folder.current()
    assert list(folder.lines()) == []


def test_an_unknown_number_is_refused_with_those_that_are_there(published: ReleaseFolder) -> None:
    with pytest.raises(NotFoundError, match=r"Found: 9\. There are: 1"):
        published.use(9)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"number": null, "manifest": "x"}'])
def test_an_unreadable_pointer_is_named(published: ReleaseFolder, content: bytes) -> None:
    (published.root / "current").write_bytes(content)
    with pytest.raises(DamagedFileError, match="safe-places use NUMBER"):
        published.current()
    published.use(1)
    assert published.current().number == 1


def test_a_write_that_fails_leaves_nothing_behind(
    published: ReleaseFolder, new_release: Make, made: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(path.name for path in published.root.iterdir())

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("geo_service.releases.files.os.fsync", full)
    with pytest.raises(FaultError, match="Free some space"):
        published.keep(new_release("Other"), made)
    monkeypatch.undo()
    assert sorted(path.name for path in published.root.iterdir()) == before
    assert published.current().number == 1


def test_what_a_killed_program_left_half_made_is_swept_and_never_listed(
    published: ReleaseFolder, new_release: Make, made: dt.datetime
) -> None:
    half = published.root / ".making-abc"
    half.mkdir()
    (half / "places.parquet").write_bytes(b"half")
    assert published.numbers() == [1]
    published.keep(new_release("Other"), made)
    assert not half.exists()
