"""`geo-service impact`, asked well and badly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Say = Any
ASKED = ["impact", "--set", "demonstration-wards", "--to", "2026-07"]
FIGURES = "area,2022-08,2022-09\nTown,100,90\nVillage,50,60\n"


@pytest.fixture
def ask(say: Callable[..., Say], demonstration_copy: Path) -> Callable[..., Say]:
    return lambda *words: say("--data-dir", demonstration_copy, *words)


def test_a_report_is_printed_kept_and_printed_again_byte_for_byte(ask: Callable[..., Say], tmp_path: Path) -> None:
    made = ask(*ASKED)
    assert made.code == 0, made.err
    number = made.out.split("Report ")[1].split(".")[0]
    assert ask("impact", "--replay", number).out == made.out
    assert ask("impact", "--replay", number, "--json").out == ask(*ASKED, "--json").out
    for name in ("table.csv", "chart.svg", "page.pdf"):
        written = ask("impact", "--replay", "latest", "-o", tmp_path / name, "--json").facts
        assert Path(written["file"]).stat().st_size > 1_000


def test_all_that_is_printed_is_in_the_json(ask: Callable[..., Say]) -> None:
    facts = ask(*ASKED, "--json").facts
    assert facts["text"] == ask(*ASKED).out.rstrip("\n")
    assert [area["name"] for area in facts["areas"]][:2] == ["Nonesuch Market", "Lanternby"]
    assert facts["parameters"]["to"] == "2026-07"


def test_areas_come_from_a_small_file_or_from_names(ask: Callable[..., Say], tmp_path: Path) -> None:
    lists = tmp_path / "areas.toml"
    lists.write_text(
        'boundary_set = "demonstration-wards"\n[[area]]\nname = "Both"\ncodes = ["Lanternby", "Quillholt"]\n'
    )
    both = ask("impact", "--areas", lists, "--to", "2026-07", "--measure", "count", "--json").facts["areas"]
    named = ask("impact", "--boundary", "Lanternby", "--boundary", "Quillholt", "--to", "2026-07", "--measure", "count",
                "--json").facts["areas"]  # fmt: skip
    assert [area["name"] for area in both] == ["Both"]
    assert both[0]["rolling"][-1] == sum(area["rolling"][-1] for area in named)


def test_figures_need_no_data(say: Callable[..., Say], tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(FIGURES)
    made = say("--data-dir", tmp_path / "none", "impact", "--figures", path)
    assert made.code == 0, made.err
    assert "-10.00 %" in made.out
    assert "earlier month needed" in made.out


WRONG = {
    "nothing": (["impact"], "says what to report. Found: none."),
    "two things": ([*ASKED, "--replay", "latest"], "Found: --to and --replay."),
    "no areas": (["impact", "--to", "2026-07"], "Which areas is not said."),
    "a month that is none": (["impact", "--set", "demonstration-wards", "--to", "July"], "Not a month. Found: July."),
    "a month to come": (["impact", "--set", "demonstration-wards", "--to", "2030-01"], "The last month is not loaded."),
    "a set that is none": (["impact", "--set", "wards", "--to", "2026-07"], "No boundary set of that name."),
    "a ward that is none": (["impact", "--boundary", "Lanternbee", "--to", "2026-07"], "Close to it: Lanternby."),
    "an empty ward": (["impact", "--boundary", "", "--to", "2026-07"], "--boundary is empty."),
    "a measure that is none": ([*ASKED, "--measure", "fear"], "Unknown measure. Found: fear."),
    "a year from May": ([*ASKED, "--year-from", "may"], "Use one of april, january."),
    "years that are none": ([*ASKED, "--against", "2o24"], "Not years. Found: 2o24."),
    "a later year": ([*ASKED, "--against", "2026"], "Found: 2026. The year to date begins in 2026"),
    "an ending that is none": ([*ASKED, "-o", "x.docx"], "Let the name end in"),
    "a report that is none": (["impact", "--replay", "zzz"], "No such impact is kept."),
    "an empty report": (["impact", "--replay", ""], "--replay is empty."),
    "a file that is none": (["impact", "--areas", "none.toml", "--to", "2026-07"], "The file cannot be read."),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_and_mended(ask: Callable[..., Say], name: str) -> None:
    words, said = WRONG[name]
    made = ask(*words)
    assert (made.code, made.out) == (2, "")
    assert said in made.err


@pytest.mark.parametrize(
    "text",
    ["", "[[area", 'name = "x"', '[[area]]\nname = "x"', '[[area]]\nname = "x"\ncodes = []',
     '[[area]]\nname = 3\ncodes=["a"]',
     '[[area]]\nname = "x"\ncodes = ["Lanternby"]\n[[area]]\nname = "x"\ncodes = ["Quillholt"]'],
)  # fmt: skip
def test_a_list_of_areas_that_is_none_is_refused(ask: Callable[..., Say], tmp_path: Path, text: str) -> None:
    path = tmp_path / "areas.toml"
    path.write_text(text)
    made = ask("impact", "--areas", path, "--to", "2026-07")
    assert made.code == 2
    assert "area" in made.err
