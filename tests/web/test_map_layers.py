"""What the maps of the staff site draw."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.app import open_area
from geo_service.web.map_layers import MapLayer, map_json, map_layers, nearby_outlines
from geo_service.workflows import tables
from geo_service.workflows.finding import zones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services


@pytest.fixture
def area(demonstration_copy: Path) -> Iterator[Services]:
    services = open_area(demonstration_copy)
    yield services
    services.close()


def test_the_ground_lies_lowest_then_outlines_zones_and_features(area: Services) -> None:
    run = zones.zone_run(area, "latest")
    filled = [tables.layer_table(area, layer) for layer in ("cctv", "ground")]
    drawn = map_layers(area, run, filled, focus=run.zones[0].id)
    assert [layer.role for layer in drawn] == ["ground", "outline", "zones", "features"]
    assert [layer.focus for layer in drawn] == ["", "", run.zones[0].id, ""]


def test_a_map_carries_of_each_layer_what_it_draws_and_no_more(table_of_wards: Callable[[], FeatureTable]) -> None:
    wards = table_of_wards()
    wards = replace(wards, rows=wards.rows.with_columns(kind=pl.lit("park")))
    drawn = [MapLayer(wards, "ground", "Parks"), MapLayer(wards, "outline", "Wards")]
    ground, outline = json.loads(map_json(drawn))
    assert [feature["properties"] for feature in ground["data"]["features"]] == [{"kind": "park"}] * 2
    assert [feature["properties"] for feature in outline["data"]["features"]] == [
        {"id": "W1", "name": "Overton"},
        {"id": "W2", "name": "Northmere"},
    ]


def test_outlines_far_from_what_is_shown_are_left_out(
    table_of_wards: Callable[[], FeatureTable], table_of_places: Callable[..., FeatureTable]
) -> None:
    wards, places = table_of_wards(), table_of_places()
    far = replace(wards, geometry=np.array([wards.geometry[0], shapely.box(2.0, 52.0, 2.1, 52.1)], dtype=object))
    assert nearby_outlines(far, [places]).rows["id"].to_list() == ["W1"]
    assert nearby_outlines(far, []).rows["id"].to_list() == ["W1", "W2"]
    nowhere = replace(places, geometry=np.array([None] * places.rows.height, dtype=object))
    assert nearby_outlines(far, [nowhere]).rows["id"].to_list() == ["W1", "W2"]
