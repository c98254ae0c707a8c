"""Values refuse bad input at birth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.errors import QueryError
from geo_service.model.access import Audience
from geo_service.model.boundaries import BoundarySet
from geo_service.model.cells import CellTable, Cube, DenseCounts
from geo_service.model.hotspots import Held, HotspotQuery
from geo_service.model.incidents import INCIDENT_SCHEMA, REJECT_SCHEMA, CleanBatch, ImportCounts
from geo_service.model.layers import FeatureTable, Provenance
from geo_service.model.periods import Month, Period
from geo_service.model.surfaces import Tuning

PERIOD = Period.parse("2025-01", "2025-06")


def test_a_batch_that_loses_a_row_cannot_be_made() -> None:
    accepted, rejected = pl.DataFrame(schema=INCIDENT_SCHEMA), pl.DataFrame(schema=REJECT_SCHEMA)
    assert CleanBatch(0, accepted, rejected).read == 0
    with pytest.raises(ValueError, match="0 accepted \\+ 0 rejected != 1 read"):
        CleanBatch(1, accepted, rejected)


def test_counts_add_up() -> None:
    both = ImportCounts(10, 6, 3, 1) + ImportCounts(5, 5, 0, 0)
    assert (both.read, both.accepted, both.rejected) == (15, 14, 1)


def test_a_boundary_set_has_columns_of_one_length() -> None:
    square = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    assert len(BoundarySet("a", "A", "v", None, "l", ("1",), ("One",), ("",), ("",), square)) == 1
    with pytest.raises(ValueError, match="unequal length"):
        BoundarySet("a", "A", "v", None, "l", ("1", "2"), ("One",), ("",), ("",), square)


def test_a_feature_table_has_an_id_and_one_geometry_a_row() -> None:
    point = np.array([shapely.Point(0, 0)], dtype=object)
    with pytest.raises(ValueError, match="1 rows but 0 geometries"):
        FeatureTable("t", "T", pl.DataFrame({"id": ["a"]}), point[:0], Provenance(1, ""))
    with pytest.raises(ValueError, match="first column must be `id`"):
        FeatureTable("t", "T", pl.DataFrame({"name": ["a"]}), point, Provenance(1, ""))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("measure", "fear"),
        ("resolution", 7),
        ("resolution", 13),
        ("proxy", "medium"),
        ("area_share", 0.0),
        ("area_share", 2.0),
        ("area_share", -0.1),
        ("area_share", float("nan")),
    ],
)
def test_a_question_that_cannot_be_answered_names_its_parameter(field: str, value: object) -> None:
    with pytest.raises(QueryError) as refused:
        HotspotQuery("X", PERIOD, **{field: value})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"ring": 0}, "ring"),
        ({"kernel": "round"}, "kernel"),
        ({"half_life_months": 0}, "half_life"),
        ({"half_life_months": float("nan")}, "half_life"),
        ({"bandwidth_m": 3.0}, "bandwidth"),
        ({"permutations": -1}, "permutations"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_tuning_that_cannot_be_names_its_parameter(told: dict[str, object], field: str) -> None:
    with pytest.raises(QueryError) as refused:
        Tuning(**told)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_tuning_says_what_concerns_a_statistic_with_its_unit() -> None:
    told = Tuning(half_life_months=4.5, bandwidth_m=250.0, permutations=999)
    assert told.parameters(("half_life_months", "bandwidth_m", "permutations")) == {
        "half-life": "4.5 months",
        "bandwidth": "250 m",
        "permutations": "999",
    }
    assert Tuning().parameters(("bandwidth_m",)) == {"bandwidth": "by held-out likelihood"}


def test_the_index_is_share_of_events_over_share_of_area() -> None:
    # The force in the seeds: 1.4 % of the geography, 19 % of serious youth violence, 18.4 % of harm: 13.6 and 13.1.
    held = Held(PERIOD, events=190, events_all=1000, area_m2=14, area_all_m2=1000, harm=184, harm_all=1000)
    assert held.pai == pytest.approx(13.6, abs=0.05)
    assert held.pai_harm == pytest.approx(13.1, abs=0.05)


def test_nothing_chosen_has_no_index() -> None:
    held = Held(PERIOD, events=0, events_all=0, area_m2=0, area_all_m2=1000, harm=0, harm_all=0)
    assert np.isnan(held.pai)
    assert np.isnan(held.events_share)
    assert held.pai_harm is not None
    assert np.isnan(held.pai_harm)
    without_harm = Held(PERIOD, events=1, events_all=1, area_m2=1, area_all_m2=1)
    assert without_harm.pai_harm is without_harm.harm_share is None


def test_covered_area_is_area_times_share() -> None:
    table = CellTable(10, np.array([1, 2], dtype=np.uint64), np.array([10.0, 20.0]), np.array([1.0, 0.5]))
    assert table.covered_m2.tolist() == [10.0, 10.0]


def _cube() -> Cube:
    prefix = np.array([[0, 0], [1, 0], [1, 0], [4, 2]], dtype=np.int32)
    first = Month.parse("2025-01")
    steps = np.arange(first.ordinal, first.ordinal + 3, dtype=np.int32)
    held = {"police_uk/here": (first, first + 2)}
    zeros = np.zeros(2, dtype=np.int32)
    cells = np.array([7, 8], dtype=np.uint64)
    return Cube(10, steps, held, pl.DataFrame(), cells, zeros, zeros, DenseCounts(prefix))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2025-01", "2025-03", [4, 2]),
        ("2025-01", "2025-01", [1, 0]),
        ("2025-02", "2025-03", [3, 2]),
        ("2024-01", "2026-12", [4, 2]),
    ],
)
def test_a_window_is_one_subtraction(first: str, last: str, expected: list[int]) -> None:
    assert _cube().window(Period.parse(first, last)).tolist() == expected


@pytest.mark.parametrize("month", ["2025-02", "2024-12", "2025-04"])
def test_a_window_without_a_loaded_month_is_refused_and_not_zero(month: str) -> None:
    with pytest.raises(QueryError, match=r"No month of the period is loaded.*The data has 2025-01, 2025-03 "):
        _cube().window(Period.parse(month, month))


def test_a_month_that_one_source_lacks_is_loaded_but_not_held_alike() -> None:
    jan, feb, mar = (Month.parse(f"2025-0{month}") for month in (1, 2, 3))
    cube = replace(_cube(), held={"police_uk/a": (jan, feb, mar), "police_uk/b": (jan, mar), "police_uk/c": (feb,)})
    assert cube.months_loaded(Period(jan, mar)) == (jan, feb, mar)
    assert cube.lacking(Period(jan, feb)) == {"police_uk/b": (feb,), "police_uk/c": (jan,)}
    assert not cube.is_held_alike(feb, Period(jan, jan))
    assert cube.is_held_alike(mar, Period(jan, jan))
    assert not cube.is_held_alike(mar, Period(mar + 1, mar + 1))


def test_a_higher_audience_sees_what_a_lower_one_may() -> None:
    assert Audience.PUBLIC < Audience.PARTNER < Audience.FORCE
    assert Audience.FORCE.word == "force"
