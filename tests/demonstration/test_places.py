"""Safe Places, cameras, orders, postcodes."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import opening_hours
import polars as pl
import pytest
import shapely

from geo_service import demonstration

if TYPE_CHECKING:
    from geo_service.demonstration import Demonstration
    from geo_service.demonstration.ground import Ground

LAYERS = Path(__file__).parents[2] / "layers"
ROWS = {
    "safe-places": "safe_places",
    "cctv": "cctv",
    "cctv-redeployable": "cctv_redeployable",
    "pspo": "pspos",
    "environmental-visual-audits": "audits",
    "knife-arch": "knife_arches",
    "street-watch": "street_watch",
    "street-pastors": "street_pastors",
    "parade-stations": "parade_stations",
    "ground": "ground",
    "buildings": "buildings",
    "landmarks": "landmarks",
    "streets": "streets",
    "excluded-places": "excluded_places",
}


@pytest.mark.parametrize("layer", ROWS)
def test_each_layer_has_the_fields_that_its_descriptor_names(layer: str, borough: Demonstration) -> None:
    fields = tomllib.loads((LAYERS / f"{layer}.toml").read_text("utf-8"))["field"]
    found = getattr(borough, ROWS[layer])
    assert set(found.rows.columns) | {"lon", "lat", "licence"} >= {field["name"] for field in fields}
    assert found.rows["id"].is_unique().all()
    for field in fields:
        values = set(found.rows[field["name"]]) if field["name"] in found.rows.columns else set()
        if field["type"] == "choice":
            assert values <= set(field["choices"])
        if field.get("required"):
            assert "" not in values


def test_all_of_it_stands_in_the_borough(borough: Demonstration, land: Ground) -> None:
    for layer in ROWS.values():
        assert shapely.within(getattr(borough, layer).geometry, land.outline.buffer(1)).all()


def test_places_are_of_every_kind_that_the_pages_must_cope_with(borough: Demonstration) -> None:
    rows = borough.safe_places.rows
    last_day = borough.period.last.last_day
    assert set(rows["status"]) == {"verified", "unverified", "suspended"}
    assert rows.filter(pl.col("opening_hours") == "24/7").height == 1
    assert rows.filter(pl.col("opening_hours") == "").height >= 1
    assert rows.filter(pl.col("opening_hours").str.starts_with("off")).height == 1
    assert rows.filter(pl.col("opening_hours").str.contains("unknown")).height == 1
    assert rows.filter(pl.col("address").str.contains("Arcade")).height == 1
    checked = rows.filter(pl.col("status") == "verified")["last_verified"].str.to_date()
    assert (checked <= last_day).all()
    assert (checked < last_day - dt.timedelta(days=365)).sum() == 1


def test_opening_hours_are_valid(borough: Demonstration) -> None:
    written = [hours for hours in borough.safe_places.rows["opening_hours"] if hours]
    written += [*borough.street_watch.rows["hours"], *borough.street_pastors.rows["hours"]]
    assert all(opening_hours.validate(hours) for hours in written)


def test_telephones_and_pages_can_belong_to_nobody(borough: Demonstration) -> None:
    """Ofcom, "Telephone numbers for use in TV and radio drama": 01632 960000 to 960999; RFC 2606: `.example`."""
    rows = borough.safe_places.rows
    assert rows.filter(pl.col("phone") != "")["phone"].str.contains(r"^01632 960\d{3}$").all()
    assert rows.filter(pl.col("web") != "")["web"].str.contains(r"^https://[a-z.]+\.example$").all()


def test_postcodes_are_impossible_ones_each_once_and_in_their_ward(borough: Demonstration, land: Ground) -> None:
    codes = borough.postcodes
    assert codes.width == 10
    assert codes["Postcode"].is_unique().all()
    assert codes["Postcode"].str.contains(r"^ZZ\d \d[A-HJ-UW-Z]{2}$").all()
    assert set(borough.safe_places.rows["postcode"]) <= set(codes["Postcode"])
    at = codes.select(pl.col("Eastings", "Northings").cast(pl.Float64)).to_numpy()
    wards = dict(zip(borough.wards.codes, land.wards, strict=True))
    assert all(
        wards[code].distance(shapely.Point(point)) < 1 for code, point in zip(codes["Admin_ward_code"], at, strict=True)
    )


def test_orders_run_for_three_years_at_most_and_a_proposed_one_has_no_dates(borough: Demonstration) -> None:
    rows = borough.pspos.rows
    assert set(rows["status"]) == {"proposed", "in force", "expired"}
    last_day = borough.period.last.last_day
    for row in rows.iter_rows(named=True):
        if row["status"] == "proposed":
            assert (row["valid_from"], row["valid_to"]) == ("", "")
            continue
        first, last = dt.date.fromisoformat(row["valid_from"]), dt.date.fromisoformat(row["valid_to"])
        assert (last - first).days <= 3 * 366
        assert (first <= last_day <= last) == (row["status"] == "in force")


def test_cameras_that_move_have_a_reason_and_dates_in_order(borough: Demonstration) -> None:
    rows = borough.cctv_redeployable.rows
    assert rows.height == 3
    assert (rows["reason"] != "").all()
    assert rows.filter((pl.col("to") != "") & (pl.col("to") < pl.col("from"))).is_empty()
    assert borough.cctv.rows.height == 14


def test_the_directory_file_holds_every_place_once(borough: Demonstration) -> None:
    lines = demonstration.files(borough)["safe-places.csv"].decode().splitlines()
    assert len(lines) == 1 + borough.safe_places.rows.height


def test_every_team_has_one_station_that_stands_in_its_wards(borough: Demonstration, land: Ground) -> None:
    rows, at = borough.parade_stations.rows, borough.parade_stations.geometry
    assert sorted(rows["team"]) == sorted(team.code for team in borough.teams)
    wards = dict(zip(borough.wards.codes, land.wards, strict=True))
    for team in borough.teams:
        nth = rows["team"].to_list().index(team.code)
        assert shapely.union_all([wards[code] for code in team.members]).covers(at[nth])
