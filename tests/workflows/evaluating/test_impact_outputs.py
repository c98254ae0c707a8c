"""An impact report as table, chart and page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import polars as pl
import pypdf
import pytest

from geo_service.model.impact import ImpactQuery
from geo_service.model.periods import Month
from geo_service.workflows.evaluating.impact import report
from geo_service.workflows.evaluating.impact_outputs import chart, table, write

if TYPE_CHECKING:
    from geo_service.model.impact import ImpactReport
    from geo_service.workflows.services import Services


@pytest.fixture(scope="module")
def made(demonstration: Services) -> ImpactReport:
    query = ImpactQuery(Month.parse("2026-10"), boundary_set="demonstration-wards", measure="count")
    return report(demonstration, query)


def test_the_table_has_a_row_for_each_area_and_month_and_the_year_in_the_last(made: ImpactReport) -> None:
    rows = table(made).rows
    assert rows.height == 9 * 13
    last = rows.filter(pl.col("month") == "2026-10")
    assert last["rolling_12_months"].to_list() == [area.rolling[-1] for area in made.areas]
    assert last["status"].to_list() == [area.statuses[-1] for area in made.areas]
    assert rows.filter(pl.col("month") != "2026-10")["to_date"].null_count() == 9 * 12
    assert last["to_date 2025-04 to 2025-10"].null_count() == 0


def test_the_chart_names_every_area_and_leaves_the_smallest_out_of_the_funnel(made: ImpactReport) -> None:
    bars, funnel = chart(made).panels
    assert sorted(bars.ticks) == sorted(area.name for area in made.areas)
    assert list(bars.series[0].y) == sorted(bars.series[0].y)
    drawn = [area for area in made.areas if (area.limits[-1] or 9) <= 4]
    assert len(funnel.series[-1].x) == len(drawn) < 9


def test_the_page_is_one_with_marking_words_and_numbers(demonstration: Services, made: ImpactReport) -> None:
    page = write(demonstration, made, ".pdf")
    read = pypdf.PdfReader(io.BytesIO(page.content))
    assert len(read.pages) == 1
    text = " ".join(read.pages[0].extract_text().split())
    assert text.count("OFFICIAL") >= 2
    for word in (
        *(area.name for area in made.areas),
        "DEMONSTRATION",
        "Licences",
        f"report {made.id}",
        "Destroy after",
    ):
        assert word in text
    assert page.name.startswith("DEMONSTRATION-OFFICIAL-Impact-areas")
    assert write(demonstration, made, ".pdf").content == page.content


def test_a_chart_is_written_by_its_ending(demonstration: Services, made: ImpactReport) -> None:
    assert write(demonstration, made, ".svg").content.startswith(b"<?xml")
    assert write(demonstration, made, ".csv").content.decode("utf-8-sig").startswith("id,area_code,area,month")
