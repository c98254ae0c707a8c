"""Pages: what a box, an interval and a number leave of a table."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.api import pages
from geo_service.errors import QueryError
from geo_service.model.layers import FeatureTable, Provenance
from geo_service.model.places import BBox

START = dt.date(2025, 1, 1)
WORLD = BBox(-180, -90, 180, 90)
EVERYWHERE = st.sampled_from(
    [None, shapely.Point(), *(shapely.Point(x, y) for x in range(4) for y in range(4)), shapely.box(0, 0, 3, 1)]
)
DAYS = st.one_of(st.none(), st.integers(0, 9))
BOXES = st.tuples(*[st.integers(0, 4)] * 4).map(
    lambda four: BBox(min(four[:2]), min(four[2:]), max(four[:2]), max(four[2:]))
)


def day(number: int | None) -> dt.date | None:
    return None if number is None else START + dt.timedelta(days=number)


def table_of(shapes: list[object], spans: list[tuple[int | None, int | None]] | None = None) -> FeatureTable:
    spans = spans or [(None, None)] * len(shapes)
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    rows = pl.DataFrame(
        {
            "id": [f"f{number}" for number in range(len(shapes))],
            "first": [day(first) for first, _ in spans],
            "last": [day(last) for _, last in spans],
        },
        schema={"id": pl.String, "first": pl.Date, "last": pl.Date},
    )
    return FeatureTable("things", "Things", rows, geometry, Provenance(1, "2025"), time_columns=("first", "last"))


def ids(page: pages.Page) -> list[str]:
    return page.table.rows["id"].to_list()


def whole(table: FeatureTable, bbox: BBox | None = None, interval: pages.Interval | None = None) -> list[str]:
    return ids(pages.cut(table, bbox=bbox, interval=interval, limit=1_000, offset=0))


@given(st.lists(EVERYWHERE, max_size=12), st.integers(1, 15), st.one_of(st.none(), BOXES))
def test_pages_of_any_size_put_together_are_the_whole_once(shapes: list[object], limit: int, bbox: BBox | None) -> None:
    table = table_of(shapes)
    found: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = pages.cut(table, bbox=bbox, interval=None, limit=limit, offset=offset)
        assert page.matched == len(whole(table, bbox))
        found += ids(page)
        offset = page.next_offset
    assert found == whole(table, bbox)


@given(st.lists(EVERYWHERE, max_size=12))
def test_a_box_around_the_world_changes_nothing(shapes: list[object]) -> None:
    assert whole(table_of(shapes), WORLD) == whole(table_of(shapes))


@given(st.lists(EVERYWHERE, max_size=12), BOXES)
def test_a_box_keeps_what_meets_it_and_what_has_no_position(shapes: list[object], bbox: BBox) -> None:
    box = shapely.box(bbox.west, bbox.south, bbox.east, bbox.north)
    kept = [f"f{n}" for n, shape in enumerate(shapes) if shape is None or shape.is_empty or shape.intersects(box)]  # type: ignore[attr-defined]
    assert whole(table_of(shapes), bbox) == kept


@given(st.lists(st.tuples(DAYS, DAYS), max_size=12), DAYS, DAYS)
def test_an_interval_keeps_what_has_a_day_in_it(
    spans: list[tuple[int | None, int | None]], first: int | None, last: int | None
) -> None:
    def days(begin: int | None, end: int | None) -> set[int]:
        return set(range(-99 if begin is None else begin, 100 if end is None else end + 1))

    spans = [span for span in spans if days(*span)]
    if not days(first, last):
        return
    kept = [f"f{n}" for n, span in enumerate(spans) if days(*span) & days(first, last)]
    assert whole(table_of([None] * len(spans), spans), interval=pages.Interval(day(first), day(last))) == kept


def test_an_interval_changes_nothing_where_no_feature_has_a_time() -> None:
    table = table_of([None, None])
    timeless = FeatureTable("things", "Things", table.rows, table.geometry, table.provenance)
    assert whole(timeless, interval=pages.Interval(START, START)) == ["f0", "f1"]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-01-01", 0, 0),
        ("2025-01-01T23:59:59Z", 0, 0),
        ("2025-01-01/2025-01-03", 0, 2),
        ("2025-01-01T00:00:00Z/2025-01-03T12:00:00+01:00", 0, 2),
        ("2025-01-01/..", 0, None),
        ("2025-01-01/", 0, None),
        ("../2025-01-03", None, 2),
        ("/2025-01-03", None, 2),
        ("../..", None, None),
    ],
)
def test_a_day_and_an_interval_are_read_as_written(text: str, first: int | None, last: int | None) -> None:
    assert pages.Interval.parse(text) == pages.Interval(day(first), day(last))


@pytest.mark.parametrize(
    "text", ["", "..", "yesterday", "2025", "2025-13-01", "2025-01-02/2025-01-01", "2025-01-01/2025-01-02/2025-01-03"]
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(QueryError, match=r"2025-01-01/\.\. with an open end") as refused:
        pages.Interval.parse(text)
    assert refused.value.field == "datetime"


def test_one_feature_is_found_by_its_identifier() -> None:
    table = table_of([shapely.Point(0, 1), shapely.Point(2, 3)])
    found = pages.one(table, "f1")
    assert found is not None
    assert found.rows["id"].to_list() == ["f1"]
    assert found.geometry[0] == shapely.Point(2, 3)
    assert pages.one(table, "f2") is None


@given(st.lists(EVERYWHERE, max_size=12))
def test_an_extent_bounds_every_position(shapes: list[object]) -> None:
    placed = [shape for shape in shapes if shape is not None and not shape.is_empty]  # type: ignore[attr-defined]
    found = pages.extent(table_of(shapes))
    if placed:
        assert found["spatial"]["bbox"] == [list(shapely.union_all(placed).bounds)]
    else:
        assert "spatial" not in found


@pytest.mark.parametrize(
    ("spans", "interval"),
    [
        ([(0, 4), (2, 9)], ("2025-01-01T00:00:00Z", "2025-01-10T23:59:59Z")),
        ([(0, 4), (2, None)], ("2025-01-01T00:00:00Z", None)),
        ([(None, 4), (2, 3)], (None, "2025-01-05T23:59:59Z")),
    ],
)
def test_an_extent_runs_from_the_first_day_to_the_last_or_is_open(
    spans: list[tuple[int | None, int | None]], interval: tuple[str | None, str | None]
) -> None:
    found = pages.extent(table_of([None] * len(spans), spans))
    assert found["temporal"]["interval"] == [interval]


def test_an_extent_says_nothing_of_a_time_that_is_open_at_both_ends() -> None:
    assert pages.extent(table_of([None], [(None, None)])) == {}
    assert pages.extent(table_of([])) == {}
