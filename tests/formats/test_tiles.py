"""Tiles of the base map, read back by other programs' readers."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import mapbox_vector_tile
import numpy as np
import polars as pl
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader

from geo_service.formats.tiles import MAX_ZOOM, MIN_ZOOM, VectorTiles

if TYPE_CHECKING:
    from collections.abc import Sequence

LON, LAT = -2.0, 52.0
ROAD = shapely.LineString([(LON, LAT), (LON + 0.02, LAT + 0.01)])
HOUSE = shapely.box(LON, LAT, LON + 0.0002, LAT + 0.0001)


def table(kind: str, rows: Sequence[tuple[str | None, str, shapely.Geometry | None]]) -> pl.DataFrame:
    names, kinds, shapes = zip(*rows, strict=True)
    wkb = [None if shape is None else shapely.to_wkb(shape) for shape in shapes]
    return pl.DataFrame({"id": [str(n) for n in range(len(rows))], "name": names, kind: kinds, "wkb": wkb})


LAYERS = {
    "streets": table(
        "class",
        [
            ("High Street", "primary", ROAD),
            ("Ivor Road", "residential", ROAD),
            (None, "footway", ROAD),
            (None, "railway", ROAD),
            ("Arrow", "river", ROAD),
            (None, "stream", ROAD),
            (None, "residential", None),
        ],
    ),
    "ground": table("kind", [("Mere", "water", HOUSE.buffer(0.01)), (None, "wood", HOUSE), ("Green", "park", HOUSE)]),
    "buildings": table("kind", [(None, "house", HOUSE)]),
    "landmarks": table("kind", [("Trinity", "school", HOUSE), (None, "school", HOUSE)]),
    "cctv": table("kind", [("not drawn", "dome", HOUSE)]),
}


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    """Return the tile that holds a point (slippy map convention, Web Mercator)."""
    n = 2**zoom
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * n
    return zoom, int((lon + 180) / 360 * n), int(y)


def layers_at(content: bytes, zoom: int, lon: float = LON + 0.01, lat: float = LAT + 0.005) -> dict[str, Any]:
    found = Reader(MemorySource(content)).get(*tile_at(lon, lat, zoom))
    return {} if found is None else mapbox_vector_tile.decode(gzip.decompress(found))


@pytest.fixture(scope="module")
def made() -> bytes:
    content = VectorTiles().write(LAYERS)
    assert content is not None
    return content


@pytest.mark.parametrize("zoom", range(MIN_ZOOM, MAX_ZOOM + 1))
def test_a_tile_holds_the_named_road_where_it_lies(made: bytes, zoom: int) -> None:
    road = layers_at(made, zoom)["roads"]
    (feature,) = road["features"]
    assert feature["properties"] == {"name": "High Street", "class": "primary"}
    # Back to degrees: the middle of the road lies on the line that was drawn.
    _, x, y = tile_at(LON + 0.01, LAT + 0.005, zoom)
    at = np.array(shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]))) / road["extent"]
    lon = (x + at[:, 0]) / 2**zoom * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + 1 - at[:, 1]) / 2**zoom))))
    assert shapely.distance(shapely.points(lon, lat), ROAD).max() < 360 / 2**zoom / road["extent"]


def test_each_layer_begins_at_its_own_zoom(made: bytes) -> None:
    far, middle, near = (layers_at(made, zoom, LON + 0.0001, LAT + 0.00005) for zoom in (10, 13, 15))
    assert set(far) <= {"roads", "rail", "rivers", "water", "wood"}
    assert {"roads", "rail", "rivers"} <= set(far)
    assert {"streets", "streams", "landmarks"} <= set(middle) - set(far)
    assert {"paths", "buildings"} <= set(near) - set(middle)
    assert near["landmarks"]["features"][0]["properties"] == {"name": "Trinity", "class": "school"}
    assert near["landmarks"]["features"][0]["geometry"]["type"] == "Point"
    assert len(near["landmarks"]["features"]) == 1
    assert near["water"]["features"][0]["properties"] == {"name": "Mere", "class": "water"}


def test_the_archive_says_what_it_holds(made: bytes) -> None:
    reader = Reader(MemorySource(made))
    header = reader.header()
    assert (header["min_zoom"], header["max_zoom"]) == (MIN_ZOOM, MAX_ZOOM)
    assert {layer["id"] for layer in reader.metadata()["vector_layers"]} == {
        "wood", "park", "water", "rivers", "streams", "buildings", "paths", "streets", "roads", "rail", "landmarks"
    }  # fmt: skip


def test_equal_layers_become_equal_bytes(made: bytes) -> None:
    assert VectorTiles().write(dict(reversed(LAYERS.items()))) == made


def test_nothing_to_draw_is_no_archive() -> None:
    assert VectorTiles().write({}) is None
    assert VectorTiles().write({"cctv": LAYERS["cctv"], "streets": LAYERS["streets"].clear()}) is None
    assert VectorTiles().write({"streets": LAYERS["streets"].tail(1)}) is None
