"""Tables show what is there on the day, and call the parts of an area by their own name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service.errors import NotFoundError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import maps, sheets, tables, words
from geo_service.workflows.finding import hotspots, zones

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

CAMERAS = "cctv-redeployable"
YEAR = Period.parse("2025-08", "2026-07")


def on(services: Services, day: dt.date, hour: int = 12) -> Services:
    """Return the services as they are on a day."""
    return replace(services, clock=lambda: dt.datetime.combine(day, dt.time(hour), dt.UTC))


def test_a_camera_is_on_maps_and_pages_from_its_first_to_its_last_day(demonstration: Services) -> None:
    every = tables.layer_table(demonstration, CAMERAS)
    gone = every.rows.filter(pl.col("to").is_not_null()).row(0, named=True)
    run = zones.find_zones(demonstration, HotspotQuery("Nonesuch Borough", YEAR))[1]
    day = dt.timedelta(days=1)
    for at, there in (
        (gone["from"] - day, False),
        (gone["from"], True),
        (gone["to"], True),
        (gone["to"] + day, False),
    ):
        services = on(demonstration, at)
        shown = tables.layer_today(services, CAMERAS)
        assert (gone["id"] in shown.rows["id"]) == there
        assert len(shown.geometry) == shown.rows.height
        drawn = {table.id: table for table in maps.map_tables(services, run)}
        assert (CAMERAS in drawn and gone["id"] in drawn[CAMERAS].rows["id"]) == there
    assert gone["id"] in tables.layer_table(on(demonstration, gone["to"] + day), CAMERAS).rows["id"]


def test_the_day_is_londons(demonstration: Services) -> None:
    assert on(demonstration, dt.date(2026, 6, 14), 23).today() == dt.date(2026, 6, 15)
    assert on(demonstration, dt.date(2026, 12, 14), 23).today() == dt.date(2026, 12, 14)


def test_a_layer_without_days_is_shown_whole(demonstration: Services) -> None:
    assert tables.layer_today(demonstration, "cctv").rows.equals(tables.layer_table(demonstration, "cctv").rows)


@pytest.mark.parametrize(
    ("boundary_set", "word"), [("demonstration-wards", "ward"), ("beats", "member"), (None, "member")]
)
def test_a_part_of_an_area_is_called_what_its_set_calls_it(
    demonstration: Services, boundary_set: str | None, word: str
) -> None:
    assert words.member_word(demonstration, boundary_set) == word


def test_a_sheet_of_areas_that_are_no_wards_does_not_call_them_so(demonstration: Services) -> None:
    described = demonstration.registry.boundaries()
    wards = described["demonstration-wards"]

    class Registry:
        def __getattr__(self, name: str) -> object:
            return getattr(demonstration.registry, name)

        def boundaries(self) -> object:
            return {**described, "demonstration-wards": replace(wards, member="LSOA")}

    services = replace(demonstration, registry=Registry())  # type: ignore[arg-type]
    run = zones.find_zones(services, HotspotQuery("Nonesuch Borough", YEAR))[1]
    content = sheets.sheet_content(services, run, ["1"], printed_for=dt.date(2026, 11, 6))
    assert ("LSOA", run.zones[0].member_name) in {(row.label, row.text) for row in content.zones[0].where}
    assert content.map.member == "LSOA"
    table = tables.zone_table(services, run).rows
    assert table.select("member_code", "member_name").row(0) == (run.zones[0].member_code, run.zones[0].member_name)


def test_the_cells_of_a_run_are_offered_as_long_as_its_data_is_there(demonstration: Services) -> None:
    zones.find_zones(demonstration, HotspotQuery("Nonesuch Borough", YEAR))
    real = demonstration.store

    class Erased:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def snapshot(self, as_of: int | None = None) -> object:
            if as_of is not None:
                raise NotFoundError("The data of that version was erased", found=as_of)
            return real.snapshot()

    offered = {listed for listed, _, _ in tables.collections(demonstration)}
    assert {"zones", "hotspot-cells"} <= offered
    erased = replace(demonstration, store=Erased())  # type: ignore[arg-type]
    assert {listed for listed, _, _ in tables.collections(erased)} == offered - {"hotspot-cells"}
    assert tables.collection(erased, "zones").rows.height
    with pytest.raises(NotFoundError, match="No such collection"):
        tables.collection(erased, "hotspot-cells")


def test_a_part_of_the_cells_is_that_part_of_all_of_them(demonstration: Services) -> None:
    surface = hotspots.ask(demonstration, HotspotQuery("Nonesuch Borough", YEAR))
    for chosen_only in (True, False):
        whole = tables.hotspot_table(demonstration, surface, chosen_only=chosen_only)
        part = tables.hotspot_table(demonstration, surface, chosen_only=chosen_only, first=5, most=7)
        assert part.rows.equals(whole.rows[5:12])
        assert np.array_equal(part.geometry, whole.geometry[5:12])
        assert tables.hotspot_table(demonstration, surface, first=10**6, most=7).rows.is_empty()


@pytest.mark.parametrize(("statistic", "classed"), [("total", False), ("local_moran", True), ("emerging", True)])
def test_cells_show_their_class_where_the_statistic_gives_one(
    demonstration: Services, statistic: str, *, classed: bool
) -> None:
    surface = hotspots.ask(demonstration, HotspotQuery("Nonesuch Borough", YEAR, statistic=statistic))
    rows = tables.hotspot_table(demonstration, surface, chosen_only=False).rows
    assert ("class" in rows.columns) == classed
    if classed:
        assert surface.surface.classes is not None
        counted = dict(rows["class"].value_counts().iter_rows())
        assert counted == {name: int((surface.surface.classes == name).sum()) for name in counted}
        # The best cells of all are hot among hot ones.
        assert "hot" in rows["class"][0]
        assert "Cells by class: " in " ".join(surface.notes)
