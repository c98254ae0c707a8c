"""Counts by area as statistical offices write them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import InputError
from geo_service.ingest import Numbers
from geo_service.ingest.numbers import number_of

if TYPE_CHECKING:
    from pathlib import Path


def counted(folder: Path, *rows: str) -> tuple[dict[str, float], int]:
    file = folder / "counts.csv"
    file.write_text("\n".join(["Area code,Residents", *rows]))
    found, without = Numbers().denominator(file, code="area code", value="residents")
    return dict(found), without


def test_rows_with_a_code_and_a_number_are_taken(tmp_path: Path) -> None:
    rows = ('E1,"1,234"', "E2,5.5", "E3,..", "E4,0", ",9", "Source: a census,", "")
    assert counted(tmp_path, *rows) == ({"E1": 1234.0, "E2": 5.5, "E4": 0.0}, 2)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (("E1,many",), "Row 2 of counts.csv: residents is no number of at least 0. Found: many"),
        (("E1,5", "E2,-1"), "Row 3 of counts.csv: residents is no number"),
        (("E1,5", "E1,6"), "Row 3 of counts.csv: the code came before. Found: E1"),
        (("E1,..", "E2,"), "counts.csv has no number. Found: 2 rows without one"),
    ],
)
def test_what_is_wrong_is_named_by_row(tmp_path: Path, rows: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError) as caught:
        counted(tmp_path, *rows)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "number"), [("1,000,000", 1e6), ("1e3", 1e3), ("12.5", 12.5), ("-", None), (":", None), ("N/A", None)]
)
def test_numbers_are_read_as_offices_write_them(text: str, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["1,00", "inf", "nan", "-5", "0x1f", "1 000"])
def test_nothing_else_is_a_number(text: str) -> None:
    found = number_of(text)
    assert found is not None
    assert math.isnan(found)
