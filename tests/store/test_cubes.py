"""The cube is the incidents, counted, and it is never wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from geo_service.errors import NotFoundError
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.cells import DenseCounts, SparseCounts
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS
from geo_service.model.periods import Month, Period
from geo_service.spatial import CubeBuilder, binning
from geo_service.store import cube_files
from geo_service.store.cubes import CubeShelf, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store import DiskStore
    from geo_service.store import DiskStore as Store

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
FORCE = "incidents/force_csv/demonstration/0"
AUTHOR = Principal("analyst", OPERATOR)


def test_the_cube_counts_what_a_group_by_counts(
    any_store: Store,
    put: Callable[..., Version | None],
    make_incidents: Callable[..., pl.DataFrame],
    make_boundary_set: Callable[..., BoundarySet],
    members: Callable[..., np.ndarray],
) -> None:
    months = tuple(f"2024-{month:02d}" for month in range(3, 12))
    frames = {
        f"incidents/police_uk/somewhere/{month}": make_incidents(number, 300, (month,))
        for number, month in enumerate(months[::2])
    } | {FORCE: make_incidents(77, 900, months, numbered=True)}
    wards = make_boundary_set()
    put(any_store, frames, boundary_sets=(wards,))
    snapshot = any_store.snapshot()
    rows = pl.concat(
        frame.with_columns(member=pl.Series(members(frame, wards), dtype=pl.Int32)) for frame in frames.values()
    )
    rng = np.random.default_rng(20)
    for resolution, column in CELL_COLUMNS.items():
        cube = snapshot.cube(resolution, "wards")
        for _ in range(4):
            first, last = sorted(
                rng.integers(Month.parse("2024-03").ordinal, Month.parse("2024-12").ordinal, 2).tolist()
            )
            key = [*GROUP_COLUMNS, "member", "cell"]
            wanted = (
                rows.filter(pl.col("month").is_between(first, last))
                .rename({column: "cell"})
                .group_by(key)
                .agg(n=pl.len().cast(pl.Int64))
            )
            counted = cube.window(Period(Month(first), Month(last)))
            at = counted > 0
            found = cube.groups[cube.group[at].tolist()].with_columns(
                member=pl.Series(cube.member[at], dtype=pl.Int32),
                cell=pl.Series(cube.cell[at], dtype=pl.UInt64),
                n=pl.Series(counted[at], dtype=pl.Int64),
            )
            assert_frame_equal(found, wanted.select(found.columns), check_row_order=False)


def test_a_cube_without_a_boundary_set_counts_every_row_once(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    cube = any_store.snapshot().cube(9)
    assert cube.totals.sum() == jan.height
    assert set(cube.member.tolist()) == {-1}
    with pytest.raises(NotFoundError, match="wards"):
        any_store.snapshot().cube(9, "lsoas")


def test_versions_with_the_same_data_share_a_cube(
    store: DiskStore, put: Callable[..., Version | None], data_dir: Path, jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    put(store, {JAN: jan})
    store.snapshot().cube(10)
    put(store, {FEB: feb})
    store.snapshot().cube(10)
    store.undo(2, AUTHOR)
    assert store.snapshot().cube(10) is store.snapshot(1).cube(10)
    assert len(list((data_dir / "cubes").iterdir())) == 2


@pytest.mark.parametrize("part", ["prefix.bin", "cell.bin", "steps.bin", "groups.parquet", "manifest.json"])
@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_damaged_cube_is_built_again(
    filled: DiskStore, reopen: Callable[[], DiskStore], data_dir: Path, part: str, harm: str
) -> None:
    right = filled.snapshot().cube(10).totals
    (path,) = (data_dir / "cubes").glob(f"*/{part}")
    content = path.read_bytes()
    if harm == "remove":
        path.unlink()
    else:
        middle = len(content) // 2
        flip = bytes([content[middle] ^ 4])
        path.write_bytes(content[:middle] + (flip + content[middle + 1 :] if harm == "flip" else b""))
    np.testing.assert_array_equal(reopen().snapshot().cube(10).totals, right)
    assert path.read_bytes() == content
    assert [entry for entry in (data_dir / "tmp").iterdir() if entry.is_dir()] == []


def test_a_cube_that_is_damaged_while_it_is_open_is_built_again(filled: DiskStore, data_dir: Path) -> None:
    right = filled.snapshot().cube(10).totals
    (path,) = (data_dir / "cubes").glob("*/prefix.bin")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    # A new file: writing into the mapped one would change the array under those who hold it.
    path.unlink()
    path.write_bytes(content)
    np.testing.assert_array_equal(filled.snapshot().cube(10).totals, right)


def test_a_cube_is_read_from_disk_by_the_next_process_without_the_incidents(
    open_at: Callable[[Path], DiskStore], put: Callable[..., Version | None], data_dir: Path, jan: pl.DataFrame
) -> None:
    first = open_at(data_dir)
    put(first, {JAN: jan})
    total = first.snapshot().cube(10).totals.sum()
    for path in (data_dir / "files" / "incidents").iterdir():
        path.write_bytes(b"")
    again = open_at(data_dir).snapshot().cube(10)
    assert isinstance(again.counts, DenseCounts)
    assert isinstance(again.counts.prefix.base, np.memmap)
    assert again.totals.sum() == total


def test_cubes_that_were_not_asked_for_the_longest_are_forgotten(
    store: DiskStore,
    put: Callable[..., Version | None],
    data_dir: Path,
    jan: pl.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("geo_service.store.cubes._KEPT_ON_DISK", 2)
    monkeypatch.setattr("geo_service.store.cubes._KEPT_OPEN", 1)
    put(store, {JAN: jan})
    for resolution in (8, 9, 10, 8):
        assert store.snapshot().cube(resolution).resolution == resolution
    assert len(list((data_dir / "cubes").iterdir())) == 2


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a cube as a large one is written: in many runs, parts and blocks."""
    monkeypatch.setattr(binning, "_SET_ASIDE_ABOVE", 150)
    monkeypatch.setattr(binning, "_MERGED_AT_ONCE", 100)
    monkeypatch.setattr(binning, "_SAMPLED", 7)
    monkeypatch.setattr(cube_files, "_BLOCK_BYTES", 400)


def shelf_and_wanted(folder: Path, frames: list[pl.DataFrame], dense_bytes: int) -> tuple[CubeShelf, Wanted]:
    for name in ("cubes", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)

    def fill(builder: CubeBuilder) -> None:
        for frame in frames:
            builder.add(frame, (frame["row"].to_numpy() % 3).astype(np.int32))

    held = {"police_uk/somewhere": (Month.parse("2024-03"), Month.parse("2024-06"))}
    return CubeShelf(folder / "cubes", folder / "tmp", dense_bytes), Wanted("key", 10, held, fill)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("seed", range(3))
def test_a_cube_written_dense_or_sparse_piece_by_piece_is_the_cube_made_in_memory(
    tmp_path: Path, make_incidents: Callable[..., pl.DataFrame], seed: int
) -> None:
    months = ("1900-01", "2024-03", "2024-04", "2024-06")
    frames = [make_incidents(10 * seed + number, 200, months) for number in range(6)]
    cubes = {}
    for name, dense_bytes in (("dense", binning.DENSE_BYTES), ("sparse", 0)):
        shelf, wanted = shelf_and_wanted(tmp_path / name, frames, dense_bytes)
        cubes[name] = shelf.get(wanted)
        assert not any((tmp_path / name / "tmp").glob("*/*"))
    builder = CubeBuilder(10)
    wanted.fill(builder)
    cubes["memory"] = builder.build(wanted.held)
    assert isinstance(cubes["dense"].counts, DenseCounts)
    assert isinstance(cubes["sparse"].counts, SparseCounts)
    one, *others = cubes.values()
    assert one.totals.sum() == 1200
    for other in others:
        assert other.groups.equals(one.groups)
        assert other.held == one.held
        for name in ("steps", "cell", "member", "group"):
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name))
        for first in range(len(months)):
            for last in range(first, len(months)):
                period = Period.parse(months[first], months[last])
                if one.months_loaded(period):
                    np.testing.assert_array_equal(other.window(period), one.window(period))


@pytest.mark.parametrize("part", ["row.bin", "count.bin", "starts.bin"])
def test_a_damaged_sparse_cube_is_built_again(
    tmp_path: Path, make_incidents: Callable[..., pl.DataFrame], part: str
) -> None:
    frames = [make_incidents(1, 300, ("2024-03", "2024-06"))]
    shelf, wanted = shelf_and_wanted(tmp_path, frames, 0)
    right = shelf.get(wanted).window(Period.parse("2024-03", "2024-03"))
    path = tmp_path / "cubes" / "key" / part
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    again, _ = shelf_and_wanted(tmp_path, frames, 0)
    np.testing.assert_array_equal(again.get(wanted).window(Period.parse("2024-03", "2024-03")), right)
    assert path.read_bytes() == content


@pytest.mark.parametrize("digit", [b'resolution": 10', b'"held"'])
def test_a_manifest_that_says_something_else_is_not_believed(filled: DiskStore, data_dir: Path, digit: bytes) -> None:
    right = filled.snapshot().cube(10)
    manifest = next(data_dir.glob("cubes/*/manifest.json"))
    said = json.loads(manifest.read_bytes())
    assert digit in manifest.read_bytes()
    if digit == b'"held"':
        source = next(iter(said["held"]))
        said["held"][source] = [month + 1 for month in said["held"][source]]
    else:
        said["resolution"] = 9
    manifest.write_bytes(json.dumps(said).encode())
    again = filled.snapshot().cube(10)
    assert (again.resolution, again.held) == (right.resolution, right.held)


def test_partial_counts_that_the_disk_gives_only_in_part_are_a_failing_disk(tmp_path: Path) -> None:
    frame = pl.DataFrame({name: [1, 2, 3] for name in binning.RUN_SCHEMA}, schema=binning.RUN_SCHEMA)
    run = cube_files.write_run(tmp_path / "run", frame)
    assert run.read(0, 3).equals(frame)
    (tmp_path / "run").write_bytes((tmp_path / "run").read_bytes()[:-4])
    with pytest.raises(OSError, match="Input/output"):
        run.read(0, 3)
