"""A map extract fills its layers and the tiles as one version, as far as it meets the area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service import spatial
from geo_service.app import open_area
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import Audience
from geo_service.model.basemaps import Basemap
from geo_service.model.boundaries import BoundarySet
from geo_service.workflows.importing import basemaps, imports
from geo_service.workflows.importing.basemaps import import_basemap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.model.ports import Progress
    from geo_service.workflows.services import Services


class Extract:
    """Be a file that holds what it is told, and remember what was asked for."""

    def __init__(self) -> None:
        self.within: shapely.Geometry | None = None

    def read(self, path: Path, *, within: shapely.Geometry | None = None, progress: Progress | None = None) -> Basemap:
        """Return two streets, a prison, a pond, a house and a school."""
        del path
        self.within = within
        if progress is not None:
            progress(0, 1, "lines")
        line = shapely.to_wkb(shapely.LineString([(-2, 52), (-1.99, 52)]))
        area = shapely.to_wkb(shapely.box(-2, 52, -1.999, 52.001))
        spot = shapely.to_wkb(shapely.Point(-2, 52))
        said = {"licence": ["ODbL"]}
        streets = {"id": ["a", "b"], "name": ["A", None], "class": ["trunk"] * 2, "licence": ["ODbL"] * 2}
        place = {"id": ["p"], "name": [None], "kind": ["prison"], "radius_m": [50.0], **said}
        return Basemap(
            {
                "streets": pl.DataFrame({**streets, "wkb": [line] * 2}),
                "excluded-places": pl.DataFrame({**place, "wkb": [spot]}),
                "ground": pl.DataFrame({"id": ["w"], "name": ["Mere"], "kind": ["water"], **said, "wkb": [area]}),
                "buildings": pl.DataFrame({"id": ["h"], "name": [None], "kind": ["house"], **said, "wkb": [area]}),
                "landmarks": pl.DataFrame({"id": ["s"], "name": ["School"], "kind": ["school"], **said, "wkb": [spot]}),
            },
            {"gone": 3},
            "ODbL",
            ("It is old.",),
        )


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open an empty area whose map extract is invented."""
    opened = replace(open_area(tmp_path / "data"), basemap_files=Extract())
    yield opened
    opened.close()


def hold(services: Services, set_id: str, *members: shapely.Polygon) -> None:
    """Import a boundary set."""
    names = tuple(f"M{n}" for n in range(len(members)))
    blank = ("",) * len(members)
    shapes = np.array(members, dtype=object)
    with services.store.stage() as staging:
        staging.put_boundary_set(BoundarySet(set_id, set_id, "", None, "", names, names, blank, blank, shapes))
        staging.commit("import boundaries", services.principal, {})


def test_all_layers_and_the_tiles_are_one_version_and_show_the_licence(services: Services, tmp_path: Path) -> None:
    done = import_basemap(services, tmp_path / "town.osm")
    assert (done.rows["streets"], done.rows["excluded-places"]) == ({"trunk": 2}, {"prison": 1})
    assert (done.skipped, done.clipped_to, done.notes) == ({"gone": 3}, (), ("It is old.",))
    assert [version.act for version in services.store.versions()] == ["import basemap"]
    snapshot = services.store.snapshot()
    for layer in basemaps.LAYERS:
        table = services.registry.features(layer, Audience.FORCE, snapshot)
        assert (table.rows.height, table.licences) == (2 if layer == "streets" else 1, ("ODbL",))
    tiles, licences = basemaps.basemap(services)
    assert tiles.path.read_bytes().startswith(b"PMTiles")
    assert (tiles.bytes, licences) == (done.tile_bytes, ("ODbL",))
    assert import_basemap(services, tmp_path / "town.osm").version is None


def test_without_boundaries_the_whole_file_is_read(services: Services, tmp_path: Path) -> None:
    import_basemap(services, tmp_path / "town.osm")
    assert services.basemap_files.within is None


def test_all_boundary_sets_and_what_lies_around_them_bound_what_is_read(services: Services, tmp_path: Path) -> None:
    hold(services, "wards", shapely.box(-2, 52, -1.99, 52.01), shapely.box(-1.99, 52, -1.98, 52.01))
    hold(services, "far", shapely.box(-1.5, 52, -1.49, 52.01))
    done = import_basemap(services, tmp_path / "town.osm")
    assert (sorted(done.clipped_to), done.around_m) == (["far", "wards"], 2_000)
    within = services.basemap_files.within
    corner = spatial.project_geometry(np.array([shapely.Point(-2, 52)], dtype=object), to="grid")[0]
    reach = [(corner.x - metres, corner.y) for metres in (1_900, 2_100)]
    lonlat = spatial.project_geometry(np.array([shapely.Point(at) for at in reach], dtype=object), to="lonlat")
    assert shapely.intersects(within, lonlat).tolist() == [True, False]
    assert not within.intersects(shapely.Point(-1.75, 52.005))
    done = import_basemap(services, tmp_path / "town.osm", clip=["wards"], around_m=0)
    assert done.clipped_to == ("wards",)
    assert not services.basemap_files.within.intersects(shapely.Point(-1.495, 52.005))


def test_what_cannot_be_meant_is_named(services: Services, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="No boundary set of that name"):
        import_basemap(services, tmp_path / "town.osm", clip=["wrads"])
    for metres in (-1.0, 1e9, float("nan")):
        with pytest.raises(QueryError, match="metres around"):
            import_basemap(services, tmp_path / "town.osm", around_m=metres)
    assert list(services.store.versions()) == []


def test_a_layer_of_ones_own_is_drawn_at_once_and_undone_with_its_tiles(services: Services, tmp_path: Path) -> None:
    assert basemaps.basemap(services) is None
    file = tmp_path / "streets.geojson"
    line = '{"type":"Feature","properties":{"id":"x","class":"residential"},"geometry":' + shapely.to_geojson(
        shapely.LineString([(-2, 52), (-1.99, 52)])
    )
    file.write_text('{"type":"FeatureCollection","features":[' + line + "}]}")
    version = imports.import_layer(services, "streets", file).version
    tiles, licences = basemaps.basemap(services)
    assert (tiles.path.exists(), licences) == (True, ())
    services.store.undo(version.number)
    assert basemaps.basemap(services) is None
    import_basemap(services, tmp_path / "town.osm")
    cctv = tmp_path / "cctv.csv"
    cctv.write_text("id,name,operator,lon,lat\nc,C,O,-2,52\n")
    before = basemaps.basemap(services)
    imports.import_layer(services, "cctv", cctv)
    assert basemaps.basemap(services) == before


def test_progress_is_told_to_the_end(services: Services, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    import_basemap(services, tmp_path / "town.osm", progress=lambda *step: seen.append(step))
    assert seen == [(0, 1, "lines"), (1, 1, "drawing the tiles")]
