"""Near repeats of the demonstration area, where a share of burglaries follows others, and cocoons on a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service import spatial
from geo_service.errors import NotFoundError, QueryError
from geo_service.hotspots.repeats.cocoon import CocoonRules
from geo_service.hotspots.repeats.knox import Bands
from geo_service.model.access import Audience
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding.near_repeat import (
    CocoonAnswer,
    NearRepeatAnswer,
    NearRepeatQuery,
    ask,
    look,
    read_bands,
)
from geo_service.workflows.finding.near_repeat_tables import ITSELF, cocoon_table, knox_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo_service.model.access import AuditEvent
    from geo_service.workflows.services import Services

ALL, AUTUMN = Period.parse("2024-11", "2026-10"), Period.parse("2026-08", "2026-10")
DAY = dt.date(2026, 10, 20)
RULES = CocoonRules(radius_m=120, days=14, most=8)


def asked(period: Period, cocoon: dt.date | None = None, places: str = "cells") -> NearRepeatQuery:
    query = HotspotQuery("demonstration-wards", period, offence_set="burglary")
    return NearRepeatQuery(query, Bands(), RULES, cocoon, places)


@pytest.fixture(scope="module")
def table(demonstration: Services) -> NearRepeatAnswer:
    found = ask(demonstration, asked(ALL))
    assert isinstance(found, NearRepeatAnswer)
    return found


@pytest.fixture(scope="module")
def live(demonstration: Services) -> CocoonAnswer:
    found = ask(demonstration, asked(AUTUMN, DAY))
    assert isinstance(found, CocoonAnswer)
    return found


def test_followers_that_were_drawn_are_found(table: NearRepeatAnswer) -> None:
    # Three of ten burglaries of homes follow another by some 75 m and 9 days (demonstration/streams.py, incidents.py).
    found = table.knox
    assert found.bands.rows[1] == "0 to 100 m"
    assert (found.p[1, 1], found.p[1, 2]) == (0.001, 0.001)
    assert found.ratio[1, 1] > 1.5
    assert "0 to 100 m and 1 to 7 days apart are" in table.sentence
    assert found.observed.sum() == found.incidents * (found.incidents - 1) // 2


def test_the_preventable_are_more_than_by_chance(table: NearRepeatAnswer) -> None:
    found = table.preventable
    assert found.share > found.by_chance + 0.05
    assert found.p == 0.01
    assert "so a visited ring would have reached them" in table.sentence_preventable


def test_the_table_has_a_row_for_each_band_and_no_place(table: NearRepeatAnswer) -> None:
    written = knox_table(table)
    assert written.rows.height == 6 * 6
    assert written.rows["observed"].sum() == table.knox.observed.sum()
    assert written.audience is Audience.FORCE
    assert not any(written.geometry)


def test_incidents_without_a_day_are_left_out_and_counted(table: NearRepeatAnswer) -> None:
    if table.undated:
        assert f"{table.undated:,} incidents are left out" in " ".join(table.told.notes)
    assert table.knox.incidents > 1_500


def test_cocoons_are_those_of_the_weeks_before(live: CocoonAnswer) -> None:
    rows = cocoon_table(live).rows
    assert rows["happened"].min() >= DAY - dt.timedelta(days=14)
    assert rows["recorded"].max() <= DAY
    assert (rows["days_left"] >= 0).all()
    assert (rows["last_day"] == rows["happened"] + dt.timedelta(days=14)).all()
    follow_ups = rows.filter(pl.col("order") == 0)
    assert follow_ups["visit"].unique().to_list() == [ITSELF]
    assert follow_ups["crime_number"].is_unique().all()
    assert f": {follow_ups.height}. Visits: {rows.height:,}, the place itself first" in live.sentence


def test_visits_go_from_the_nearest_outwards(live: CocoonAnswer) -> None:
    rows = cocoon_table(live).rows
    for _, visits in rows.group_by("crime_number"):
        assert visits["order"].to_list() == list(range(visits.height))
        assert visits["distance_m"].is_sorted()
        assert visits["distance_m"].max() <= 120
        assert visits.height <= 1 + 8


def test_each_shape_lies_where_it_is_said_to(live: CocoonAnswer) -> None:
    table = cocoon_table(live)
    assert table.audience is Audience.FORCE
    shapes = spatial.project_geometry(table.geometry, "grid")
    listed = list(zip(*table.rows.select("crime_number", "order"), shapes, strict=True))
    own = {number: shape for number, order, shape in listed if order == 0}
    apart = [shapely.distance(own[number], shape) for number, _, shape in listed]
    np.testing.assert_allclose(apart, table.rows["distance_m"].to_numpy(), atol=0.06)


def test_a_layer_of_places_can_be_visited(demonstration: Services) -> None:
    found = ask(demonstration, asked(AUTUMN, DAY, "cctv"))
    assert isinstance(found, CocoonAnswer)
    visits = cocoon_table(found).rows.filter(pl.col("order") > 0)
    cameras = demonstration.registry.features("cctv", Audience.FORCE, demonstration.store.snapshot())
    named = cameras.rows["name"].to_list() if "name" in cameras.rows.columns else cameras.rows["id"].to_list()
    assert set(visits["visit"]) <= {*named, *cameras.rows["id"]}


def test_a_look_is_recorded(demonstration: Services, events: Callable[[int], Sequence[AuditEvent]]) -> None:
    look(demonstration, asked(AUTUMN, DAY))
    assert events(1)[0].act == "consultation: near repeat"


def test_what_cannot_be_asked_is_refused(demonstration: Services) -> None:
    with pytest.raises(NotFoundError, match=r"No such layer of places to visit\. Found: homes"):
        ask(demonstration, asked(AUTUMN, DAY, "homes"))
    with pytest.raises(QueryError, match="not in the months that are asked about"):
        ask(demonstration, asked(AUTUMN, dt.date(2026, 1, 1)))
    with pytest.raises(QueryError, match="Not numbers with commas") as refused:
        read_bands("1,b", "1,2", "euclidean")
    assert refused.value.field == "distances"


@pytest.mark.shared
@pytest.mark.parametrize("day", [None, dt.date(2025, 6, 1)])
def test_months_have_no_days_and_the_source_is_named(redditch: Services, day: dt.date | None) -> None:
    query = HotspotQuery("Redditch", Period.parse("2025-01", "2025-06"), offence_set="burglary")
    with pytest.raises(
        QueryError, match=r"Near repeats cannot be said.*data.police.uk \(west-mercia\), which gives the month"
    ):
        ask(redditch, NearRepeatQuery(query, Bands(), RULES, day))
