"""Boundaries come in from any format and system, and what is unsound is refused by name."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.ingest import OgrBoundaries
from geo_service.model.boundaries import BoundaryDescriptor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DESCRIPTOR = BoundaryDescriptor(
    id="wards",
    title="Wards",
    vintage="2025",
    valid_from=None,
    licence="",
    source="",
    how_to_get="",
    code_field="code",
    name_field="name",
)
EAST, NORTH = 404_000, 267_000


def squares(count: int = 2) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": [f"W{n}" for n in range(count)], "name": [f"Ward {n}" for n in range(count)], "parent": "P"},
        geometry=[shapely.box(EAST + 1000 * n, NORTH, EAST + 1000 * (n + 1), NORTH + 1000) for n in range(count)],
        crs="EPSG:27700",
    )


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., InputError]:
    """Write a frame, read it, and return why it was refused."""

    def of(
        frame: gpd.GeoDataFrame, name: str = "wards.gpkg", descriptor: BoundaryDescriptor = DESCRIPTOR
    ) -> InputError:
        frame.to_file(tmp_path / name)
        with pytest.raises(InputError) as refused:
            OgrBoundaries().read(tmp_path / name, descriptor)
        return refused.value

    return of


@pytest.mark.parametrize("name", ["wards.gpkg", "wards.shp", "wards.geojson", "wards.fgb", "wards.gml"])
def test_every_format_and_system_gives_the_same_set(name: str, tmp_path: Path) -> None:
    frame = squares() if not name.endswith("json") else squares().to_crs(4326)
    frame.to_file(tmp_path / name)
    found = OgrBoundaries().read(tmp_path / name, DESCRIPTOR)
    order = np.argsort(found.codes)  # FlatGeobuf keeps an order of its own
    assert sorted(zip(found.codes, found.names, found.parent_codes, strict=True)) == [
        ("W0", "Ward 0", ""),
        ("W1", "Ward 1", ""),
    ]
    expected = spatial.reproject(squares().geometry.to_numpy(), "EPSG:27700")
    # GeoJSON was projected by PROJ's own choice of operation, good to metres.
    tolerance = 1e-4 if name.endswith("json") else 1e-9
    assert shapely.hausdorff_distance(found.geometry[order], expected).max() < tolerance


def test_kml_and_its_collections_are_read(tmp_path: Path) -> None:
    square = "<Polygon><outerBoundaryIs><LinearRing><coordinates>{0},52 {1},52 {1},53 {0},53 {0},52</coordinates>"
    square += "</LinearRing></outerBoundaryIs></Polygon>"
    both = square.format(-2, -1) + square.format(0, 1)
    path = tmp_path / "two.kml"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>A</name>'
        f"<MultiGeometry>{both}</MultiGeometry></Placemark></Document></kml>"
    )
    found = OgrBoundaries().read(path, BoundaryDescriptor("x", "", "", None, "", "", "", "Name", "Name"))
    assert found.codes == ("A",)
    assert found.geometry[0].equals(shapely.MultiPolygon([shapely.box(-2, 52, -1, 53), shapely.box(0, 52, 1, 53)]))


def test_a_zipped_shapefile_and_its_folder_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "shape"
    folder.mkdir()
    squares().to_file(folder / "wards.shp")
    with zipfile.ZipFile(tmp_path / "wards.zip", "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"inner folder/{part.name}")
    for path in (folder, tmp_path / "wards.zip"):
        assert OgrBoundaries().read(path, DESCRIPTOR).codes == ("W0", "W1")


def test_parents_are_read_and_z_is_dropped(tmp_path: Path) -> None:
    frame = squares()
    frame.geometry = shapely.force_3d(frame.geometry, 7.0)
    frame.to_file(tmp_path / "wards.gpkg")
    described = BoundaryDescriptor("x", "", "", None, "", "", "", "code", "name", "parent", "parent")
    found = OgrBoundaries().read(tmp_path / "wards.gpkg", described)
    assert found.parent_codes == found.parent_names == ("P", "P")
    assert not shapely.has_z(found.geometry).any()


def test_a_missing_field_is_named_with_those_that_there_are(refusal: Callable[..., InputError]) -> None:
    described = BoundaryDescriptor("x", "", "", None, "", "", "", "WD25CD", "name")
    assert "no field WD25CD; its fields are code, name, parent" in refusal(squares(), descriptor=described).message


def test_a_polygon_that_crosses_itself_is_refused_by_name_reason_and_place(refusal: Callable[..., InputError]) -> None:
    frame = squares(1).to_crs(4326)
    frame.geometry = [shapely.Polygon([(-2, 52), (-1, 53), (-1, 52), (-2, 53)])]
    message = refusal(frame, "wards.shp").message
    assert "wards.shp has 1 member with invalid geometry: W0 Ward 0: Self-intersection" in message
    assert "at longitude, latitude -1.500000 52.500000" in message


def test_of_many_bad_members_ten_are_named(refusal: Callable[..., InputError]) -> None:
    frame = squares(12)
    frame.geometry = [shapely.Point(0, n) for n in range(12)]
    message = refusal(frame).message
    assert "12 members that are no polygons" in message
    assert "W9 Ward 9 is a Point; and 2 more" in message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.assign(code="W1"), r"W1 \(2 times\)"),
        (lambda frame: frame.assign(code=["W1", " "]), "without a code. Found: feature 2"),
        (lambda frame: frame.assign(code=["W1", None]), "without a code. Found: feature 2"),
        (lambda frame: frame.set_geometry([frame.geometry[0], None]), "without a shape that can be read: W1 Ward 1"),
        (lambda frame: frame.set_geometry([frame.geometry[0], shapely.Polygon()]), "without a shape that can be read"),
        (lambda frame: frame.set_crs(None, allow_override=True), "does not say which coordinate reference system"),
        (lambda frame: frame.iloc[:0], "holds no boundaries"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_unsound_is_refused_by_name(
    change: Callable[..., gpd.GeoDataFrame], said: str, refusal: Callable[..., InputError]
) -> None:
    assert re.search(said, refusal(change(squares())).message)


def test_latitude_before_longitude_is_noticed(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"code": "W0", "name": "Ward 0"},
        "geometry": {"type": "Polygon", "coordinates": [[[52, -2], [53, -2], [53, -1], [52, -2]]]},
    }
    path = tmp_path / "swapped.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(InputError, match="latitude and longitude swapped"):
        OgrBoundaries().read(path, DESCRIPTOR)


def test_metres_in_a_geojson_without_a_system_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "metres.geojson"
    content = json.loads(squares().to_json())
    del content["crs"]
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="do not fit the stated coordinate reference system"):
        OgrBoundaries().read(path, DESCRIPTOR)


def polygon(ring: bytes) -> bytes:
    """Write a GeoJSON feature by hand."""
    return b'{"type": "Feature", "properties": {"code": 1, "name": 2}, "geometry": {"type": "Polygon", ' + (
        b'"coordinates": [[%b]]}}' % ring
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wards.geojson", b""),
        ("wards.geojson", b"{"),
        ("wards.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("wards.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Feature"}]}'),
        ("wards.geojson", polygon(b"[0, 1e999], [1, 1], [2, 2], [0, 1e999]")),
        ("wards.geojson", polygon(b"[0, 1]")),
        ("wards.shp", b"\x00\x00\x27\x0a" + bytes(96)),
        ("wards.gpkg", b"SQLite format 3\x00" + bytes(200)),
        ("wards.zip", b"PK\x03\x04"),
        ("wards.kml", b"<kml><Document></Document></kml>"),
        ("wards.csv", b"code,name\n1,2\n"),
        ("wards.vrt", b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>"),
        ("wards.json", b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}'),
    ],
)  # fmt: skip
def test_what_is_no_file_of_boundaries_is_an_input_error(name: str, content: bytes, write: Callable[..., Path]) -> None:
    with pytest.raises(InputError) as refused:
        OgrBoundaries().read(write(content, name), DESCRIPTOR)
    assert "wards" in refused.value.message


def test_a_path_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file gone\.gpkg"):
        OgrBoundaries().read(tmp_path / "gone.gpkg", DESCRIPTOR)


def test_a_file_with_two_layers_is_read_where_one_has_the_fields(tmp_path: Path) -> None:
    path = tmp_path / "both.gpkg"
    squares().to_file(path, layer="wards")
    squares().rename(columns={"code": "other"}).to_file(path, layer="something else")
    assert len(OgrBoundaries().read(path, DESCRIPTOR)) == 2
    squares().to_file(path, layer="wards again")
    with pytest.raises(InputError, match=r"several layers with these fields\. Found: wards, wards again"):
        OgrBoundaries().read(path, DESCRIPTOR)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "code", "members"),
    [
        ("wards-2025-worcestershire.geojson", "WD25CD", 112),
        ("wards-2025-west-midlands.geojson", "WD25CD", 192),
        ("wards-2022-redditch.geojson", "WD22CD", 12),
        ("lsoa-2021-worcestershire.geojson", "LSOA21CD", 374),
        ("police-force-areas-2023.geojson", "PFA23CD", 43),
    ],
)
def test_official_sets_are_read_whole(name: str, code: str, members: int, shared: Path) -> None:
    described = BoundaryDescriptor("x", "", "", None, "", "", "", code, code.replace("CD", "NM"))
    found = OgrBoundaries().read(shared / "boundaries" / name, described)
    assert len(found) == len(set(found.codes)) == members
    by_geopandas = gpd.read_file(shared / "boundaries" / name)
    assert list(found.codes) == by_geopandas[code].tolist()
    assert np.asarray(shapely.equals(found.geometry, by_geopandas.geometry.to_numpy())).all()


@pytest.mark.shared
def test_districts_in_kml_are_read_as_far_as_their_repeated_code(shared: Path) -> None:
    described = BoundaryDescriptor("x", "", "", None, "", "", "", "Name", "description")
    with pytest.raises(InputError, match=r"31 \(3 times\)"):
        OgrBoundaries().read(shared / "chicago" / "police-districts.kml", described)
