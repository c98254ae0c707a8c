"""Files of map tiles are kept as every other file: by hash, in versions, in backups, and never answered damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
import shapely

from geo_service.errors import DamagedFileError
from geo_service.store import restore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.access import Principal, Version
    from geo_service.store import DiskStore

OLD, NEW = b"PMTiles of yesterday", b"PMTiles of today"


def put_tiles(store: DiskStore, analyst: Principal, content: bytes | None) -> Version | None:
    with store.stage() as staging:
        if content is None:
            staging.drop_tiles("basemap")
        else:
            staging.put_tiles("basemap", content)
        return staging.commit("import basemap", analyst, {})


def test_tiles_come_back_by_version_and_can_be_undone_and_dropped(any_store: DiskStore, analyst: Principal) -> None:
    assert any_store.snapshot().tiles("basemap") is None
    assert put_tiles(any_store, analyst, None) is None
    put_tiles(any_store, analyst, OLD)
    put_tiles(any_store, analyst, NEW)
    assert put_tiles(any_store, analyst, NEW) is None
    kept = any_store.snapshot().tiles("basemap")
    assert kept is not None
    assert (kept.path.read_bytes(), kept.bytes) == (NEW, len(NEW))
    assert kept.path.name == f"{kept.sha256}.pmtiles"
    assert any_store.snapshot(1).tiles("basemap").path.read_bytes() == OLD
    any_store.undo(2, analyst)
    assert any_store.snapshot().tiles("basemap").path.read_bytes() == OLD
    put_tiles(any_store, analyst, None)
    assert any_store.snapshot().tiles("basemap") is None
    assert list(any_store.check()) == []


def test_tiles_go_into_a_backup_and_come_back(
    store: DiskStore, analyst: Principal, open_at: Callable[[Path], DiskStore], tmp_path: Path
) -> None:
    put_tiles(store, analyst, NEW)
    store.backup(tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "again")
    assert open_at(tmp_path / "again").snapshot().tiles("basemap").path.read_bytes() == NEW


def test_damaged_tiles_are_an_error_that_importing_again_mends(store: DiskStore, analyst: Principal) -> None:
    put_tiles(store, analyst, OLD)
    path = store.snapshot().tiles("basemap").path
    path.write_bytes(OLD[:-1])
    with pytest.raises(DamagedFileError, match="import the base map again") as told:
        store.snapshot().tiles("basemap")
    assert path.name in told.value.message
    assert any(path.name in line for line in store.check())
    assert put_tiles(store, analyst, OLD) is None
    assert store.snapshot().tiles("basemap").path.read_bytes() == OLD


@pytest.mark.parametrize("name", ["", "a/b", "a\n"])
def test_a_name_that_cannot_be_part_of_a_slot_is_refused(store: DiskStore, analyst: Principal, name: str) -> None:
    with store.stage() as staging, pytest.raises(ValueError, match="not an id"):
        staging.put_tiles(name, NEW)


def test_features_are_geoparquet_that_others_can_read(store: DiskStore, analyst: Principal, data_dir: Path) -> None:
    geopandas = pytest.importorskip("geopandas")
    shapes = [shapely.Point(-2, 52), None, shapely.box(-1, 51, 0, 52)]
    frame = pl.DataFrame({"id": ["a", "b", "c"], "wkb": [shape and shapely.to_wkb(shape) for shape in shapes]})
    with store.stage() as staging:
        staging.put_features("places", frame)
        staging.put_features("nothing", frame.clear())
        staging.commit("import layer", analyst, {})
    slots = store.snapshot().slots("features")
    read = geopandas.read_parquet(data_dir / "files/features" / f"{slots['features/places']}.parquet")
    assert read["id"].to_list() == ["a", "b", "c"]
    assert read.crs.to_authority() == ("OGC", "CRS84")
    assert read.total_bounds.tolist() == [-2, 51, 0, 52]
    assert read.geometry.geom_type.to_list() == ["Point", pytest.approx(float("nan"), nan_ok=True), "Polygon"]
    empty = geopandas.read_parquet(data_dir / "files/features" / f"{slots['features/nothing']}.parquet")
    assert empty.empty
    assert store.snapshot().features("places").equals(frame)
