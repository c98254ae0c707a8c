"""The files that a user would bring."""

from __future__ import annotations

import csv
import json
import tomllib
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely

from geo_service import demonstration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.demonstration import Demonstration

MAPPING = Path(__file__).parents[2] / "data" / "mappings" / "demonstration.toml"
BOUNDARIES = Path(__file__).parents[2] / "data" / "boundaries"


@pytest.fixture(scope="module")
def files(borough: Demonstration) -> Mapping[str, bytes]:
    return demonstration.files(borough)


def test_every_geojson_says_that_it_is_a_demonstration(files: Mapping[str, bytes]) -> None:
    collections = {name: json.loads(content) for name, content in files.items() if name.endswith(".geojson")}
    assert collections.keys() == {
        "wards.geojson", "ground.geojson", "buildings.geojson", "landmarks.geojson",
        "cctv.geojson", "cctv-redeployable.geojson", "pspo.geojson",
        "streets.geojson", "excluded-places.geojson", "parade-stations.geojson",
        "environmental-visual-audits.geojson", "knife-arch.geojson", "street-watch.geojson", "street-pastors.geojson",
    }  # fmt: skip
    for collection in collections.values():
        assert collection["demonstration"] is True
        assert collection["name"].startswith("DEMONSTRATION")


def test_the_wards_still_tile_when_read_back(files: Mapping[str, bytes], borough: Demonstration) -> None:
    features = json.loads(files["wards.geojson"])["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    assert shapely.coverage_is_valid(shapes)
    assert tuple(feature["properties"]["code"] for feature in features) == borough.wards.codes


def test_the_export_has_the_header_that_its_mapping_names(files: Mapping[str, bytes]) -> None:
    mapping = tomllib.loads(MAPPING.read_text("utf-8"))
    wanted = {*mapping["columns"].values(), *mapping["markers"].values()}
    header = files["incidents.csv"].split(b"\n", 1)[0].decode().split(",")
    assert set(header) == wanted


def test_the_export_reads_back_as_it_was(files: Mapping[str, bytes], borough: Demonstration) -> None:
    rows = csv.reader(StringIO(files["incidents.csv"].decode(), newline=""))
    assert tuple(next(rows)) == tuple(borough.incidents.columns)
    assert [tuple(row) for row in rows] == borough.incidents.rows()


def test_the_postcode_file_has_no_header_as_code_point_open(files: Mapping[str, bytes]) -> None:
    first = files["postcodes.csv"].split(b"\n", 1)[0].decode()
    assert first.startswith("ZZ9 0AA,10,60")
    assert first.count(",") == 9


def test_ward_and_team_descriptors_speak_of_the_same_borough(borough: Demonstration) -> None:
    wards = tomllib.loads((BOUNDARIES / "demonstration-wards.toml").read_text("utf-8"))
    teams = tomllib.loads((BOUNDARIES / "demonstration-teams.toml").read_text("utf-8"))
    assert (wards["id"], wards["valid_from"], wards["vintage"]) == (
        borough.wards.id, borough.wards.valid_from, borough.wards.vintage
    )  # fmt: skip
    assert [(area["code"], area["name"], tuple(area["members"])) for area in teams["area"]] == [
        (team.code, team.name, team.members) for team in borough.teams
    ]
