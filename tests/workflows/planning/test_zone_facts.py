"""What is known of zones, against a recount incident by incident."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service import harm, spatial
from geo_service.app import open_area
from geo_service.evaluation.etest import e_test
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.incidents import GROUP_COLUMNS
from geo_service.model.patrol import Shift
from geo_service.model.periods import Month, Period
from geo_service.workflows.finding import runs, zones
from geo_service.workflows.finding.zone_stability import zone_outlines
from geo_service.workflows.planning import zone_fact_words
from geo_service.workflows.planning.zone_fact_words import trend
from geo_service.workflows.planning.zone_facts import facts_of, zone_facts

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.zone_facts import ZoneFacts
    from geo_service.workflows.services import Services

HIDDEN = ("Rape of a female aged 16 and over", "Sexual assault on a female aged 13 and over")
RECENT = Period.parse("2026-05", "2026-07")


@pytest.fixture(scope="module")
def run(demonstration: Services) -> ZoneRun:
    *_, first = runs.kept(demonstration.store)  # the demonstration's own: other tests may have asked for more since
    return first


@pytest.fixture(scope="module")
def facts(demonstration: Services, run: ZoneRun) -> tuple[ZoneFacts, ...]:
    return facts_of(demonstration, run, run.zones, demonstration.store.snapshot())


@pytest.fixture(scope="module")
def incidents(demonstration: Services, run: ZoneRun) -> pl.DataFrame:
    """Return the incidents of the run's set and period in whole cells, wherever they are."""
    columns = ["month", "committed_from", "committed_to", "cell_10", "lon", "lat", *GROUP_COLUMNS]
    rows = demonstration.store.snapshot().incidents(columns, period=run.query.period)
    offence_set = demonstration.registry.offence_sets()[run.query.offence_set]
    return rows.filter(harm.select(rows, offence_set)).filter(pl.col("cell_10") != 0)


def in_area(demonstration: Services, run: ZoneRun, rows: pl.DataFrame) -> pl.DataFrame:
    wards = demonstration.store.snapshot().boundary_sets()[run.query.boundary_set or ""]
    outline = shapely.union_all(wards.geometry)
    return rows.filter(pl.Series(shapely.intersects_xy(outline, rows["lon"].to_numpy(), rows["lat"].to_numpy())))


def test_the_trend_is_that_of_a_recount_without_what_no_sheet_names(
    demonstration: Services, run: ZoneRun, facts: tuple[ZoneFacts, ...], incidents: pl.DataFrame
) -> None:
    assert incidents["offence"].is_in(HIDDEN).sum() > 20
    paper = in_area(demonstration, run, incidents).filter(
        ~pl.col("offence").is_in(HIDDEN), ~pl.col("domestic_abuse").fill_null(value=False)
    )
    late = pl.col("month") >= Month.parse("2026-05").ordinal
    whole = (float(paper.filter(late).height), float(paper.filter(~late).height))
    for zone, said in zip(run.zones, facts, strict=True):
        own = paper.filter(pl.col("cell_10").is_in(zone.cells))
        assert said.trend == trend(own.filter(late).height, own.filter(~late).height, whole, RECENT)
    assert max(len(said.trend) for said in facts) < 110
    assert {said.trend.split()[0] for said in facts} >= {"Rising,", "Falling,", "No"}


def test_what_is_expected_adds_up_to_the_harm_of_the_zone(run: ZoneRun, facts: tuple[ZoneFacts, ...]) -> None:
    days = (run.query.period.last.last_day - run.query.period.first.first_day).days + 1
    for zone, said in zip(run.zones, facts, strict=True):
        assert said.measure == run.harm_label
        assert said.week.sum() == pytest.approx(zone.harm * 7 / days)
        assert said.per_h == pytest.approx(said.week.mean())
        assert said.windows
        inside = sum(window.per_h * window.length_min / 60 for window in said.windows)
        length_h = sum(window.length_min for window in said.windows) / 60
        assert inside / length_h > 1.4 * said.per_h  # judged with the hours beside it, so a little below 1.5


def test_hours_of_a_large_zone_are_nearly_its_own(
    run: ZoneRun, facts: tuple[ZoneFacts, ...], incidents: pl.DataFrame
) -> None:
    """The largest zone has four times the incidents that the area counts for: its own shares weigh 4 to 1."""
    own = incidents.filter(
        pl.col("cell_10").is_in(run.zones[0].cells),
        pl.col("committed_to").is_null(),
        pl.col("committed_from").is_not_null(),
    )
    own = own.filter(pl.col("committed_from").dt.minute() % 30 != 0)  # no default times
    weekday = own["committed_from"].dt.weekday().cast(pl.Int64)
    hour = ((weekday - 1) * 24 + own["committed_from"].dt.hour()).to_numpy()
    counted = np.bincount(hour, minlength=168)
    assert np.corrcoef(counted, facts[0].week)[0, 1] > 0.85


def test_a_late_shift_falls_into_the_windows_and_an_early_one_does_not(facts: tuple[ZoneFacts, ...]) -> None:
    friday = dt.date(2026, 10, 23)
    late = facts[0].in_shift(Shift.asked(friday, "17:00-01:00"))
    early = facts[0].in_shift(Shift.asked(friday, "05:00-13:00"))
    assert late.usual
    assert not early.usual
    assert late.per_h > 3 * early.per_h


def test_one_zone_is_told_as_among_many(demonstration: Services, run: ZoneRun, facts: tuple[ZoneFacts, ...]) -> None:
    alone = zone_facts(demonstration, run, run.zones[4], demonstration.store.snapshot())
    assert alone.week == pytest.approx(facts[4].week)
    assert replace(alone, week=facts[4].week, per_h=facts[4].per_h, windows=facts[4].windows) == facts[4]
    assert facts_of(demonstration, run, [], demonstration.store.snapshot()) == ()


def test_no_word_gives_a_count(facts: tuple[ZoneFacts, ...]) -> None:
    """The only numbers are years, days, clock times, metres, weeks, months, and shares in steps of five."""
    known = re.compile(r"\b20\d\d\b|\b\d\d:\d\d\b|\b(?:200|400) m\b|\b[36] weeks\b|\b\d{1,2} October|over 300 %")
    for said in facts:
        for words in (said.trend, said.near_repeats, *said.hours):
            left = known.sub("", words)
            shares = re.findall(r"(\d+)(?= %| to \d+ %)", left)
            assert all(int(share) % 5 == 0 for share in shares)
            assert not re.search(r"\d", re.sub(r"\d+(?= %| to \d+ %)", "", left)), words


def test_near_repeats_are_those_of_a_recount(
    demonstration: Services, run: ZoneRun, facts: tuple[ZoneFacts, ...]
) -> None:
    rows = demonstration.store.snapshot().incidents(
        ["committed_from", "committed_to", "lon", "lat", *GROUP_COLUMNS], period=Period.parse("2026-08", "2026-10")
    )
    burgled = rows.filter(
        pl.col("offence_code").str.contains(r"^0?(28|29|30|31)/"),
        pl.col("lon").is_not_null(),
        ~pl.col("domestic_abuse").fill_null(value=False),
    )
    ended = burgled.select(pl.coalesce("committed_to", "committed_from").dt.date())["committed_to"]
    since = ended.map_elements(lambda day: (dt.date(2026, 10, 31) - day).days, return_dtype=pl.Int64)
    east_m, north_m = spatial.to_grid(burgled["lon"], burgled["lat"])
    at, ago = shapely.points(east_m, north_m), since.fill_null(0).to_numpy()
    seen = set()
    for outline, said in zip(zone_outlines([zone.cells for zone in run.zones]), facts, strict=True):
        apart = shapely.distance(outline, at)
        near = bool(((apart <= 200) & (ago >= 0) & (ago <= 21)).any())
        wider = bool(((apart <= 400) & (ago >= 0) & (ago <= 42)).any())
        word = "raised risk" if near else "fading" if wider else "No burglary"
        assert word in said.near_repeats
        assert len(said.near_repeats) < 100
        seen.add(word)
    assert len(seen) > 1


def test_prompts_come_with_the_facts(facts: tuple[ZoneFacts, ...]) -> None:
    assert all(1 <= len(said.prompts) <= 3 for said in facts)


def test_a_wrong_file_of_prompts_costs_the_prompts_alone(demonstration_copy: Path) -> None:
    (demonstration_copy / "prompts.toml").write_text('[[kind]]\nid = "any"\nprompts = []\n')
    area = open_area(demonstration_copy)
    try:
        run = runs.find(area.store, "latest")
        told = facts_of(area, run, run.zones[:2], area.store.snapshot())
        fault = "No prompts: prompts.toml in the data directory, [[kind]] 1 (any): no prompts."
        assert all(line.startswith(fault) for said in told for line in said.prompts)
        assert [len(said.prompts) for said in told] == [1, 1]
        assert all(said.trend and said.windows for said in told)
    finally:
        area.close()


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "before", "start"),
    [
        (5, 14, "Too few incidents"),
        (25, 75, "No clear change against the area ("),
        (60, 60, "Rising, about 200 % more against the area (likely "),
        (8, 92, "Falling, over 50 % fewer against the area, May to July 2026."),
        (90, 10, "Rising, over 300 % more against the area, May to July 2026."),
        (20, 0, "Rising, over 300 % more against the area, May to July 2026."),
    ],
)
def test_a_trend_in_words(after: int, before: int, start: str) -> None:
    said = trend(after, before, (1_000.0, 3_000.0), RECENT)
    assert said.startswith(start)
    assert said.startswith(("Rising", "Falling")) == (
        after + before >= 20 and e_test(after, before, lengths=(1, 3)) < 0.05
    )


@pytest.mark.parametrize("whole", [(1_000.0, 3_000.0), (1_000.0, 1_000.0), (500.0, 3_500.0)])
def test_no_words_of_a_trend_are_those_of_counts_below_three_alone(whole: tuple[float, float]) -> None:
    said: dict[str, int] = {}
    for after in range(60):
        for before in range(100):
            words = trend(after, before, whole, RECENT)
            said[words] = max(said.get(words, 0), min(after, before))
    assert min(said.values()) >= 3


def test_months_of_two_years_are_both_named() -> None:
    over = Period.parse("2025-11", "2026-01")
    assert trend(30, 30, (100.0, 100.0), over).endswith("November 2025 to January 2026.")


def test_hours_say_what_they_rest_on() -> None:
    week = np.full(168, 0.1)
    for day in (4, 5):
        week[day * 24 + 21 : day * 24 + 25] = 8.0
    most, why = zone_fact_words.hours(week, 25.0)
    assert most == "Most Fri, Sat 21:00–01:00 (about 80 % of a week)."  # noqa: RUF001
    assert why.startswith("By its own")
    assert zone_fact_words.hours(week, 19.0)[1].startswith("Too few known times")
    assert zone_fact_words.hours(np.zeros(168), 25.0)[0].startswith("Nothing is expected")


# --- other data -----------------------------------------------------------------------------------


def test_a_short_period_has_no_trend(demonstration: Services) -> None:
    query = HotspotQuery(boundary="Nonesuch Borough", period=Period.parse("2026-06", "2026-10"))
    _, short = zones.find_zones(demonstration, query)
    assert short.zones
    found = facts_of(demonstration, short, short.zones, demonstration.store.snapshot())
    assert {said.trend for said in found} == {zone_fact_words.TOO_FEW_MONTHS}


@pytest.mark.shared
def test_month_only_data_has_no_hours_and_says_so(redditch: Services) -> None:
    query = HotspotQuery(boundary="Redditch", period=Period.parse("2025-01", "2025-09"))
    _, found = zones.find_zones(redditch, query)
    told = facts_of(redditch, found, found.zones, redditch.store.snapshot())
    for zone, said in zip(found.zones, told, strict=True):
        assert said.windows is None
        assert said.hours == (
            "Hours are not known: this data has months only. Times chosen by the sergeant, not from data.",
        )
        assert said.measure == "incidents"
        assert said.week.sum() == pytest.approx(zone.events * 7 / 273)
        assert said.in_shift(Shift.asked(dt.date(2025, 10, 3), "15:00-23:00")).windows == ((0, 480),)
        assert "in September 2025" in said.near_repeats or "in August or September 2025" in said.near_repeats
        assert "anchor points" in said.near_repeats
