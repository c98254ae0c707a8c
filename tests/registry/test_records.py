"""The records of published reports: as the reports have them, and in no area that did not bring them in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from geo_service.model.access import Audience
from geo_service.registry import open_registry

CHECKOUT = Path(__file__).parents[2]
PLACES = CHECKOUT / "data" / "places"
REGISTRY = open_registry(CHECKOUT)
LAYER = {
    "redditch-knife-arch-2023-11-01.csv": "knife-arch",
    "redditch-pspo-2023-11-01.csv": "pspo",
    "worcester-pspo-2021-05-26.csv": "pspo",
    "redditch-environmental-visual-audits-2023-11-01.csv": "environmental-visual-audits",
    "worcester-street-pastors-2021-05-26.csv": "street-pastors",
    "west-midlands-street-watch-2023.csv": "street-watch",
    "redditch-safe-places-2023-11-01.csv": "safe-places",
}


def records(name: str) -> pl.DataFrame:
    good, rejects = REGISTRY.read_features(LAYER[name], PLACES / name)
    assert rejects.height == 0
    return good


def test_every_file_is_listed_with_how_to_bring_it_in() -> None:
    assert {path.name for path in PLACES.glob("*.csv")} == LAYER.keys()
    readme = (PLACES / "README.md").read_text("utf-8")
    for name, layer in LAYER.items():
        assert f"import layer {layer} {name}" in readme


@pytest.mark.parametrize("name", sorted(LAYER.keys() - {"redditch-safe-places-2023-11-01.csv"}))
def test_a_record_names_its_source_and_has_no_place_that_the_source_does_not_give(name: str) -> None:
    found = records(name)
    assert found["wkb"].null_count() == found.height
    assert found["source"].null_count() == 0
    assert found["note"].null_count() == 0


def test_the_knife_arch_stood_on_eight_days() -> None:
    """Review of the work of the Community Safety Partnership in 2022/23, "NWCSP Funded Knife Arch"."""
    found = records("redditch-knife-arch-2023-11-01.csv")
    assert found["date"].to_list() == [
        dt.date(2022, 10, 13), dt.date(2022, 12, 16), dt.date(2023, 1, 20), dt.date(2023, 3, 3),
        dt.date(2023, 5, 12), dt.date(2023, 7, 6), dt.date(2023, 7, 26), dt.date(2023, 10, 11),
    ]  # fmt: skip
    assert found["name"].to_list().count("Redditch Train Station") == 4


def test_there_are_four_orders_of_three_statuses() -> None:
    """Redditch: proposed, comments until 29 October 2023. Worcester: the report of 26 May 2021, 6.47 to 6.54."""
    orders = pl.concat([records("redditch-pspo-2023-11-01.csv"), records("worcester-pspo-2021-05-26.csv")])
    assert dict(orders.select("id", "status").iter_rows()) == {
        "redditch-town-centre": "proposed",
        "worcester-dog-control": "extended",
        "worcester-alcohol": "in force",
        "worcester-city-centre": "in force",
    }
    by_id = {row["id"]: row for row in orders.iter_rows(named=True)}
    assert by_id["worcester-dog-control"]["extended_from"] == dt.date(2021, 7, 6)
    assert by_id["worcester-city-centre"]["valid_from"] == dt.date(2021, 3, 29)
    assert orders["valid_to"].null_count() == 4  # no expiry is given
    assert orders["prohibitions"].null_count() == 0


def test_street_pastors_are_out_on_saturday_night() -> None:
    assert records("worcester-street-pastors-2021-05-26.csv")["hours"].to_list() == ["Sa 22:00-04:00"]


@pytest.mark.parametrize("layer", sorted({*LAYER.values()}))
@pytest.mark.parametrize("demonstration", [True, False])
def test_no_area_has_a_record_that_it_did_not_bring_in(layer: str, *, demonstration: bool) -> None:
    registry = open_registry(CHECKOUT, demonstration=demonstration)
    assert registry.features(layer, Audience.FORCE, None).rows.is_empty()
