"""OpenStreetMap extracts: what is taken, what is passed over and counted, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
import shapely

from geo_service.errors import InputError
from geo_service.ingest import MapFiles
from geo_service.ingest.basemaps.osm import LICENCE, POINT_RADIUS_M

if TYPE_CHECKING:
    from pathlib import Path

# Corners of a square, 1 to 4, and a node that is a police station.
NODES = {1: (52.0, -2.0), 2: (52.0, -1.99), 3: (52.01, -1.99), 4: (52.01, -2.0)}
WAYS = {
    10: ((1, 2), {"highway": "residential", "name": "Mill Lane"}),
    11: ((2, 3), {"highway": "construction"}),
    12: ((1, 3), {"railway": "rail"}),
    13: ((1, 4), {"railway": "rail", "tunnel": "yes"}),
    14: ((2, 4), {"waterway": "river", "name": "Inkle"}),
    15: ((3, 4), {"waterway": "stream"}),
    16: ((3, 4), {"railway": "abandoned"}),
    17: ((3, 1), {"highway": "footway", "tunnel": "yes"}),
    20: ((1, 2, 3, 4, 1), {"amenity": "hospital", "name": "Inkle Valley"}),
    21: ((1, 3, 2, 4, 1), {"amenity": "prison"}),
    22: ((1, 2, 3, 4, 1), {"amenity": "school"}),
    23: ((1, 2, 3, 4, 1), {"building": "yes", "amenity": "library", "name": "Reading Room"}),
    24: ((1, 3, 2, 4, 1), {"building": "house"}),
    25: ((1, 2, 3, 4, 1), {"natural": "water", "name": "Inkle Mere"}),
    26: ((1, 2, 3, 4, 1), {"landuse": "forest"}),
    27: ((1, 2, 3, 4, 1), {"leisure": "park", "name": "Candle Meadows"}),
    28: ((1, 3, 2, 4, 1), {"natural": "wood"}),
    29: ((1, 2, 3, 4, 1), {"building": "no"}),
    30: ((1, 2), {"highway": "primary", "ref": "A606"}),
}
POINTS = {
    5: {"amenity": "police", "name": "Lock-up"},
    6: {"railway": "station", "name": "Inkle Junction"},
    7: {"amenity": "library", "name": "Reading Room"},
    8: {"amenity": "place_of_worship"},
    9: {"amenity": "bench"},
}


def tags(of: dict[str, str]) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in of.items())


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    nodes = [f'<node id="{n}" lat="{lat}" lon="{lon}" version="1"/>' for n, (lat, lon) in NODES.items()]
    nodes += [f'<node id="{n}" lat="52.005" lon="-1.995" version="1">{tags(of)}</node>' for n, of in POINTS.items()]
    ways = [
        f'<way id="{n}" version="1">{"".join(f"<nd ref={chr(34)}{at}{chr(34)}/>" for at in path)}{tags(of)}</way>'
        for n, (path, of) in WAYS.items()
    ]
    file = tmp_path / "town.osm"
    file.write_text(f'<?xml version="1.0"?><osm version="0.6">{"".join(nodes + ways)}</osm>')
    return file


def test_streets_railways_and_rivers_above_ground_are_taken(extract: Path) -> None:
    streets = MapFiles().read(extract).layers["streets"]
    assert streets.select("id", "name", "class").rows() == [
        ("way-10", "Mill Lane", "residential"),
        ("way-12", None, "railway"),
        ("way-14", "Inkle", "river"),
        ("way-15", None, "stream"),
        ("way-17", None, "footway"),
        ("way-30", "A606", "primary"),
    ]
    assert set(streets["licence"]) == {LICENCE}
    assert shapely.from_wkb(streets["wkb"][0]).equals(shapely.LineString([(-2.0, 52.0), (-1.99, 52.0)]))


def test_what_is_left_out_is_counted(extract: Path) -> None:
    assert MapFiles().read(extract).skipped == {
        "railways and rivers in tunnels": 1,
        "streets that are planned, being built, gone or indoors": 1,
        **{
            f"{what}, areas whose outline crosses itself or is not closed": 1
            for what in ("excluded places", "water, woods and parks", "buildings")
        },
    }


def test_places_are_areas_or_points_with_a_radius(extract: Path) -> None:
    places = MapFiles().read(extract).layers["excluded-places"]
    assert places.select("id", "name", "kind", "radius_m").rows() == [
        ("way-20", "Inkle Valley", "hospital", None),
        ("node-5", "Lock-up", "police station", POINT_RADIUS_M),
    ]
    assert [shape.geom_type for shape in shapely.from_wkb(places["wkb"].to_list())] == ["MultiPolygon", "Point"]


def test_buildings_ground_and_landmarks_are_taken(extract: Path) -> None:
    layers = MapFiles().read(extract).layers
    assert {layer: layers[layer].select("id", "name", "kind").rows() for layer in ("ground", "buildings")} == {
        "ground": [("way-25", "Inkle Mere", "water"), ("way-26", None, "wood"), ("way-27", "Candle Meadows", "park")],
        "buildings": [("way-23", "Reading Room", "building")],
    }
    # The library is an area and a point of it, the church has no name.
    assert layers["landmarks"].select("id", "name", "kind").rows() == [
        ("way-20", "Inkle Valley", "hospital"),
        ("way-22", None, "school"),
        ("way-23", "Reading Room", "library"),
        ("node-5", "Lock-up", "police station"),
        ("node-6", "Inkle Junction", "station"),
    ]


def test_what_meets_the_area_is_taken_whole(extract: Path) -> None:
    # The diagonal from 1 to 3, and not the lines along the other edges.
    read = MapFiles().read(extract, within=shapely.box(-1.9970, 52.0020, -1.9960, 52.0045))
    assert read.layers["streets"]["id"].to_list() == ["way-12", "way-17"]
    assert shapely.from_wkb(read.layers["streets"]["wkb"][0]).length == pytest.approx(0.01 * 2**0.5)
    assert read.layers["buildings"]["id"].to_list() == ["way-23"]


def test_an_extract_of_another_place_says_what_it_covers(extract: Path) -> None:
    with pytest.raises(InputError, match=r"town\.osm does not cover your area") as caught:
        MapFiles().read(extract, within=shapely.box(-1, 53, -0.9, 53.1))
    said = str(caught.value)
    assert "longitude -2.000 to -1.990, latitude 52.000 to 52.010; your area is longitude -1.000 to -0.900" in said
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.osm", None, "There is no file nowhere.osm"),
        (
            "town.geojson",
            b'{"type": "FeatureCollection"}',
            "town.geojson is no OpenStreetMap extract and no GeoPackage of OS OpenMap Local. Found: .geojson",
        ),
        ("vrt.osm", b"<OGRVRTDataSource/>", "vrt.osm is no OpenStreetMap extract"),
        ("cut.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader", "cut.osm.pbf cannot be read as an OpenStreetMap extract"),
        ("bare.osm", b'<?xml version="1.0"?><osm version="0.6"></osm>', "bare.osm holds no street"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        MapFiles().read(file)
    assert words in str(caught.value)


@pytest.mark.shared
@pytest.mark.parametrize(("file", "streets"), [("rutland.osm.pbf", 4_458), ("fitzrovia.osm", 285)])
def test_real_extracts_are_read(shared: Path, file: str, streets: int) -> None:
    """Of 4,461 and 287 highways OGR leaves out those whose nodes the extract lacks; one is under construction."""
    read = MapFiles().read(shared / "osm" / file)
    assert (
        read.layers["streets"].filter(~pl.col("class").is_in(["railway", "river", "canal", "stream"])).height == streets
    )
    assert read.layers["streets"]["id"].is_unique().all()
