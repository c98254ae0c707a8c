"""Crossover trials on the demonstration data: drawn, sealed, proved, analysed."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service import harm
from geo_service.errors import InputError, QueryError
from geo_service.model.evaluation import TrialQuery
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import exports
from geo_service.workflows.evaluating.trial_results import analyse
from geo_service.workflows.evaluating.trials import TOO_LATE, Allocation, allocate, allocation_table, prove, sealed_at
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.zones import find_zones, zone_of

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

FIRST = dt.date(2026, 5, 4)


@pytest.fixture(scope="module")
def drawn(demonstration: Services) -> Allocation:
    query = HotspotQuery("demonstration-wards", Period.parse("2025-01", "2025-12"))
    _, run = find_zones(demonstration, query)
    return allocate(demonstration, TrialQuery(run.id, "2026-05-04", 28, 4711), FIRST)


@pytest.fixture(scope="module")
def written(demonstration: Services, drawn: Allocation) -> list[dict[str, str]]:
    """Return the rows of the file as they leave, read back as texts."""
    made = exports.export(demonstration, allocation_table(drawn), ".csv")
    return pl.read_csv(io.BytesIO(made.content), infer_schema=False).to_dicts()


def test_what_was_written_is_proved_by_its_seal(
    demonstration: Services, drawn: Allocation, written: list[dict[str, str]]
) -> None:
    proved = prove(written, drawn.sealed)
    assert (proved.patrolled == drawn.patrolled).all()
    assert (proved.design, proved.run) == (drawn.design, drawn.run)
    assert sealed_at(demonstration, drawn.sealed) is not None
    assert sealed_at(demonstration, "0" * 64) is None
    assert drawn.notes[-1] == TOO_LATE or demonstration.today() < FIRST


def test_the_same_seed_draws_and_seals_the_same(demonstration: Services, drawn: Allocation) -> None:
    before = sealed_at(demonstration, drawn.sealed)
    again = allocate(demonstration, TrialQuery(drawn.run, "2026-05-04", 28, 4711), FIRST)
    other = allocate(demonstration, TrialQuery(drawn.run, "2026-05-04", 28, 4712), FIRST)
    assert again.sealed == drawn.sealed != other.sealed
    assert sealed_at(demonstration, drawn.sealed) == before


def test_a_changed_day_a_lost_row_and_another_hash_are_found(drawn: Allocation, written: list[dict[str, str]]) -> None:
    turned = {"patrol": "no patrol", "no patrol": "patrol"}
    changed = [row | {"condition": turned[row["condition"]]} if at == 5 else row for at, row in enumerate(written)]
    wrong = [
        (changed, drawn.sealed),
        (written[:-1], drawn.sealed),
        ([*written, written[0]], drawn.sealed),
        (written, "0" * 64),
        ([row | {"allocation_seed": "9"} for row in written], drawn.sealed),
        ([row | {"days": "many"} for row in written], drawn.sealed),
    ]
    for rows, sealed in wrong:
        with pytest.raises(InputError, match="not the one that was sealed"):
            prove(rows, sealed)


@pytest.mark.parametrize("rows", [[], [{"zone": "a", "day": "2026-05-04"}]])
def test_what_is_no_allocation_is_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(InputError, match="no allocation"):
        prove(rows, "0" * 64)


def test_incidents_of_each_hotspot_day_agree_with_a_plain_count(
    demonstration: Services, drawn: Allocation, written: list[dict[str, str]]
) -> None:
    result = analyse(demonstration, prove(written, drawn.sealed), drawn.sealed, offence_set="public-place")
    run = runs.find(demonstration.store, drawn.run)
    snapshot = demonstration.store.snapshot()
    treated = control = 0
    for zone, row in zip(drawn.design.zones, drawn.patrolled, strict=True):
        rows = snapshot.incidents(
            ["committed_from", "committed_to", "cell_10", "offence_code", "offence", *harm_columns()],
            period=Period.parse("2026-05", "2026-06"),
            cells=zone_of(run, zone).cells,
        )
        rows = rows.filter(harm.select(rows, demonstration.registry.offence_sets()["public-place"]))
        for begun, ended in rows.select("committed_from", "committed_to").iter_rows():
            days = {operational(begun)} | (
                {operational(ended - dt.timedelta(seconds=1))} if ended and ended > begun else set()
            )
            number = (min(days) - FIRST).days
            if len(days) == 1 and 0 <= number < 28:
                treated += bool(row[number])
                control += not row[number]
    assert (result.effect.treated, result.effect.control) == (treated, control)
    assert result.effect.difference == pytest.approx((treated - control) / (14 * len(drawn.design.zones)))
    assert treated + control > 100


def harm_columns() -> list[str]:
    return ["knife", "domestic_abuse", "hate", "victim_under_25", "suspect_under_25", "found_by_police"]


def operational(moment: dt.datetime) -> dt.date:
    """Return the day on which the operational day of a moment began, by the clock."""
    if moment.time() == dt.time(0):
        return moment.date()
    return moment.date() - dt.timedelta(days=moment.hour < 6)


def test_an_effect_that_is_there_is_found_and_visits_are_counted(
    demonstration: Services, drawn: Allocation, written: list[dict[str, str]]
) -> None:
    proved = prove(written, drawn.sealed)
    visits = [(row["zone"], dt.date.fromisoformat(row["day"])) for row in written if row["condition"] == "patrol"]
    visits += [("elsewhere", FIRST), (drawn.design.zones[0], FIRST - dt.timedelta(days=1))]
    result = analyse(demonstration, proved, drawn.sealed, offence_set="public-place", visits=visits)
    assert result.compliance is not None
    assert (result.compliance.treated_visited, result.compliance.control_visited) == (1, 0)
    assert result.compliance.difference_if_visited == pytest.approx(result.effect.difference)
    assert any("2 visits are of other zones or days" in note for note in result.notes)
    assert result.placebo is not None
    assert "Placebo check" in " ".join(result.sentences)
    assert np.isfinite([result.effect.low, result.effect.high]).all()


def test_months_of_a_trial_that_are_not_loaded_are_named(demonstration: Services, drawn: Allocation) -> None:
    later = allocate(demonstration, TrialQuery(drawn.run, "2031-01-06", 4, 1), dt.date(2031, 1, 6))
    rows = [{name: str(value) for name, value in row.items()} for row in allocation_table(later).rows.to_dicts()]
    with pytest.raises(QueryError, match="2031-01"):
        analyse(demonstration, prove(rows, later.sealed), later.sealed, offence_set="public-place")


@pytest.mark.shared
def test_data_without_hours_is_refused(redditch: Services) -> None:
    query = HotspotQuery("Redditch", Period.parse("2025-01", "2025-06"), boundary_set="wards-2025")
    _, run = find_zones(redditch, query)
    made = allocate(redditch, TrialQuery(run.id, "2025-07-07", 28, 1), dt.date(2025, 7, 7))
    rows = [{name: str(value) for name, value in row.items()} for row in allocation_table(made).rows.to_dicts()]
    with pytest.raises(QueryError, match="months and no days"):
        analyse(redditch, prove(rows, made.sealed), made.sealed, offence_set="public-place")
