"""How concentrated an area is, told in words, a table and a chart that agree."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import streets, views
from geo_service.workflows.finding.hotspots import ask, look_up
from geo_service.workflows.validating import concentration as work
from geo_service.workflows.validating import concentration_outputs

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

QUERY = HotspotQuery(
    "demonstration-wards", Period.parse("2025-08", "2026-07"), harm_table="starting-points", measure="harm"
)


@pytest.fixture(scope="module")
def report(demonstration: Services) -> work.ConcentrationReport:
    return work.ask(demonstration, QUERY)


def test_the_incidents_of_the_kinds_are_those_of_the_cells(demonstration: Services) -> None:
    question, surface = look_up(demonstration, QUERY), ask(demonstration, QUERY)
    table = views.lay(question)
    assert question.weights is not None
    counts, worth = work.kinds(question, table, question.weights)
    np.testing.assert_array_equal(counts.sum(axis=0), surface.events)
    np.testing.assert_allclose(worth @ counts, surface.harm)
    plain, one = work.kinds(question, table, None)
    np.testing.assert_array_equal(one @ plain, surface.events)


def test_half_of_the_incidents_lie_where_sorting_says(
    demonstration: Services, report: work.ConcentrationReport
) -> None:
    events = np.sort(ask(demonstration, QUERY).events)[::-1]
    count = int(np.searchsorted(np.cumsum(events), events.sum() / 2)) + 1
    of_counts = report.measured[0].found
    assert of_counts.held[1].places == pytest.approx(count / len(events))
    assert of_counts.verdict == "more than chance"
    assert [(each.measure[:4], each.places) for each in report.measured] == [
        ("inci", "cells"),
        ("inci", "street segments"),
        ("harm", "cells"),
        ("harm", "street segments"),
    ]


def test_words_json_table_and_chart_say_the_same(report: work.ConcentrationReport) -> None:
    said = json.loads(json.dumps(report.to_json(), allow_nan=False, default=str))
    table = concentration_outputs.table(report)
    gini = table.rows.filter(figure="gini")
    assert gini["verdict"].to_list() == [each["verdict"] for each in said["measured"]]
    assert gini["value"].to_list() == [each["gini"] for each in said["measured"]]
    assert table.rows["id"].n_unique() == table.rows.height
    chart = concentration_outputs.chart(report)
    assert len(chart.panels) == 2
    for panel in chart.panels:
        assert "more than chance" in panel.title
        curves = [series for series in panel.series if series.label]
        assert [max(curve.y) for curve in curves] == pytest.approx([1.0] * 4, abs=0.02)


def test_years_are_compared_where_two_are_loaded(demonstration: Services, report: work.ConcentrationReport) -> None:
    # Before the twelve months to July there are fewer than twelve.
    assert report.years == ()
    months = demonstration.store.snapshot().months()
    assert len(months) == 24
    question = look_up(demonstration, replace(QUERY, period=Period(months[12], months[23])))
    table = views.lay(question)
    found = work._years(question, table)
    assert [year.later for year in found] == [f"{months[12]} to {months[23]}"]
    counts = [
        work._tally(question.cube, table, Period(months[at], months[at + 11]), question.groups, question)
        for at in (0, 12)
    ]
    halves = []
    for each in counts:
        fullest = int(np.searchsorted(np.cumsum(np.sort(each)[::-1]), each.sum() / 2)) + 1
        halves.append(set(np.argsort(-each, kind="stable")[:fullest].tolist()))
    assert found[0].jaccard == pytest.approx(len(halves[0] & halves[1]) / len(halves[0] | halves[1]))
    assert "both; rank correlation" in found[0].sentence


def test_a_set_that_nothing_is_in_is_said_to_be_empty(demonstration: Services) -> None:
    question = look_up(demonstration, replace(QUERY, measure="count"))
    nothing = replace(question, groups=np.zeros_like(question.groups))
    counts, worth = work.kinds(nothing, views.lay(nothing), None)
    assert not (worth @ counts).any()
    found = work.Measured("incidents", "cells", work.concentration(counts, worth, np.ones(counts.shape[1]), seed=1))
    assert found.sentence.startswith("No incidents in any of")


def test_along_the_streets_nothing_is_lost_but_what_lies_beyond(demonstration: Services) -> None:
    question = look_up(demonstration, QUERY)
    by = streets.along(demonstration, question, views.lay(question))
    assert by is not None
    assert question.weights is not None
    counts, worth = by.kinds(question, question.weights)
    surface = ask(demonstration, QUERY)
    assert counts.sum() + by.beyond == surface.events.sum()
    assert surface.harm is not None
    # What lies beyond every street carries the rest.
    assert float((worth @ counts).sum()) <= surface.harm.sum() + 1e-6
    assert (by.length_m > 0).all()
