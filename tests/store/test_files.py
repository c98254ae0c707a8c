"""A damaged file is an error, never an answer."""

from __future__ import annotations

import errno
import os
import random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo_service.errors import DamagedFileError, FaultError
from geo_service.store.files import FileShelf, encode, write_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store import DiskStore

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
FORCE = "incidents/force_csv/demonstration/0"
FLIPS = 200


def file_of(store: DiskStore, data_dir: Path, slot: str) -> Path:
    kind = slot.partition("/")[0]
    return data_dir / "files" / kind / f"{store.snapshot().slots(slot)[slot]}.parquet"


def flipped(content: bytes, seed: int) -> bytes:
    """Return the bytes with one bit turned over."""
    chance = random.Random(seed)  # noqa: S311 - the same damage every time
    damaged = bytearray(content)
    damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def test_a_flipped_bit_anywhere_in_a_file_is_found_when_it_is_first_opened(
    put: Callable[..., Version | None],
    open_at: Callable[[Path], DiskStore],
    data_dir: Path,
    jan: pl.DataFrame,
) -> None:
    first = open_at(data_dir)
    put(first, {JAN: jan})
    path = file_of(first, data_dir, JAN)
    good = path.read_bytes()
    later = open_at(data_dir)
    for seed in range(FLIPS):
        path.write_bytes(flipped(good, seed))
        with pytest.raises(DamagedFileError):
            later.snapshot().incidents(["lon"])
    path.write_bytes(good)
    assert later.snapshot().incidents(["lon"]).height == jan.height


def test_a_bit_that_flips_after_the_file_was_proved_is_found_or_harmless(
    store: DiskStore, put: Callable[..., Version | None], data_dir: Path, jan: pl.DataFrame
) -> None:
    """Disks decay without touching the time of change, so only the page checksums stand here."""
    put(store, {JAN: jan})
    path = file_of(store, data_dir, JAN)
    good, right, stat = path.read_bytes(), store.snapshot().incident_slot(JAN), path.stat()
    found = 0
    for seed in range(FLIPS):
        with path.open("r+b") as file:
            file.write(flipped(good, seed))
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        try:
            assert store.snapshot().incident_slot(JAN).equals(right)
        except DamagedFileError:
            found += 1
    # The rest hit the footer, which is remembered, or page headers in places that say nothing about the rows.
    assert found > FLIPS // 2


def test_the_error_names_file_and_slot_and_says_what_to_do_while_others_answer(
    store: DiskStore,
    put: Callable[..., Version | None],
    data_dir: Path,
    jan: pl.DataFrame,
    feb: pl.DataFrame,
) -> None:
    put(store, {JAN: jan, FEB: feb})
    path = file_of(store, data_dir, JAN)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedFileError, match="import the month again") as told:
        store.snapshot().incidents(["lon"])
    assert path.name in told.value.message
    assert JAN in told.value.message
    assert store.snapshot().incident_slot(FEB).height == feb.height


def test_a_missing_file_is_named_and_importing_again_mends_it_without_a_version(
    store: DiskStore, put: Callable[..., Version | None], data_dir: Path, jan: pl.DataFrame
) -> None:
    put(store, {JAN: jan})
    path = file_of(store, data_dir, JAN)
    for harm in (path.unlink, lambda: path.write_bytes(b"PAR1")):
        harm()
        with pytest.raises(DamagedFileError, match=path.name):
            store.snapshot().incident_slot(JAN)
        assert put(store, {JAN: jan}) is None
        assert store.snapshot().incident_slot(JAN).height == jan.height


def test_a_damaged_slot_of_a_force_export_can_be_undone_and_imported_again(
    store: DiskStore,
    put: Callable[..., Version | None],
    data_dir: Path,
    make_incidents: Callable[..., pl.DataFrame],
    analyst: object,
) -> None:
    rows = make_incidents(1, 50, numbered=True)
    put(store, {FORCE: rows})
    file_of(store, data_dir, FORCE).write_bytes(b"")
    with pytest.raises(DamagedFileError, match="undo the imports"):
        put(store, {FORCE: rows})
    store.undo(1, analyst)
    assert put(store, {FORCE: rows}) is not None
    assert store.snapshot().incident_slot(FORCE).height == 50


def test_an_assignment_that_belongs_to_other_rows_is_refused_even_where_the_ledger_was_led_astray(
    store: DiskStore,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    feb: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    wards = make_boundary_set()
    put(store, {JAN: jan, FEB: feb}, boundary_sets=(wards,))
    snapshot = store.snapshot()
    mine, other = (f"assignments/wards/{slot}" for slot in (JAN, FEB))
    snapshot._state[mine] = snapshot._state[other]
    with pytest.raises(DamagedFileError, match="other incidents"):
        snapshot.assignment(JAN, "wards")


def test_a_file_that_is_sound_but_cannot_be_read_is_a_fault_not_damage(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "files")
    shelf.prepare()
    written = write_file(tmp_path, "features", pa.table({"wkb": [b"x"]}))
    with shelf.placed([written]):
        pass

    def refuse(_footer: object) -> list[int]:
        raise ValueError("no such thing")

    with pytest.raises(FaultError, match="cannot be read"):
        shelf.read("features/cctv", written.record, choose=refuse)


def test_files_carry_page_checksums_and_equal_tables_become_equal_bytes() -> None:
    table = pa.table({"n": np.arange(1000)})
    content = encode(table)
    assert encode(pa.table({"n": np.arange(1000)})) == content
    footer = pq.read_metadata(pa.BufferReader(content))
    assert footer.row_group(0).column(0).compression == "ZSTD"
    page = bytearray(content)
    chunk = footer.row_group(0).column(0)
    page[chunk.dictionary_page_offset + chunk.total_compressed_size - 1] ^= 1
    with pytest.raises(OSError, match="CRC"):
        pq.ParquetFile(pa.BufferReader(bytes(page)), page_checksum_verification=True).read()


def test_a_boundary_file_is_geoparquet_that_others_can_read(
    store: DiskStore, put_boundaries: Callable[..., Version | None], data_dir: Path, make_boundary_set: Callable
) -> None:
    geopandas = pytest.importorskip("geopandas")
    put_boundaries(store, make_boundary_set())
    frame = geopandas.read_parquet(file_of(store, data_dir, "boundaries/wards"))
    assert frame["code"].tolist() == ["W0", "W1", "W2"]
    assert frame.crs.to_authority() == ("OGC", "CRS84")
    assert frame.total_bounds.tolist() == [0, 0, 3, 1]


def test_a_disk_that_fails_to_read_is_a_fault_not_damage(
    filled: DiskStore, reopen: Callable[[], DiskStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> str:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("geo_service.store.files._hash", fail)
    with pytest.raises(FaultError, match="failed to read") as told:
        reopen().snapshot().incident_slot(JAN)
    assert not isinstance(told.value, DamagedFileError)
