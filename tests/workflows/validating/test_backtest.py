"""A backtest is kept with its parameters and can be asked again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import NotFoundError, QueryError
from geo_service.hotspots import statistics
from geo_service.model.backtests import BacktestQuery
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import views
from geo_service.workflows.finding.hotspots import answer, look_up
from geo_service.workflows.validating import backtest as work
from geo_service.workflows.validating import backtest_outputs, backtest_report, backtest_words

if TYPE_CHECKING:
    from geo_service.hotspots.backtesting.scores import Line
    from geo_service.workflows.services import Services
    from geo_service.workflows.validating.backtest_report import BacktestReport

QUERY = BacktestQuery(
    "demonstration-wards", statistics=("recent", "blended"), fit_months=6, ahead=(1, 2), shares=(0.02, 0.05)
)


@pytest.fixture(scope="module")
def report(demonstration: Services) -> BacktestReport:
    return work.run(demonstration, QUERY)


def test_each_statistic_has_a_line_for_each_unit_share_and_number_of_months(report: BacktestReport) -> None:
    cases = {(line.statistic, line.unit, line.resolution, line.share, line.ahead) for line in report.lines}
    # Cells and zones of resolution 10 of all three, zones of resolution 11 of two.
    assert len(cases) == len(report.lines) == (3 * 2 + 2) * 2 * 2
    assert {line.statistic for line in report.lines if line.resolution == 11} == {"total", "blended"}
    assert {line.verdict for line in report.lines if line.statistic == "total"} == {None}


def _is(line: Line, unit: str, resolution: int, share: float, ahead: int) -> bool:
    return (line.unit, line.resolution, line.share, line.ahead) == (unit, resolution, share, ahead)


def test_finer_zones_capture_more_than_those_of_the_cells_and_are_held_against_the_cells_of_total(
    report: BacktestReport,
) -> None:
    for share in (0.02, 0.05):
        cells, coarse, fine = (
            next(line for line in report.lines if line.statistic == "total" and _is(line, unit, resolution, share, 1))
            for unit, resolution in (("cells", 10), ("zones", 10), ("zones", 11))
        )
        assert fine.area_share <= cells.area_share * (1 + 1e-9)
        assert fine.captured > coarse.captured
        for zones in (coarse, fine):
            assert zones.from_cells == pytest.approx(zones.captured - cells.captured)
            assert zones.from_cells_low <= zones.from_cells <= zones.from_cells_high
        assert cells.from_cells_verdict is None
    assert any(
        said.startswith("Zones of resolution 11, 2.0 % of the area") and "against its single cells" in said
        for said in report.sentences
    )
    # What is not tried is said.
    assert any("of resolution 10 alone: `recent`" in note for note in report.notes)


def test_zones_of_the_cells_resolution_are_asked_for_by_it(demonstration: Services) -> None:
    query = replace(QUERY, statistics=("total",), ahead=(1,), shares=(0.02,), first_origin="20", zone_resolution=10)
    found = work.run(demonstration, query)
    assert [(line.unit, line.resolution) for line in found.lines] == [("cells", 10), ("zones", 10)]
    assert not any("resolution 11" in note for note in found.notes)
    # As was asked before there were finer ones.
    kept = {name: value for name, value in query.to_json().items() if name != "zone_resolution"}
    assert BacktestQuery.from_json(json.loads(json.dumps(kept))) == query


def test_total_captures_what_the_product_would_have_chosen(demonstration: Services) -> None:
    """The cells of `hotspots` on the months before, scored on the next by its own following months."""
    months = demonstration.store.snapshot().months()
    found = work.run(demonstration, replace(QUERY, ahead=(1,), shares=(0.05,), statistics=("total",), zones=False))
    captured = []
    for month in months[6:]:
        asked = HotspotQuery("demonstration-wards", Period(month - 6, month - 1), area_share=0.05, statistic="total")
        surface, _ = answer(demonstration, look_up(demonstration, asked))
        later, _ = answer(demonstration, look_up(demonstration, replace(asked, period=Period(month, month))))
        captured.append(later.events[surface.chosen].sum() / later.events.sum())
    line = found.lines[0]
    assert line.origins == len(captured)
    # `hotspots` leaves a cell without incidents out, a backtest fills the share.
    assert line.captured == pytest.approx(np.mean(captured), abs=0.01)
    assert line.captured >= np.mean(captured) - 1e-9


def test_a_view_is_what_the_statistic_is_shown_when_it_is_asked_for(demonstration: Services) -> None:
    months = demonstration.store.snapshot().months()
    period = Period(months[0], months[-1])
    query = HotspotQuery("demonstration-wards", period)
    question = look_up(demonstration, query)
    seen, _ = views.views(question, views.lay(question), tuple(statistics()), period)
    for name in ("total", "kde", "near_repeat"):
        _, wanted = answer(demonstration, look_up(demonstration, replace(query, statistic=name)))
        np.testing.assert_array_equal(seen[name].cells, wanted.cells)
        np.testing.assert_array_equal(seen[name].indices, wanted.indices)
        np.testing.assert_array_equal(seen[name].by_month.toarray(), wanted.by_month.toarray())
        assert (seen[name].points is None) == (wanted.points is None)


def test_the_kept_answer_is_found_and_its_question_read_back(demonstration: Services, report: BacktestReport) -> None:
    kept = work.runs.find_analysis(demonstration.store, work.KIND, report.id)
    assert BacktestQuery.from_json(kept["query"]) == report.query
    assert [backtest_report.line_from_json(said) for said in kept["lines"]] == list(report.lines)
    # What a script reads has no word that JSON does not know.
    json.loads(json.dumps(report.to_json(), allow_nan=False))


def test_asked_again_of_the_same_data_nothing_changed(demonstration: Services, report: BacktestReport) -> None:
    found = work.again(demonstration, report.id)
    assert found.earlier == report.id
    assert found.lines[3:6] == report.lines[3:6]
    assert found.changed[1:] == ("No verdict changed, and no captured share by half a point.",)


def test_what_changed_is_said(report: BacktestReport) -> None:
    head, *rest = report.lines
    then = [replace(head, captured=head.captured + 0.02), *rest[:-1], replace(rest[-1], verdict="worse")]
    said = backtest_words.changes(then, report.lines, {"data_version": 1, "data_to": "2025-01"}, report)
    assert said[0].startswith("Asked before of data version 1, to 2025-01; now of version")
    assert "captured" in said[1]
    assert "worse before, now" in said[2]
    assert len(said) == 3


def test_an_unknown_backtest_is_refused(demonstration: Services) -> None:
    with pytest.raises(NotFoundError, match="No such backtest is kept"):
        work.again(demonstration, "nothing")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"statistics": ("best",)}, "statistics"),
        ({"fit_months": 100}, "fit_months"),
        ({"fit_months": 0}, "fit_months"),
        ({"ahead": ()}, "ahead"),
        ({"shares": (0.02, 0.02)}, "shares"),
        ({"shares": (1.5,)}, "shares"),
        ({"first_origin": "soon"}, "first_origin"),
        ({"boundary": "nowhere"}, "boundary"),
        ({"zone_resolution": 9}, "zone_resolution"),
        ({"zone_resolution": 13}, "zone_resolution"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(
    wrong: dict[str, object], field: str, demonstration: Services
) -> None:
    with pytest.raises((QueryError, NotFoundError)) as refused:
        work.run(demonstration, replace(QUERY, **wrong))
    assert refused.value.field == field


def test_origins_are_named_by_month_or_by_number(demonstration: Services) -> None:
    months = demonstration.store.snapshot().months()
    fewer = replace(QUERY, statistics=("total",), zones=False, ahead=(1,))
    by_number = work.run(demonstration, replace(fewer, first_origin="8", last_origin="10"))
    by_month = work.run(demonstration, replace(fewer, first_origin=str(months[7]), last_origin=str(months[9])))
    assert by_number.origins == by_month.origins == tuple(map(str, months[7:10]))


def test_the_table_and_the_chart_say_what_the_report_says(report: BacktestReport) -> None:
    table = backtest_outputs.table(replace(report, refused={"self_exciting": "no days"}))
    assert table.rows.height == len(report.lines) + 1
    assert table.rows["id"].n_unique() == table.rows.height
    assert table.rows["verdict"].to_list()[-1] == "not tried: no days"
    chart = backtest_outputs.chart(report)
    assert [panel.title for panel in chart.panels] == [
        "Cells, 1 month ahead",
        "Zones, 1 month ahead",
        "Zones of resolution 11, 1 month ahead",
    ]
    finer = chart.panels[2]
    assert finer.ticks == ["total", "blended"]
    for series, share in zip(finer.series, (0.02, 0.05), strict=True):
        lines = {line.statistic: line for line in report.lines if _is(line, "zones", 11, share, 1)}
        assert list(series.y) == [lines["total"].from_cells, lines["blended"].from_cells]
    for panel in chart.panels[:2]:
        for series, share in zip(panel.series, (0.02, 0.05), strict=True):
            drawn = dict(zip(panel.ticks, series.y, strict=True))
            lines = [line for line in report.lines if _is(line, panel.title[:5].lower(), 10, share, 1)]
            assert drawn == {line.statistic: line.difference for line in lines if line.statistic in drawn}
    whole = replace(report.lines[1], captured=report.lines[0].captured / 2)
    far = backtest_outputs._far([report.lines[0], whole])
    assert far == {whole.statistic: pytest.approx(0.5)}
