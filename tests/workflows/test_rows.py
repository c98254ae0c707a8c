"""The incidents behind a question are those that the cube counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from geo_service.errors import QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding.hotspots import ask, look_up
from geo_service.workflows.rows import WEIGHT, refuse_month_only, rows_of

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

YEAR = Period.parse("2025-08", "2026-07")


@pytest.mark.parametrize("boundary", ["demonstration-wards", "Lanternby"])
def test_there_are_as_many_as_the_cube_counts(demonstration: Services, boundary: str) -> None:
    query = HotspotQuery(boundary, YEAR)
    rows = rows_of(look_up(demonstration, query), ["committed_from"])
    assert rows.height == ask(demonstration, query).located
    assert rows[WEIGHT].unique().to_list() == [1.0]


def test_harm_adds_up_to_the_surface_s(demonstration: Services) -> None:
    query = HotspotQuery("Lanternby", YEAR, measure="harm")
    surface = ask(demonstration, query)
    assert surface.harm is not None
    rows = rows_of(look_up(demonstration, query), ["offence"])
    assert rows[WEIGHT].sum() == pytest.approx(float(surface.harm.sum()))


def test_another_period_gives_its_own(demonstration: Services) -> None:
    question = look_up(demonstration, HotspotQuery("Lanternby", YEAR))
    month = Period.parse("2026-08", "2026-08")
    assert rows_of(question, ["month"], month)["month"].unique().to_list() == [month.first.ordinal]


def test_rows_without_any_time_are_refused_and_the_source_is_named(demonstration: Services) -> None:
    question = look_up(demonstration, HotspotQuery("Lanternby", YEAR))
    rows = rows_of(question, ["committed_from"])
    refuse_month_only(question, "Hours", rows)
    untimed = rows.with_columns(committed_from=pl.lit(None, dtype=pl.Datetime("us")))
    with pytest.raises(
        QueryError, match="Hours cannot be said: none of the incidents has more than a month"
    ) as refused:
        refuse_month_only(question, "Hours", untimed)
    assert "Found: the export of" in refused.value.message
