"""Windows of the demonstration area, whose rhythm and defaults are known, and of data that has months only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service.errors import NotFoundError, QueryError
from geo_service.hotspots.week.moments import read_spans
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.model.windows import WindowsQuery, check_months
from geo_service.workflows.finding.hotspots import look_up
from geo_service.workflows.finding.window_tables import window_chart, window_table
from geo_service.workflows.finding.windows import ask, look
from geo_service.workflows.finding.zones import find_zones
from geo_service.workflows.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo_service.model.access import AuditEvent
    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.windows import WindowsAnswer
    from geo_service.workflows.services import Services

AREA = "demonstration-wards"
YEAR, AFTER = Period.parse("2025-08", "2026-07"), Period.parse("2026-08", "2026-10")


@pytest.fixture(scope="module")
def run(demonstration: Services) -> ZoneRun:
    return find_zones(demonstration, HotspotQuery(AREA, YEAR))[1]


@pytest.fixture(scope="module")
def answer(demonstration: Services, run: ZoneRun) -> WindowsAnswer:
    return ask(demonstration, WindowsQuery(HotspotQuery(AREA, YEAR), run=run.id, check=AFTER))


def test_the_nights_that_were_drawn_are_found(answer: WindowsAnswer) -> None:
    # Nightlife is drawn around 23:18 on Fridays and Saturdays (demonstration/streams.py); zone 1 is the strip.
    best = answer.zones[0].windows[0]
    assert best.words.split()[0] in {"Fri", "Sat"}
    assert 22 * 60 <= best.start_min % 1_440 <= 23 * 60
    assert answer.zones[0].q < 0.05
    assert "is the best window of 60 minutes: it holds" in answer.sentence
    assert answer.sentence_zones.startswith(f"In {sum(zone.q <= 0.05 for zone in answer.zones)} of {len(answer.zones)}")


def test_the_defaults_that_were_drawn_are_found(answer: WindowsAnswer, demonstration: Services) -> None:
    # Four of a hundred times are midnight or noon because nobody knew (demonstration/traps.py).
    unknown = answer.area.incidents - answer.area.known
    assert 0.03 < unknown / answer.area.incidents < 0.05
    assert any("the excess counts as unknown time" in note for note in answer.notes)
    assert any("several offences of one event make it too small" in note for note in answer.notes)


def test_nothing_is_lost(answer: WindowsAnswer) -> None:
    for place in answer.places:
        assert place.hours.sum() == pytest.approx(place.known)
        assert place.known <= place.incidents
        assert place.measure == pytest.approx(place.incidents)


def test_the_share_of_a_window_is_that_of_a_count_by_hand(demonstration: Services, answer: WindowsAnswer) -> None:
    question = look_up(demonstration, HotspotQuery(AREA, AFTER))
    rows = rows_of(question, ["committed_from", "committed_to"])
    moments = rows.filter(pl.col("committed_to").is_null() | (pl.col("committed_to") == pl.col("committed_from")))
    window = answer.area.windows[0]
    spans = read_spans(moments["committed_from"], moments["committed_to"])
    week = (pl.col("committed_from").dt.weekday().cast(pl.Int32) - 1) * 1_440
    minute = week + pl.col("committed_from").dt.hour().cast(pl.Int32) * 60 + pl.col("committed_from").dt.minute()
    inside = moments.select(minute.is_between(window.start_min, window.start_min + 60, closed="left"))
    counted = np.bincount((spans.start_min // 15).astype(int), minlength=672).astype(float)
    assert window.held(counted) == pytest.approx(float(inside.to_series().mean()))


def test_the_check_says_what_the_same_windows_held(answer: WindowsAnswer) -> None:
    assert len(answer.area.held) == len(answer.area.windows) == 3
    assert all(0 <= share <= 1 for zone in answer.zones for share in zone.held)
    assert "In 2026-08 to 2026-10 the best windows held" in answer.sentence_zones
    assert answer.area.checked > 0


def test_harm_weighs(demonstration: Services) -> None:
    harm = ask(demonstration, WindowsQuery(HotspotQuery("Lanternby", YEAR, measure="harm"), length_min=480, most=1))
    assert harm.measure.startswith("harm")
    assert harm.area.measure > harm.area.incidents
    assert harm.area.windows[0].chance == pytest.approx(480 / 10_080)
    assert harm.provenance.parameters["harm table"] == "starting-points"


def test_one_zone_can_be_asked_about(demonstration: Services, run: ZoneRun) -> None:
    one = ask(demonstration, WindowsQuery(HotspotQuery(AREA, YEAR), run="latest", zones=("2",)))
    assert [zone.number for zone in one.zones] == [2]
    assert len(window_chart(one).panels) == 1


def test_the_table_and_the_chart_say_the_same(answer: WindowsAnswer, run: ZoneRun) -> None:
    table, chart = window_table(answer), window_chart(answer)
    assert table.rows["id"].is_unique().all()
    assert table.rows.filter(pl.col("place") == "area")["even"].unique().to_list() == [pytest.approx(1 / 168)]
    assert table.rows["held_of"].null_count() == 0
    drawn = [shape is not None for shape in table.geometry]
    assert drawn == (table.rows["place"] != "area").to_list()
    heats = [panel.heat for panel in chart.panels]
    assert len(heats) == 3
    for heat, place in zip(heats, answer.places, strict=False):
        assert heat is not None
        assert heat.values.shape == (7, 24)
        assert heat.values.sum() == pytest.approx(100)
        first = place.windows[0].start_min // 60
        assert heat.marked[0] == divmod(first, 24)


def test_a_look_is_recorded(demonstration: Services, events: Callable[[int], Sequence[AuditEvent]]) -> None:
    look(demonstration, WindowsQuery(HotspotQuery("Lanternby", YEAR)))
    assert events(1)[0].act == "consultation: windows"


def test_the_same_question_has_the_same_answer(demonstration: Services) -> None:
    asked = WindowsQuery(HotspotQuery("Lanternby", YEAR), length_min=240)
    one, other = ask(demonstration, asked), ask(demonstration, asked)
    assert one.area.windows == other.area.windows


def test_what_cannot_be_asked_is_refused(demonstration: Services, run: ZoneRun) -> None:
    query = HotspotQuery("Lanternby", YEAR)
    with pytest.raises(QueryError, match="A zone is named but no run"):
        WindowsQuery(query, zones=("1",))
    with pytest.raises(QueryError, match="must come after"):
        WindowsQuery(query, check=Period.parse("2026-07", "2026-09"))
    with pytest.raises(QueryError, match="Only one end") as refused:
        check_months("2026-08", None)
    assert refused.value.field == "check_to"
    with pytest.raises(QueryError, match="The run is of another area"):
        ask(demonstration, WindowsQuery(query, run=run.id))
    with pytest.raises(NotFoundError, match="No such run of zones"):
        ask(demonstration, WindowsQuery(query, run="none"))
    with pytest.raises(NotFoundError, match="No such zone"):
        ask(demonstration, WindowsQuery(HotspotQuery(AREA, YEAR), run=run.id, zones=("99",)))
    with pytest.raises(QueryError, match="No month of the period is loaded"):
        ask(demonstration, WindowsQuery(query, check=Period.parse("2030-01", "2030-02")))


@pytest.mark.shared
def test_months_have_no_hours_and_the_source_is_named(redditch: Services) -> None:
    with pytest.raises(QueryError, match="Hours of the day cannot be said") as refused:
        ask(redditch, WindowsQuery(HotspotQuery("Redditch", Period.parse("2025-01", "2025-06"))))
    assert "data.police.uk (west-mercia), which gives the month" in refused.value.message
    assert refused.value.field == "source"
