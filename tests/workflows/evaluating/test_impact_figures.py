"""Reports on figures that somebody has: the published table of the West Midlands, and bad tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from geo_service.errors import GeoServiceError
from geo_service.workflows.evaluating.impact_figures import report_on_figures

TABLE = Path(__file__).parents[2] / "evaluation/west-midlands-impact-areas.csv"
MONTHS = ["2022-08", "2022-09", "2022-10", "2022-11"]


def test_the_published_table_is_printed_line_by_line() -> None:
    with TABLE.open() as file:
        published = list(csv.DictReader(file))
    made = report_on_figures(
        ["area", *MONTHS], [[row["area"], *(row[month] for month in MONTHS)] for row in published], "table.csv"
    )
    assert "8 of 19 areas fell on the month, 11 rose" in made.headline
    assert "3 OUTSTANDING, 5 GOOD, 8 NEEDS IMPROVEMENT, 3 POOR" in made.headline
    lines = {line.split("  ")[0]: line for line in made.text.splitlines()}
    for row in published:
        line = lines[row["area"]]
        for month in MONTHS[1:]:
            assert f"{float(row[f'change_{month}']):.2f} %" in line
        assert line.endswith(("earlier month needed", "↑", "↓", "GOOD"))
        if row["arrow"] and not line.endswith("earlier month needed"):
            assert line.endswith(row["arrow"])
    assert sum(line.endswith("earlier month needed") for line in lines.values()) == 6


def test_thousands_apart_and_empty_figures_are_read() -> None:
    made = report_on_figures(["Area", "2025-01", "2025-02"], [["Town", "2,655,679", ""]], "x.csv")
    assert made.areas[0].rolling == (2655679.0, None)


@pytest.mark.parametrize(
    ("heads", "rows", "said"),
    [
        (["place", "2025-01"], [["Town", "1"]], "do not begin with the heads"),
        (["area"], [["Town"]], "do not begin with the heads"),
        (["area", "January"], [["Town", "1"]], "The head of column 2 is no month. Found: x.csv: January"),
        (["area", "2025-01", "2025-03"], [["Town", "1", "2"]], "do not follow one another"),
        (["area", "2025-01"], [["Town", "1", "2"]], "Line 2 has another number of figures"),
        (["area", "2025-01"], [["Town", "many"]], "Line 2 has no figure for 2025-01"),
        (["area", "2025-01"], [["Town", "-4"]], "Line 2 has no figure for 2025-01"),
        (["area", "2025-01"], [["Town", "1"], ["Town", "2"]], "Line 3 names no area of its own"),
        (["area", "2025-01"], [], "There is no area"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(heads: list[str], rows: list[list[str]], said: str) -> None:
    with pytest.raises(GeoServiceError, match=said):
        report_on_figures(heads, rows, "x.csv")
