"""Treated places beside comparison places, on the demonstration data, by brute force."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service import harm, spatial
from geo_service.errors import GeoServiceError, QueryError
from geo_service.evaluation.wdd import Places, displacement_difference
from geo_service.model.access import OPERATOR, Audience, Principal
from geo_service.model.evaluation import EvaluationQuery, Named, finite, months_of
from geo_service.model.periods import Month, Period
from geo_service.workflows.evaluating.evaluate import KIND, evaluate, table
from geo_service.workflows.finding import runs

if TYPE_CHECKING:
    from geo_service.workflows.services import Office, Services

BEFORE, AFTER = Period.parse("2025-01", "2025-06"), Period.parse("2026-01", "2026-06")
QUERY = EvaluationQuery(
    treated=Named(("Lanternby",)),
    comparison=Named(("Kettlewick",)),
    before=BEFORE,
    after=AFTER,
    boundary_set="demonstration-wards",
)


def rows_of(services: Services) -> pl.DataFrame:
    """Return every incident of the set with its ward and place on the grid."""
    snapshot, sets = services.store.snapshot(), services.registry.offence_sets()
    frames = []
    for slot in snapshot.slots("incidents/"):
        rows = snapshot.incident_slot(slot)
        rows = rows.with_columns(pl.Series("member", snapshot.assignment(slot, "demonstration-wards")))
        frames.append(rows.filter(harm.select(rows, sets["public-place"])))
    return pl.concat(frames)


def between(rows: pl.DataFrame, period: Period) -> int:
    return rows.filter(pl.col("month").is_between(period.first.ordinal, period.last.ordinal)).height


def test_counts_and_difference_agree_with_rows_counted_one_by_one(demonstration: Services) -> None:
    found = evaluate(demonstration, QUERY)
    rows = rows_of(demonstration)
    names = demonstration.store.snapshot().boundary_sets()["demonstration-wards"].names
    counts = {
        place: tuple(between(rows.filter(pl.col("member") == names.index(name)), period) for period in (BEFORE, AFTER))
        for place, name in (("treated", "Lanternby"), ("comparison", "Kettlewick"))
    }
    assert {place: found.counts[place] for place in counts} == counts
    expected = displacement_difference(Places.of(counts["treated"], counts["comparison"]), lengths=(6, 6))
    assert found.differences["after"].estimate == expected.estimate
    assert found.differences["after"].standard_error == pytest.approx(expected.standard_error)
    assert found.harm_label == "harm (starting-points)"
    assert runs.find_analysis(demonstration.store, KIND, found.id)["counts"]["treated"] == list(counts["treated"])


def test_a_ring_holds_the_cells_whose_centre_lies_within_its_metres(demonstration: Services) -> None:
    found = evaluate(demonstration, replace(QUERY, comparison=Named(("Marrowfleet",)), ring_m=300.0))
    rows = rows_of(demonstration).filter(pl.col("cell_11") != 0)
    wards = demonstration.store.snapshot().boundary_sets()["demonstration-wards"]
    ground = spatial.project_geometry(wards.geometry, "grid")
    at, far = wards.names.index("Lanternby"), wards.names.index("Marrowfleet")
    centres = shapely.points(*spatial.to_grid(*spatial.cell_centres(rows["cell_11"].to_numpy())))
    near, nearby = shapely.distance(centres, ground[at]), shapely.distance(centres, ground[far])
    member = rows["member"].to_numpy()
    ring = (near > 0) & (near <= 300) & (member != at) & (member != far) & ~((nearby > 0) & (nearby <= 300))
    # A buffer's round corners are made of straight pieces, so a row in a hundred may lie on the other side.
    expected = [between(rows.filter(ring), period) for period in (BEFORE, AFTER)]
    assert np.abs(np.subtract(found.counts["treated ring"], expected)).max() <= 0.02 * max(expected)
    assert min(expected) > 50
    difference = found.differences["after"]
    assert difference.displaced == pytest.approx(
        np.diff(found.counts["treated ring"])[0] - np.diff(found.counts["comparison ring"])[0]
    )


def test_a_ring_beyond_ones_own_areas_is_said_and_kept_apart(office: Office, demonstration: Services) -> None:
    query = replace(QUERY, ring_m=300.0)
    scoped = office.services(Principal("constable", OPERATOR, ("X99000001", "X99000002", "X99000003")))
    named = tuple(scoped.store.snapshot().boundary_sets()["demonstration-wards"].names[:2])
    query = replace(query, treated=Named(named[:1]), comparison=Named(named[1:]))
    ours, theirs = evaluate(scoped, query), evaluate(demonstration, query)
    assert ours.id != theirs.id
    assert ours.counts["treated"] == theirs.counts["treated"]
    assert sum(ours.counts["comparison ring"]) <= sum(theirs.counts["comparison ring"])
    assert any("your own areas" in note for note in ours.notes)
    assert not any("your own areas" in note for note in theirs.notes)


def test_a_camera_is_a_circle_and_has_before_during_and_after(demonstration: Services) -> None:
    snapshot = demonstration.store.snapshot()
    cameras = demonstration.registry.features("cctv-redeployable", Audience.FORCE, snapshot)
    camera = cameras.rows["id"][0]
    query = replace(
        QUERY,
        treated=Named(features=(f"cctv-redeployable/{camera}",)),
        during=Period.parse("2025-07", "2025-12"),
        radius_m=150.0,
    )
    found = evaluate(demonstration, query)
    assert [each.phase for each in found.contrasts] == ["during", "after"]
    rows = rows_of(demonstration).filter(pl.col("cell_11") != 0)
    point = spatial.project_geometry(cameras.geometry[[0]], "grid")[0]
    centres = shapely.points(*spatial.to_grid(*spatial.cell_centres(rows["cell_11"].to_numpy())))
    near = rows.filter(shapely.distance(centres, point) <= 150)
    counts = [between(near, period) for _, period in query.phases]
    assert np.abs(np.subtract(found.counts["treated"], counts)).max() <= 0.05 * max(counts)
    assert any("not the same months of the year" in note for note in found.notes)
    assert table(found).rows.height == 4 * 3


def test_the_same_months_of_another_year_need_no_word_on_seasons(demonstration: Services) -> None:
    assert not any("same months of the year" in note for note in evaluate(demonstration, QUERY).notes)


def test_places_of_unequal_size_are_said(demonstration: Services) -> None:
    large = evaluate(demonstration, replace(QUERY, comparison=Named(("Nonesuch Market",))))
    assert any("times as many incidents before" in note for note in large.notes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"comparison": Named(("Lanternby",))}, "share ground"),
        ({"comparison": Named(("demonstration-wards",))}, "share ground"),
        ({"before": Period.parse("2024-06", "2025-06")}, "without 2024-06 to 2024-10"),
        ({"treated": Named(("Lanternbee",))}, "No area of that code or name"),
        ({"treated": Named(zones=("ffffffff",))}, "No such zone"),
        ({"treated": Named(features=("cctv/none-such",))}, "no such feature"),
        ({"treated": Named(features=("none-such/1",))}, "No such layer"),
        ({"offence_set": "violense"}, "Unknown offence set"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(
    demonstration: Services, change: dict[str, object], said: str
) -> None:
    with pytest.raises(GeoServiceError, match=said):
        evaluate(demonstration, replace(QUERY, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"treated": Named()}, "treated"),
        ({"comparison": Named()}, "comparison"),
        ({"after": None}, "after"),
        ({"after": Period.parse("2025-06", "2025-07")}, "after"),
        ({"ring_m": -1.0}, "ring"),
        ({"level": 2.0}, "level"),
        ({"proxy": "huge"}, "proxy"),
    ],
)
def test_a_question_that_is_none_names_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(QueryError) as raised:
        replace(QUERY, **change)  # type: ignore[arg-type]
    assert raised.value.field == field


def test_months_are_read_in_several_ways() -> None:
    wanted = Period.parse("2025-01", "2025-06")
    assert {months_of(text, "before") for text in ("2025-01..2025-06", "2025-01/2025-06", " 2025-01 to 2025-06 ")} == {
        wanted
    }
    assert months_of("2025-01", "before") == Period(Month.parse("2025-01"), Month.parse("2025-01"))
    for wrong in ("", "2025-06..2025-01", "soon", "2025-01..2025-02..2025-03"):
        with pytest.raises(QueryError):
            months_of(wrong, "before")


@pytest.mark.shared
def test_on_real_data_a_missing_month_and_the_proxy_are_said(redditch: Services) -> None:
    query = EvaluationQuery(
        treated=Named(("Batchley & Brockhill",)),
        comparison=Named(("Greenlands & Lakeside",)),
        before=Period.parse("2024-01", "2024-04"),
        after=Period.parse("2025-01", "2025-04"),
        boundary_set="wards-2025",
        proxy="middle",
    )
    found = evaluate(redditch, query)
    assert found.harm_label == "harm (proxy, middle)"
    with pytest.raises(QueryError, match="without 2024-05 to 2024-06"):
        evaluate(redditch, replace(query, before=Period.parse("2024-01", "2024-06")))


def test_numbers_that_are_none_become_nothing_in_json(demonstration: Services) -> None:
    assert finite({"a": (1.0, float("nan")), "b": [float("inf"), "x"]}) == {"a": [1.0, None], "b": [None, "x"]}
    found = evaluate(demonstration, replace(QUERY, treated=Named(("Thimblecombe",)), offence_set="robbery"))
    assert "NaN" not in json.dumps(found.facts)
