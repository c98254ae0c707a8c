"""The registry serves what the shipped descriptors describe, to those who may see it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.errors import NotFoundError
from geo_service.model.access import Audience
from geo_service.registry import open_registry

CHECKOUT = Path(__file__).parents[2]
PLACES = CHECKOUT / "data" / "places" / "redditch-safe-places-2023-11-01.csv"
REGISTRY = open_registry(CHECKOUT)


def snapshot(features: dict[str, pl.DataFrame], postcodes: pl.DataFrame | None = None, version: int = 3) -> Any:  # noqa: ANN401
    return SimpleNamespace(
        version=version,
        features=features.get,
        postcodes=lambda: postcodes,
        inside=lambda geometry: np.ones(len(geometry), dtype=bool),
    )


@pytest.fixture(scope="module")
def listed() -> pl.DataFrame:
    good, rejects = REGISTRY.read_features("safe-places", PLACES)
    assert rejects.height == 0
    return good


def centres(*postcodes: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "postcode": postcodes,
            "lon": [-1.9 - n / 1000 for n in range(len(postcodes))],
            "lat": [52.3] * len(postcodes),
        },
        schema={"postcode": pl.String, "lon": pl.Float64, "lat": pl.Float64},
    )


def test_every_layer_that_ships_is_told_apart_by_shape_and_letter() -> None:
    layers = REGISTRY.layers(Audience.FORCE)
    looks = {(layer.style.shape, layer.style.letter) for layer in layers}
    assert len(looks) == len(layers)
    assert {"cctv", "cctv-redeployable", "pspo", "safe-places"} <= {layer.id for layer in layers}


def test_each_audience_sees_its_layers_only() -> None:
    public = {layer.id for layer in REGISTRY.layers(Audience.PUBLIC)}
    partner = {layer.id for layer in REGISTRY.layers(Audience.PARTNER)}
    assert {"safe-places", "pspo"} <= public
    assert partner == public | {"cctv", "environmental-visual-audits", "street-pastors", "street-watch"}
    assert {layer.id for layer in REGISTRY.layers(Audience.FORCE)} == partner | {
        "addresses", "buildings", "cctv-redeployable", "excluded-places", "knife-arch", "landmarks", "parade-stations",
        "streets",
    }  # fmt: skip


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.PARTNER])
def test_redeployable_cameras_are_for_the_force_alone(audience: Audience) -> None:
    with pytest.raises(NotFoundError) as caught:
        REGISTRY.features("cctv-redeployable", audience, None)
    assert "safe-places" in caught.value.message
    assert "cctv-redeployable," not in caught.value.message


def test_a_layer_without_features_is_an_empty_table_with_its_columns() -> None:
    table = REGISTRY.features("cctv", Audience.PARTNER, None)
    assert (table.rows.height, table.rows.columns) == (0, ["id", "name", "operator", "kind"])
    assert (table.provenance.data_version, table.audience) == (0, Audience.PARTNER)


def test_redditchs_directory_is_imported_as_it_was_listed(listed: pl.DataFrame) -> None:
    assert listed.height == 21
    assert listed["status"].unique().to_list() == ["unverified"]
    assert listed["as_listed"].unique().to_list() == ["2023-11-01"]
    assert listed["opening_hours"].null_count() == 21
    assert (listed["postcode"] == "B97 4HJ").sum() == 8
    without = listed.filter(pl.col("postcode").is_null())
    assert without["address"].to_list() == ["Town Hall Walker Stanz Square"]
    assert listed["note"].null_count() == 0


def test_the_note_on_what_is_wrong_is_for_the_force(listed: pl.DataFrame) -> None:
    stored = snapshot({"safe-places": listed})
    assert "note" not in REGISTRY.features("safe-places", Audience.PUBLIC, stored).rows.columns
    assert "note" not in REGISTRY.features("safe-places", Audience.PARTNER, stored).rows.columns
    assert "note" in REGISTRY.features("safe-places", Audience.FORCE, stored).rows.columns


def test_a_public_layer_with_a_column_for_the_force_is_no_public_table(listed: pl.DataFrame) -> None:
    held = snapshot({"safe-places": listed})
    assert REGISTRY.features("safe-places", Audience.PUBLIC, held).audience is Audience.PUBLIC
    assert REGISTRY.features("safe-places", Audience.FORCE, held).audience is Audience.FORCE
    assert REGISTRY.features("pspo", Audience.FORCE, held).audience is Audience.PUBLIC


def test_places_have_no_pin_until_a_postcode_file_is_imported(listed: pl.DataFrame) -> None:
    table = REGISTRY.features("safe-places", Audience.PUBLIC, snapshot({"safe-places": listed}))
    assert shapely.is_missing(table.geometry).all()
    assert table.notes == ("21 of 21 have no position and are listed without a pin; no postcode file is imported.",)


def test_places_are_located_by_postcode_and_say_so(listed: pl.DataFrame) -> None:
    stored = snapshot({"safe-places": listed}, centres("B974HJ", "B97 5DQ"))
    table = REGISTRY.features("safe-places", Audience.FORCE, stored)
    centre = table.rows["position_source"] == "postcode centre"
    assert centre.sum() == 9
    assert table.geometry[0] == shapely.Point(-1.9, 52.3)
    assert table.rows.row(0, named=True)["lon"] == -1.9
    assert shapely.is_missing(table.geometry).sum() == 12
    assert table.rows["id"].to_list() == listed["id"].to_list()
    assert table.notes[0] == "9 of 21 stand at the centre of their postcode, not at their door."


def test_a_postcode_in_no_file_is_noted_once(listed: pl.DataFrame) -> None:
    stored = snapshot({"safe-places": listed}, centres("B97 4HJ"))
    notes = dict(REGISTRY.features("safe-places", Audience.FORCE, stored).rows.select("id", "note").rows())
    assert notes["redditch-17"].count("B96 7DQ is in no postcode file.") == 1
    assert notes["redditch-02"].startswith("B97 5DQ is in no postcode file. Listed without")
    assert "postcode file" not in notes["redditch-08"]


def test_a_place_with_coordinates_of_its_own_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("id,name,status,postcode,lon,lat\np1,Hall,verified,B97 4HJ,-1.95,52.31\n", encoding="utf-8")
    good, _ = REGISTRY.read_features("safe-places", path)
    table = REGISTRY.features("safe-places", Audience.PUBLIC, snapshot({"safe-places": good}, centres("B97 4HJ")))
    assert table.geometry[0] == shapely.Point(-1.95, 52.31)
    assert table.rows["position_source"].to_list() == ["coordinates of the list"]
    assert table.notes == ()


def test_features_of_an_older_descriptor_get_the_columns_of_today() -> None:
    old = pl.DataFrame(
        {"id": ["c1"], "name": ["Gate"], "colour": ["grey"], "wkb": [shapely.to_wkb(shapely.Point(1, 52))]}
    )
    table = REGISTRY.features("cctv", Audience.FORCE, snapshot({"cctv": old}, version=8))
    assert table.rows.rows() == [("c1", "Gate", None, None)]
    assert table.provenance.data_version == 8


def test_orders_and_deployments_speak_of_days(tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    path.write_text("id,name,from,to,lon,lat\nd1,Gate,2025-01-01,,-1.9,52.3\n", encoding="utf-8")
    good, _ = REGISTRY.read_features("cctv-redeployable", path)
    table = REGISTRY.features("cctv-redeployable", Audience.FORCE, snapshot({"cctv-redeployable": good}))
    assert table.time_columns == ("from", "to")
    assert table.rows.select("from", "to").row(0) == (dt.date(2025, 1, 1), None)
    assert REGISTRY.features("pspo", Audience.PUBLIC, None).time_columns == ("valid_from", "valid_to")


def test_the_demonstration_area_says_so_in_every_table(listed: pl.DataFrame) -> None:
    registry = open_registry(CHECKOUT, demonstration=True)
    table = registry.features("safe-places", Audience.PUBLIC, snapshot({"safe-places": listed}))
    assert table.provenance.demonstration
    assert table.notes[0] == "DEMONSTRATION: an invented place"
    assert not set(registry.boundaries()) & set(REGISTRY.boundaries())


def test_the_policing_areas_are_lists_of_districts() -> None:
    boundaries = REGISTRY.boundaries()
    (north,) = boundaries["north-worcestershire"].areas
    assert north.parents == ("E07000234", "E07000236", "E07000239")
    seven = boundaries["west-midlands-policing-areas-2023"]
    assert seven.valid_from == dt.date(2023, 4, 3)
    assert [area.parents[0] for area in seven.areas] == [f"E080000{n}" for n in range(25, 32)]
    units = boundaries["west-midlands-npus"].areas
    assert len(units) == 8
    assert [area.name for area in units if not area.parents] == ["Birmingham East NPU", "Birmingham West NPU"]


def test_every_boundary_set_names_its_source_licence_and_way() -> None:
    boundaries = {**REGISTRY.boundaries(), **open_registry(CHECKOUT, demonstration=True).boundaries()}
    assert set(boundaries) == {path.stem for path in (CHECKOUT / "data" / "boundaries").glob("*.toml")}
    for described in boundaries.values():
        assert described.source
        assert described.licence
        assert described.how_to_get
        assert described.areas or (described.code_field and described.name_field)


@pytest.mark.parametrize(
    ("boundary_set", "word"), [("wards-2025", "ward"), ("lsoa-2021", "LSOA"), ("districts-2025", "district")]
)
def test_a_boundary_set_says_what_its_members_are_called(boundary_set: str, word: str) -> None:
    assert REGISTRY.boundaries()[boundary_set].member == word


@pytest.mark.shared
def test_the_official_files_have_the_fields_that_the_descriptors_name(shared: Path) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    files = {
        "wards-2025": "wards-2025-worcestershire.geojson",
        "wards-2022": "wards-2022-redditch.geojson",
        "lsoa-2021": "lsoa-2021-worcestershire.geojson",
        "police-force-areas-2023": "police-force-areas-2023.geojson",
    }
    for name, file in files.items():
        described = REGISTRY.boundaries()[name]
        named = {described.code_field, described.name_field, described.parent_code_field, described.parent_name_field}
        assert named - {""} <= set(pyogrio.read_info(shared / "boundaries" / file)["fields"])


@pytest.mark.shared
def test_only_one_of_redditchs_postcodes_is_in_no_postcode_file(shared: Path, listed: pl.DataFrame) -> None:
    file = shared / "postcodes" / "code-point-open-2025-4-north-worcestershire.csv"
    known = pl.read_csv(file, has_header=False, columns=[0]).to_series()
    missing = set(listed["postcode"].drop_nulls()) - set(known)
    assert missing == {"B96 7DQ"}


@pytest.mark.shared
def test_a_councils_camera_list_fits_once_its_columns_are_named(shared: Path, tmp_path: Path) -> None:
    cameras = pl.read_csv(shared / "cctv" / "trafford_cctv_cameras.csv", infer_schema=False)
    path = tmp_path / "cameras.csv"
    cameras.select(pl.col("camera_id").alias("id"), pl.col("location").alias("name"), "lon", "lat").write_csv(path)
    good, rejects = REGISTRY.read_features("cctv", path)
    assert good.height + rejects.height == 163
    assert rejects["reason"].unique().to_list() in ([], ["id is the id of an earlier row too"])


def test_an_excluded_place_is_an_area_or_a_point(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(
        "id,kind,wkt,radius_m\n"
        "a,prison,POINT (-1.9 52.3),100\n"
        'b,hospital,"POLYGON ((-1.9 52.3, -1.8 52.3, -1.8 52.4, -1.9 52.3))",\n'
        'c,other,"LINESTRING (-1.9 52.3, -1.8 52.3)",\n'
    )
    good, rejects = REGISTRY.read_features("excluded-places", file)
    assert good["id"].to_list() == ["a", "b"]
    assert rejects["reason"].to_list() == ["position is a LineString, not a Point or Polygon or MultiPolygon"]


def test_a_point_without_wkt_is_placed_by_its_coordinates(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("id,kind,lon,lat\na,prison,-1.9,52.3\n")
    good, rejects = REGISTRY.read_features("excluded-places", file)
    assert (good.height, rejects.height) == (1, 0)


def test_lines_that_bring_a_licence_show_it(tmp_path: Path) -> None:
    file = tmp_path / "streets.csv"
    odbl, own = "© OpenStreetMap contributors, ODbL 1.0", REGISTRY.features("streets", Audience.FORCE, None).licences
    lines = [f'"LINESTRING (-1.9 52.{n}, -1.8 52.{n})",{n},residential,"{odbl}"' for n in range(3)]
    file.write_text("\n".join(["wkt,id,class,licence", *lines]), encoding="utf-8")
    good, _ = REGISTRY.read_features("streets", file)
    assert REGISTRY.features("streets", Audience.FORCE, snapshot({"streets": good})).licences == (odbl,)
    one = good.with_columns(licence=pl.when(pl.col("id") != "1").then("licence"))
    assert REGISTRY.features("streets", Audience.FORCE, snapshot({"streets": one})).licences == (*own, odbl)
