"""GeoJSON is read back by GDAL as it was, and says where it comes from."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyogrio
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.formats import formats
from geo_service.formats.geojson import geometry_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.layers import FeatureTable

GEOJSON = formats()["geojson"]
SQUARE = shapely.Polygon([(-2, 52), (-2, 53), (-1, 53), (-1, 52)], [[(-1.6, 52.4), (-1.4, 52.4), (-1.5, 52.6)]])


def test_gdal_reads_back_what_was_written(make_table: Callable[..., FeatureTable]) -> None:
    written = make_table(
        [SQUARE, shapely.MultiPolygon([shapely.box(0, 50, 1, 51), shapely.box(2, 50, 3, 51)]), None],
        shape="area",
        name=["one", None, "three"],
        count=[1, 2, None],
        share=[0.5, float("nan"), 1e-9],
        first=[dt.date(2025, 5, 1), None, None],
    )
    read = pyogrio.read_dataframe(GEOJSON.write(written))
    assert read["id"].tolist() == ["f0", "f1", "f2"]
    assert read["name"].fillna("").tolist() == ["one", "", "three"]
    assert read["count"].fillna(-1).tolist() == [1, 2, -1]
    assert read["share"].fillna(-1).tolist() == [0.5, -1, 1e-9]
    assert read["first"].iloc[0].date() == dt.date(2025, 5, 1)
    assert shapely.equals(np.array(read.geometry[:2]), written.geometry[:2]).all()
    assert read.geometry.iloc[2] is None


def test_hostile_names_come_back_unchanged(hostile: FeatureTable, names: tuple[str, ...]) -> None:
    assert pyogrio.read_dataframe(GEOJSON.write(hostile))["name"].tolist() == list(names)


def test_title_marking_provenance_licences_and_notes_stand_beside_the_features(
    make_table: Callable[..., FeatureTable],
) -> None:
    document = orjson.loads(GEOJSON.write(make_table([shapely.Point(-1.9, 52.3)], demonstration=True)))
    assert document["title"] == "Places"
    assert document["marking"] == "OFFICIAL"
    assert document["data_version"] == 7
    assert document["destroy_after"] == "2026-12-20"
    assert document["provenance"] == {
        "data_version": 7,
        "data_to": "2025-09",
        "parameters": {"area share": "1.4 %"},
        "seed": 42,
    }
    assert document["licences"] == ["Licence one", "Licence two"]
    assert document["notes"] == ["DEMONSTRATION: an invented place", "A proxy, not a measure"]


def test_outer_rings_run_anticlockwise_and_holes_clockwise(make_table: Callable[..., FeatureTable]) -> None:
    clockwise = shapely.orient_polygons(SQUARE, exterior_cw=True)
    document = orjson.loads(GEOJSON.write(make_table([clockwise], shape="area")))
    outer, hole = document["features"][0]["geometry"]["coordinates"]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(hole).is_ccw


def test_a_position_that_is_empty_or_missing_is_null(make_table: Callable[..., FeatureTable]) -> None:
    document = orjson.loads(GEOJSON.write(make_table([None, shapely.Point()])))
    assert [feature["geometry"] for feature in document["features"]] == [None, None]
    assert orjson.loads(GEOJSON.write(make_table([])))["features"] == []


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20))
def test_coordinates_are_rounded_to_a_centimetre(lonlat: list[tuple[float, float]]) -> None:
    texts = geometry_json(shapely.points(np.array(lonlat)))
    read = np.array([orjson.loads(text or "{}")["coordinates"] for text in texts])
    assert np.abs(read - np.array(lonlat)).max() <= 0.5000001e-7
    assert (read == np.round(read, 7)).all()
