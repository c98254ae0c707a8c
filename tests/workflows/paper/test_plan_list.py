"""The visits of a plan as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from geo_service.errors import QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.spatial import to_grid
from geo_service.workflows.finding import zones
from geo_service.workflows.paper.plan_list import plan_list, visit_table

if TYPE_CHECKING:
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services

Plans: TypeAlias = Callable[..., "PatrolPlan"]


@pytest.fixture(scope="module")
def plan(demonstration: Services, plan_by_hand: Plans) -> PatrolPlan:
    query = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"))
    return plan_by_hand(zones.find_zones(demonstration, query)[1])


def test_every_visit_is_a_row_in_order_of_time_at_its_zone(demonstration: Services, plan: PatrolPlan) -> None:
    table = visit_table(demonstration, plan)
    assert table.rows["id"].to_list() == [visit.id for visit in plan.visits]
    assert table.rows["start"].is_sorted()
    for row, point in zip(table.rows.iter_rows(named=True), table.geometry, strict=True):
        visit = next(visit for visit in plan.visits if visit.id == row["id"])
        east_m, north_m = to_grid([point.x], [point.y])
        assert (float(east_m[0]), float(north_m[0])) == pytest.approx(plan.zone(visit.zone).at, abs=0.5)
        assert row["start"] == plan.request.shift.clock(visit.start_min)
        assert row["minutes"] == visit.minutes


def test_the_list_is_written_as_csv_and_as_geojson(demonstration: Services, plan: PatrolPlan) -> None:
    made = plan_list(demonstration, plan)
    rows = list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"))))
    assert [(row["start"], row["crew"], row["zone_number"], row["if_two"]) for row in rows][:2] == [
        ("16:30", "Pair 1", "2", "2"),
        ("16:50", "Pair 2", "3", "3"),
    ]
    assert made.name.startswith(f"DEMONSTRATION-OFFICIAL-Visits-of-plan-{plan.id}-v1-")
    features = json.loads(plan_list(demonstration, plan, ".geojson").content)["features"]
    assert {feature["geometry"]["type"] for feature in features} == {"Point"}
    assert len(features) == len(rows) == len(plan.visits)


def test_an_unknown_ending_is_refused(demonstration: Services, plan: PatrolPlan) -> None:
    with pytest.raises(QueryError, match="Unknown format"):
        plan_list(demonstration, plan, ".docx")
