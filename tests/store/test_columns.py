"""The order of rows is one, and republished rows give way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from geo_service.store.columns import STORED_SCHEMA, replace_rows, stored_incidents, to_arrow, to_polars

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["Robbery", "Burglary"])), max_size=12)


def frame(rows: list[tuple[int, str]], first_row: int = 2) -> pl.DataFrame:
    """Return incidents whose crime number is the first of each pair."""
    columns = {
        "crime_id": [str(number) for number, _ in rows],
        "offence": [offence for _, offence in rows],
        "row": range(first_row, first_row + len(rows)),
    }
    given_columns = pl.DataFrame(columns, schema={name: STORED_SCHEMA[name] for name in columns})
    return given_columns.select(
        pl.col(name) if name in columns else pl.lit(None, dtype).alias(name) for name, dtype in STORED_SCHEMA.items()
    )


@given(old=ROWS, new=ROWS)
def test_after_a_republication_each_crime_number_has_the_row_that_came_last(old: list, new: list) -> None:
    first = replace_rows(frame([]), frame(old))
    found = replace_rows(first, frame(new, 100))
    assert dict(found.select("crime_id", "offence").rows()) == {str(key): value for key, value in [*old, *new]}
    assert found.height == len({key for key, _ in [*old, *new]})


@given(old=ROWS, new=ROWS)
def test_the_same_rows_again_change_nothing(old: list, new: list) -> None:
    once = stored_incidents(replace_rows(frame(old), frame(new, 100)))
    twice = stored_incidents(replace_rows(once, frame(new, 100)))
    assert_frame_equal(once, twice)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(seed=st.integers(0, 1000))
def test_stored_order_does_not_depend_on_the_order_of_arrival(
    make_incidents: Callable[..., pl.DataFrame], seed: int
) -> None:
    rows = pl.concat([make_incidents(1, 30), make_incidents(1, 30), make_incidents(2, 30)])
    shuffled = rows.sample(fraction=1, shuffle=True, seed=seed)
    assert stored_incidents(shuffled).equals(stored_incidents(rows))


def test_rows_without_a_crime_number_are_kept_apart_unless_they_are_the_same_line() -> None:
    nameless = frame([(1, "Robbery"), (1, "Robbery")]).with_columns(crime_id=pl.lit(None, pl.String))
    assert replace_rows(nameless, nameless).height == 2


def test_a_frame_survives_arrow(make_incidents: Callable[..., pl.DataFrame]) -> None:
    rows = make_incidents(3, 50)
    assert_frame_equal(to_polars(to_arrow(rows)), rows)
