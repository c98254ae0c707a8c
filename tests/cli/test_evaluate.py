"""`geo-service evaluate`, asked well and badly."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Say = Any
WDD = ["evaluate", "wdd", "--set", "demonstration-wards", "--treated", "Lanternby", "--comparison", "Kettlewick"]
MONTHS = ["--before", "2025-01..2025-06", "--after", "2026-01..2026-06"]


@pytest.fixture
def ask(say: Callable[..., Say], demonstration_copy: Path) -> Callable[..., Say]:
    return lambda *words: say("--data-dir", demonstration_copy, *words)


def test_the_published_difference_is_printed(say: Callable[..., Say]) -> None:
    words = ["evaluate", "wdd", "--treated-counts", "20,10", "--comparison-counts", "20,20"]
    assert "-10.0 incidents (standard error 8.3666, 90% interval -23.8 to 3.8)" in say(*words).out
    assert say(*words, "--json").facts["estimate"] == -10


def test_the_published_e_test_is_printed(say: Callable[..., Say]) -> None:
    assert "p 0.1749" in say("evaluate", "etest", "6", "2").out


def test_places_of_the_data_are_compared_and_written(ask: Callable[..., Say], tmp_path: Path) -> None:
    made = ask(*WDD, *MONTHS, "--ring", "300")
    assert made.code == 0, made.err
    assert "Weighted displacement difference with rings" in made.out
    facts = ask(*WDD, *MONTHS, "--ring", "300", "-o", tmp_path / "x.csv", "--json").facts
    with Path(facts["file"]).open(encoding="utf-8-sig") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert int(rows["treated/after"]["incidents"]) == facts["counts"]["treated"][1]
    for sentence in facts["sentences"]:
        assert sentence in made.out


def test_before_during_and_after_have_two_comparisons(ask: Callable[..., Say]) -> None:
    made = ask("evaluate", "before-after", "--treated", "Lanternby", "--comparison", "Kettlewick",
               "--before", "2025-01", "--during", "2025-02..2025-04", "--after", "2025-05")  # fmt: skip
    assert made.code == 0, made.err
    assert "During beside before" in made.out
    assert "After beside before" in made.out


def test_a_trial_is_drawn_sealed_and_analysed(ask: Callable[..., Say], tmp_path: Path) -> None:
    ask("zones", "--boundary", "demonstration-wards", "--from", "2025-01", "--to", "2025-12")
    drawn = ask("evaluate", "trial", "allocate", "--from", "2026-05-04", "--days", "28", "--seed", "7", "-o",
                tmp_path / "allocation.csv", "--json").facts  # fmt: skip
    path = Path(drawn["file"])
    visits = tmp_path / "visits.csv"
    visits.write_text(f"zone,arrived\n{drawn['zones'][0]},2026-05-05 02:10\n{drawn['zones'][0]},2026-05-04 21:00\n")
    made = ask(
        "evaluate", "trial", "analyse", "--allocation", path, "--hash", drawn["sealed_sha256"], "--visits", visits
    )
    assert made.code == 0, made.err
    assert "Intention to treat" in made.out
    assert "Placebo check" in made.out
    forged = tmp_path / "forged.csv"
    text = path.read_text(encoding="utf-8-sig")
    forged.write_text(text.replace(",no patrol,", ",patrol,", 1))
    refused = ask("evaluate", "trial", "analyse", "--allocation", forged, "--hash", drawn["sealed_sha256"])
    assert refused.code == 2
    assert "not the one that was sealed" in refused.err
    visits.write_text("zone,arrived\nx,yesterday\n")
    bad = ask(
        "evaluate", "trial", "analyse", "--allocation", path, "--hash", drawn["sealed_sha256"], "--visits", visits
    )
    assert "Line 2 of the visits" in bad.err


COUNTS = ["evaluate", "wdd", "--treated-counts"]
TRIAL = ["evaluate", "trial", "allocate", "--from", "2026-05-04", "--seed", "7"]
WRONG = {
    "one count": ([*COUNTS, "20", "--comparison-counts", "1,2"], "Not two numbers. Found: 20."),
    "one side": ([*COUNTS, "20,10"], "Not two numbers. Found: nothing."),
    "counts and places": (
        [*WDD, "--treated-counts", "20,10", "--comparison-counts", "20,20"],
        "Counts are given and places are named, so it is not clear which is meant. Found: Lanternby.",
    ),
    "no months": ([*WDD], "The months before are not given."),
    "no after": ([*WDD, "--before", "2025-01"], "There is no period to compare"),
    "no comparison": (["evaluate", "wdd", "--treated", "Lanternby", *MONTHS], "No comparison place is named."),
    "months that meet": ([*WDD, "--before", "2025-01..2025-06", "--after", "2025-06"], "does not come after"),
    "months that are none": ([*WDD, "--before", "soon", "--after", "2025-06"], "Not a month. Found: soon."),
    "a count below 0": (["evaluate", "etest", "--", "-3", "2"], "The count cannot be tested. Found: -3."),
    "a wide ring": ([*WDD, *MONTHS, "--ring", "90000"], "The ring is out of range."),
    "no file": ([*TRIAL, "--days", "28"], "Give -o allocation.csv"),
    "no zones": ([*TRIAL, "--days", "28", "-o", "a.csv", "--zones", "zzz"], "No such run of zones"),
    "half a block": ([*TRIAL, "--days", "27", "-o", "a.csv"], "Give whole blocks of 2 days"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_and_mended(ask: Callable[..., Say], name: str) -> None:
    words, said = WRONG[name]
    made = ask(*words)
    assert (made.code, made.out) == (2, ""), made.err
    assert said in made.err
