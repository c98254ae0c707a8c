"""`geo-service windows`, asked well and badly."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKED = ["--boundary", "Lanternby", "--from", "2025-08", "--to", "2026-07"]
WRONG = {
    "a length of ten minutes": (["--length", "10"], "A window cannot have that length. Found: 10 minutes."),
    "a zone of no run": (["--zone", "1"], "A zone is named but no run."),
    "half a check": (["--check-from", "2026-08"], "Only one end of the months of the check is named."),
    "an early check": (["--check-from", "2026-01", "--check-to", "2026-02"], "must come after those that they were"),
    "a check of letters": (["--check-from", "soon", "--check-to", "2026-10"], "Not a month. Found: soon."),
    "no run of that name": (["--run", "nothing"], "No such run of zones. Found: nothing."),
    "a file of no kind": (
        ["-o", "w.pdf"],
        "Unknown format. Found: .pdf. Let the name end in .csv, .geojson, .svg or .png.",
    ),
    "no window": (["--most", "0"], "That many windows of a place cannot be chosen. Found: 0. Give 1 to 20."),
    "a chart as text": (["--chart", "w.txt"], "The file's name has another ending than its content. Found: w.txt."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_question_is_refused_in_one_line(
    refused: Callable[..., str], demonstration_copy: Path, wrong: str
) -> None:
    words, said = WRONG[wrong]
    assert said in refused("--data-dir", demonstration_copy, "windows", *ASKED, *words)


def test_windows_are_printed_written_and_drawn(say: Callable, demonstration_copy: Path, tmp_path: Path) -> None:
    area = ["--boundary", "demonstration-wards", "--from", "2025-08", "--to", "2026-07", "--run", "latest"]
    check = ["--check-from", "2026-08", "--check-to", "2026-10"]
    files = ["-o", tmp_path / "windows.csv", "--chart", tmp_path / "week.svg"]
    words = ["--data-dir", demonstration_copy, "windows", *area, *check, "--length", "240", *files]
    plain, facts = say(*words), say(*words, "--json").facts
    assert plain.code == 0, plain.err
    for sentence in (facts["sentence"], facts["sentence_zones"], *facts["notes"]):
        assert sentence in plain.out
    best = facts["places"][1]["windows"][0]
    assert best["words"] in plain.out
    assert best["even"] == pytest.approx(240 / 10_080)
    with open(facts["file"], encoding="utf-8-sig", newline="") as file:  # noqa: PTH123 - the path that was said
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(place["windows"]) for place in facts["places"])
    assert rows[3]["window"] == best["words"]
    assert float(rows[3]["held"]) == pytest.approx(best["held"])
    assert "<svg" in (tmp_path / facts["chart"]).read_text()
    assert "OFFICIAL-week-v" in facts["chart"]


def test_the_ending_of_the_file_chooses_table_or_chart(say: Callable, demonstration_copy: Path, tmp_path: Path) -> None:
    done = say("--data-dir", demonstration_copy, "windows", *ASKED, "-o", tmp_path / "week.png", "--json")
    with open(done.facts["file"], "rb") as file:  # noqa: PTH123 - the path that was said
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    assert done.facts["chart"] is None
