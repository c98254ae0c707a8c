"""What is erased is what was named: by number, by month, by age; no more and no less."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.model.incidents import REJECT_SCHEMA
from geo_service.model.retention import Reach, Wanted
from geo_service.store.erasures import ErasedNumbers, number_hash
from geo_service.store.matching import GONE, Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable

SLOT = "incidents/force_csv/kent/0"
NOBODY = ErasedNumbers("store", {})
JAN = 2025 * 12


def frame(numbers: Iterable[str | None], place: str = "On or near Mill Lane", month: int = JAN) -> pl.DataFrame:
    crime_id = pl.Series("crime_id", list(numbers), dtype=pl.String)
    return crime_id.to_frame().with_columns(
        month=pl.lit(month, pl.Int32), offence_code=pl.lit("8/1"), offence=pl.lit("Robbery"), place=pl.lit(place)
    )


def rejected(**values: str) -> pl.DataFrame:
    row = dict.fromkeys(REJECT_SCHEMA, "") | {"row": 2} | values
    return pl.DataFrame({name: [value] for name, value in row.items()}, schema=REJECT_SCHEMA)


def gone(wanted: Wanted, rows: pl.DataFrame) -> list[bool]:
    return Matcher(wanted, NOBODY).incidents(SLOT, rows).to_list()


@given(st.lists(st.one_of(st.none(), st.text("ab12/ ", max_size=4)), max_size=20), st.text("ab12/", min_size=1))
def test_exactly_the_rows_of_the_number_go_whatever_its_case_and_blanks(held: list[str | None], number: str) -> None:
    expected = [value is not None and value.strip().lower() == number for value in held]
    shouted = [value.upper() if value else value for value in held]
    assert gone(Wanted(numbers=frozenset({number})), frame(held)) == expected
    assert gone(Wanted(numbers=frozenset({number})), frame(shouted)) == expected
    by_hash = Matcher(Wanted(), ErasedNumbers("store", {number_hash("store", number): ""}))
    assert by_hash.incidents(SLOT, frame(held)).to_list() == expected


def test_numbers_that_were_found_are_told_from_those_that_stand_nowhere() -> None:
    matcher = Matcher(Wanted(numbers=frozenset({"22/10001", "22/10002", "22/10003"})), NOBODY)
    matcher.incidents(SLOT, frame(["22/10001", "22/99999"]))
    matcher.rejects(rejected(value="22/10002;Robbery"), "2025-11-01T09:00:00+00:00")
    assert matcher.met == {"22/10001", "22/10002"}


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach(JAN, JAN), True),
        (Reach(JAN, JAN, "kent"), True),
        (Reach(JAN, JAN, "surrey"), False),
        (Reach(JAN + 1, JAN + 9), False),
        (Reach(0, JAN - 1), False),
    ],
)
def test_months_go_of_the_force_that_was_named(reach: Reach, *, expected: bool) -> None:
    assert gone(Wanted(reaches=(reach,)), frame(["a"])) == [expected]


def test_words_lose_the_number_and_keep_the_rest() -> None:
    matcher = Matcher(Wanted(numbers=frozenset({"22dq/98431/25"})), NOBODY)
    rows = frame(["other"], "Behind 4 Mill Lane, see 22DQ/98431/25")
    assert matcher.naming(rows).to_list() == [True]
    assert matcher.silenced(rows)["place"].to_list() == [f"Behind 4 Mill Lane, see {GONE}"]
    assert matcher.silenced(rows).drop("place").equals(rows.drop("place"))


def test_a_short_number_is_not_sought_within_words() -> None:
    matcher = Matcher(Wanted(numbers=frozenset({"12"})), NOBODY)
    rows = frame(["12", "112"], "12 Mill Lane")
    assert matcher.incidents(SLOT, rows).to_list() == [True, False]
    assert matcher.naming(rows).to_list() == [False, False]
    assert matcher.rejects(rejected(value="1234"), "2025-11-01T09:00:00+00:00").to_list() == [False]
    assert matcher.rejects(rejected(value=" 12 "), "2025-11-01T09:00:00+00:00").to_list() == [True]


@pytest.mark.parametrize("field", [name for name in REJECT_SCHEMA if name != "row"])
def test_a_rejected_row_goes_whichever_field_names_the_number(field: str) -> None:
    matcher = Matcher(Wanted(numbers=frozenset({"22dq/98431"})), NOBODY)
    put_at = "2025-11-01T09:00:00+00:00"
    assert matcher.rejects(rejected(**{field: "x,22DQ/98431,y"}), put_at).to_list() == [True]
    assert matcher.rejects(rejected(**{field: "x,22DQ/98432,y"}), put_at).to_list() == [False]


def test_rejected_rows_go_by_the_day_of_their_import() -> None:
    matcher = Matcher(Wanted(before=(("rejects", dt.datetime(2025, 11, 1, 9, tzinfo=dt.UTC)),)), NOBODY)
    assert matcher.rejects(rejected(), "2025-11-01T08:59:59+00:00").to_list() == [True]
    assert matcher.rejects(rejected(), "2025-11-01T09:00:00+00:00").to_list() == [False]
