"""Map extracts: what is taken, what is passed over and counted, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
import shapely

from geo_service.errors import InputError
from geo_service.ingest import OsmExtract
from geo_service.ingest.basemap import LICENCE, POINT_RADIUS_M

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
}


def tags(of: dict[str, str]) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in of.items())


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    nodes = [f'<node id="{n}" lat="{lat}" lon="{lon}" version="1"/>' for n, (lat, lon) in NODES.items()]
    police = tags({"amenity": "police", "name": "Lock-up"})
    nodes.append(f'<node id="5" lat="52.005" lon="-1.995" version="1">{police}</node>')
    ways = [
        f'<way id="{n}" version="1">{"".join(f"<nd ref={chr(34)}{at}{chr(34)}/>" for at in path)}{tags(of)}</way>'
        for n, (path, of) in WAYS.items()
    ]
    file = tmp_path / "town.osm"
    file.write_text(f'<?xml version="1.0"?><osm version="0.6">{"".join(nodes + ways)}</osm>')
    return file


def test_streets_railways_and_rivers_above_ground_are_taken(extract: Path) -> None:
    streets = OsmExtract().read(extract).streets
    assert streets.select("id", "name", "class").rows() == [
        ("way-10", "Mill Lane", "residential"),
        ("way-12", None, "railway"),
        ("way-14", "Inkle", "river"),
        ("way-17", None, "footway"),
    ]
    assert set(streets["licence"]) == {LICENCE}
    assert shapely.from_wkb(streets["wkb"][0]).equals(shapely.LineString([(-2.0, 52.0), (-1.99, 52.0)]))


def test_what_is_left_out_is_counted(extract: Path) -> None:
    assert OsmExtract().read(extract).skipped == {
        "railways and rivers in tunnels": 1,
        "streets that are planned, being built, gone or indoors": 1,
        "areas whose outline crosses itself or is not closed": 1,
    }


def test_places_are_areas_or_points_with_a_radius(extract: Path) -> None:
    places = OsmExtract().read(extract).excluded_places
    assert places.select("id", "name", "kind", "radius_m").rows() == [
        ("way-20", "Inkle Valley", "hospital", None),
        ("node-5", "Lock-up", "police station", POINT_RADIUS_M),
    ]
    assert [shape.geom_type for shape in shapely.from_wkb(places["wkb"].to_list())] == ["MultiPolygon", "Point"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.osm", None, "There is no file nowhere.osm"),
        ("town.geojson", b'{"type": "FeatureCollection"}', "no OpenStreetMap extract. Found: .geojson"),
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
        OsmExtract().read(file)
    assert words in str(caught.value)


@pytest.mark.shared
@pytest.mark.parametrize(("file", "streets"), [("rutland.osm.pbf", 4_458), ("fitzrovia.osm", 285)])
def test_real_extracts_are_read(shared: Path, file: str, streets: int) -> None:
    """Of 4,461 and 287 highways OGR leaves out those whose nodes the extract lacks; one is under construction."""
    read = OsmExtract().read(shared / "osm" / file)
    assert read.streets.filter(~pl.col("class").is_in(["railway", "river", "canal"])).height == streets
    assert read.streets["id"].is_unique().all()
