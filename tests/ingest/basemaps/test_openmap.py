"""The GeoPackage of OS OpenMap Local: layers and columns as its specification names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.ingest import MapFiles
from geo_service.ingest.basemaps.openmap import NOTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Layers = Mapping[str, tuple[list[shapely.Geometry], Mapping[str, list[str | None]]]]

EAST, NORTH = 404_000, 267_000
LINE = shapely.LineString([(EAST, NORTH), (EAST + 300, NORTH + 400)])
FAR = shapely.LineString([(EAST + 9_000, NORTH), (EAST + 9_300, NORTH)])
AREA = shapely.box(EAST, NORTH, EAST + 20, NORTH + 10)
BOW = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])
SPOT = shapely.Point(EAST + 500, NORTH)


def town() -> dict[str, tuple[list[shapely.Geometry], dict[str, list[str | None]]]]:
    """Return invented features of every layer that is read, EPSG:27700."""
    roads = [
        ("Motorway, Collapsed Dual Carriageway", None, "M42"),
        ("Primary Road", "Alvechurch Highway", "A441"),
        ("A Road", None, "A448"),
        ("B Road", "Mill Lane", "B4184"),
        ("Minor Road", "Birchfield Road", None),
        ("Local Road", "Ivor Road", None),
        ("Restricted Local Access Road", " ", None),
        ("Shared Use Carriageway", "Kingfisher Walk", None),
        ("Something New", None, "X1"),
        ("Local Road", "Elsewhere", None),
    ]
    classes, names, numbers = (list(column) for column in zip(*roads, strict=True))
    sites = [
        ("Education", "Secondary Education", "Trinity High"),
        ("Education", "Higher or University Education", "The College"),
        ("Medical Care", "Hospital", "Alexandra"),
        ("Road Transport", "Bus Station", None),
        ("Air Transport", "Airfield", "Not a landmark"),
    ]
    themes, kinds, called = (list(column) for column in zip(*sites, strict=True))
    return {
        "road": (
            [LINE] * 9 + [FAR],
            {"classification": classes, "distinctive_name": names, "road_number": numbers},
        ),
        "railway_track": ([LINE], {"classification": ["Multi Track"]}),
        "surface_water_line": ([LINE], {}),
        "surface_water_area": ([AREA, BOW], {}),
        "tidal_water": ([AREA], {}),
        "woodland": ([AREA], {}),
        "building": ([AREA, shapely.transform(AREA, lambda at: at + 50), BOW], {}),
        "important_building": (
            [AREA],
            {"building_theme": ["Emergency Service"], "classification": ["Police Station"], "distinctive_name": [None]},
        ),
        "railway_station": ([SPOT], {"classification": ["Railway Station"], "distinctive_name": ["Redditch"]}),
        "functional_site": ([AREA] * 5, {"site_theme": themes, "classification": kinds, "distinctive_name": called}),
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write layers as a GeoPackage."""

    def write(layers: Layers, *, crs: str = "EPSG:27700", rename: Callable[[str], str] = str) -> Path:
        file = tmp_path / "opmplc_gb.gpkg"
        file.unlink(missing_ok=True)
        for layer, (shapes, columns) in layers.items():
            held = {"id": [f"{layer[0]}{n}" for n in range(len(shapes))], **columns}
            pyogrio.raw.write(
                str(file),
                geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
                field_data=[np.array(values, dtype=object) for values in held.values()],
                fields=[rename(name) for name in held],
                layer=rename(layer),
                geometry_type=shapes[0].geom_type,
                crs=crs,
                append=file.exists(),
            )
        return file

    return write


def test_classes_of_os_become_those_that_the_product_knows(write: Callable[..., Path]) -> None:
    read = MapFiles().read(write(town()))
    assert read.layers["streets"].select("id", "name", "class").rows() == [
        ("road-r0", "M42", "motorway"),
        ("road-r1", "Alvechurch Highway", "trunk"),
        ("road-r2", "A448", "primary"),
        ("road-r3", "Mill Lane", "secondary"),
        ("road-r4", "Birchfield Road", "tertiary"),
        ("road-r5", "Ivor Road", "residential"),
        ("road-r6", None, "service"),
        ("road-r7", "Kingfisher Walk", "pedestrian"),
        ("road-r8", None, "unclassified"),
        ("road-r9", "Elsewhere", "residential"),
        ("railway-track-r0", None, "railway"),
        ("surface-water-line-s0", None, "stream"),
    ]
    assert read.notes == NOTES


def test_positions_are_turned_into_degrees(write: Callable[..., Path]) -> None:
    streets = MapFiles().read(write(town())).layers["streets"]
    found = spatial.project_geometry(shapely.from_wkb(streets["wkb"].to_numpy()[:1]), to="grid")[0]
    assert shapely.hausdorff_distance(found, LINE) < 0.01


def test_ground_buildings_landmarks_and_excluded_places_are_taken(write: Callable[..., Path]) -> None:
    layers = MapFiles().read(write(town())).layers
    assert layers["ground"].select("id", "kind").rows() == [
        ("surface-water-area-s0", "water"),
        ("tidal-water-t0", "water"),
        ("woodland-w0", "wood"),
    ]
    # The police station is a building too, once.
    assert layers["buildings"].select("id", "kind").rows() == [
        ("building-b1", "building"),
        ("important-building-i0", "police station"),
    ]
    assert layers["landmarks"].select("id", "name", "kind").rows() == [
        ("functional-site-f0", "Trinity High", "school"),
        ("functional-site-f1", "The College", "college"),
        ("functional-site-f2", "Alexandra", "hospital"),
        ("functional-site-f3", None, "bus station"),
        ("important-building-i0", None, "police station"),
        ("railway-station-r0", "Redditch", "station"),
    ]
    assert layers["excluded-places"].select("id", "kind", "radius_m").rows() == [
        ("functional-site-f2", "hospital", None),
        ("important-building-i0", "police station", None),
    ]


def test_what_is_not_sound_is_counted_by_what_it_was(write: Callable[..., Path]) -> None:
    assert MapFiles().read(write(town())).skipped == {
        "water and woods, areas whose outline crosses itself": 1,
        "buildings, areas whose outline crosses itself": 1,
    }


def test_the_licence_says_the_year_of_the_file(write: Callable[..., Path]) -> None:
    read = MapFiles().read(write(town()))
    assert read.licence.startswith("Contains OS data © Crown copyright and database right 20")
    assert set(read.layers["buildings"]["licence"]) == {read.licence}


def test_only_what_meets_the_area_is_taken(write: Callable[..., Path]) -> None:
    near = spatial.project_geometry(
        np.array([shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)], dtype=object), to="lonlat"
    )
    read = MapFiles().read(write(town()), within=near[0])
    assert "Elsewhere" not in read.layers["streets"]["name"].to_list()
    assert read.layers["buildings"].height == 1
    with pytest.raises(InputError, match=r"opmplc_gb\.gpkg does not cover your area"):
        MapFiles().read(write(town()), within=shapely.box(-1, 53, -0.9, 53.1))


def test_an_earlier_spelling_of_layers_and_columns_is_understood(write: Callable[..., Path]) -> None:
    written = write(town())
    plain = {layer: table.rows() for layer, table in MapFiles().read(written).layers.items()}
    camel = write(town(), rename=lambda name: "".join(part.title() for part in name.split("_")))
    assert {layer: table.rows() for layer, table in MapFiles().read(camel).layers.items()} == plain


@pytest.mark.parametrize("left_out", [("woodland",), ("road", "building")])
def test_missing_layers_are_named(write: Callable[..., Path], left_out: tuple[str, ...]) -> None:
    file = write({layer: held for layer, held in town().items() if layer not in left_out})
    with pytest.raises(InputError) as caught:
        MapFiles().read(file)
    assert f"{', '.join(left_out)} {'is' if len(left_out) == 1 else 'are'} missing" in str(caught.value)
    assert "OS Data Hub" in str(caught.value)


def test_a_missing_column_is_named(write: Callable[..., Path]) -> None:
    layers = town()
    del layers["road"][1]["classification"]
    with pytest.raises(InputError, match=r"The layer road of opmplc_gb\.gpkg lacks the column classification"):
        MapFiles().read(write(layers))


def test_another_coordinate_system_is_named(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"another coordinate reference system.*EPSG:3857"):
        MapFiles().read(write(town(), crs="EPSG:3857"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.gpkg", b"SQLite format 3\x00 and no more", "cannot be read as the GeoPackage"),
        ("a.gpkg", b"<OGRVRTDataSource/>", "is no OpenStreetMap extract and no GeoPackage"),
        ("opmplc_gpkg_gb.zip", b"PK", "Unpack it"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        MapFiles().read(file)
    assert words in str(caught.value)
