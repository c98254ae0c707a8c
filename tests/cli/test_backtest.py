"""`geo-service backtest` prints a table, writes a chart, and is asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Said: TypeAlias = Any
"""What the conftest's `say` returns."""
FEW = [
    "--statistics",
    "recent",
    "--fit-months",
    "8",
    "--ahead",
    "1",
    "--shares",
    "3",
    "--boundary",
    "demonstration-wards",
]


def test_a_backtest_is_printed_written_and_asked_again(
    say: Callable[..., Said], demonstration_copy: Path, tmp_path: Path
) -> None:
    here = ["--data-dir", demonstration_copy, "backtest"]
    said = say(*here, *FEW, "-o", tmp_path / "chart.svg")
    assert said.code == 0, said.err
    assert "cells  10          1      3 %   recent" in said.out
    assert "zones  11          1      3 %   total" in said.out
    assert "from total's cells" in said.out
    assert "geo-service backtest --again" in said.out
    assert [path.suffix for path in tmp_path.glob("*chart*")] == [".svg"]
    again = say(*here, "--again", "latest", "--json", "-o", tmp_path / "table.csv")
    assert again.code == 0, again.err
    assert again.facts["earlier"] == again.facts["id"]
    assert again.facts["changed"][-1].startswith("No verdict changed")
    assert [(line["statistic"], line["unit"], line["resolution"]) for line in again.facts["lines"]] == [
        ("total", "cells", 10),
        ("recent", "cells", 10),
        ("total", "zones", 10),
        ("recent", "zones", 10),
        ("total", "zones", 11),
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "One of --boundary and --again"),
        ([*FEW, "--again", "latest"], "One of --boundary and --again"),
        ([*FEW, "--shares", "much"], "Not what --shares takes. Found: much"),
        ([*FEW, "--first-origin", "0"], "Not what --first-origin takes. Found: 0"),
        ([*FEW, "-o", "x.pdf"], "Let the name end in .csv, .geojson, .svg or .png"),
        ([*FEW, "--zone-resolution", "9"], "The resolution of the zones is out of range"),
        ([*FEW, "--ahead", "1.5"], "Write whole numbers"),
        ([*FEW, "--statistics", "best"], "Unknown statistic"),
        ([*FEW, "-o", "table.xlsx"], "Unknown format"),
        ([*FEW, "--fit-months", "99"], "No origin can be scored"),
        (["--again", "nothing"], "No such backtest is kept"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    words: list[str], message: str, refused: Callable[..., str], demonstration_copy: Path
) -> None:
    assert message in refused("--data-dir", demonstration_copy, "backtest", *words)
