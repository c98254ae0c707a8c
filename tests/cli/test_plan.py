"""`geo-service plan`, `plans` and `plan-edit`, asked well and badly."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHIFT = ["--team", "NSUCH-T1", "--date", "2026-10-23", "--shift", "15:00-23:00", "--officers", "4"]


@pytest.fixture(scope="module")
def area(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("plan") / "demo")


def without(option: str, *instead: str) -> list[str]:
    """Return the shift with another value of an option, or without it."""
    at = SHIFT.index(option)
    return [*SHIFT[:at], *((option, *instead) if instead else ()), *SHIFT[at + 2 :]]


WRONG = {
    "no such team": (without("--team", "Atlantis"), "No area of that code or name. Found: Atlantis."),
    "an empty team": (without("--team", " "), "No team is named."),
    "a day of last century's form": (without("--date", "23.10.2026"), "Not a day. Found: 23.10.2026."),
    "a day that is none": (without("--date", "2026-02-30"), "Not a day. Found: 2026-02-30."),
    "a shift of letters": (without("--shift", "late"), "That is not a span of two clock times. Found: late."),
    "a shift of a day": (without("--shift", "06:00-06:00"), "A shift cannot be that long. Found: 24 hours."),
    "no officer": (without("--officers", "0"), "The rule `officers` is out of range. Found: 0 officers."),
    "one officer in pairs": (without("--officers", "1"), "The officers are too few for one crew."),
    "officers in letters": (without("--officers", "four"), "Invalid value for '--officers'"),
    "a long visit": ([*SHIFT, "--visit", "30"], "The rule `visit` is out of range. Found: 30 minutes."),
    "a gap beyond the interval": ([*SHIFT, "--gap", "200"], "The rule `gap` is out of range. Found: 200 minutes."),
    "a way that nobody goes": ([*SHIFT, "--mode", "horse"], "No such way of going. Found: horse."),
    "three together": ([*SHIFT, "--crew", "3"], "The rule `crew` is out of range. Found: 3 officers."),
    "a commitment without words": ([*SHIFT, "--commitment", "18:00-18:30"], "That is no commitment."),
    "a commitment elsewhere": ([*SHIFT, "--commitment", "06:00-07:00 x"], "The commitment lies outside the shift."),
    "a commitment backwards": ([*SHIFT, "--commitment", "18:30-18:00 x"], "The commitment ends before it begins."),
    "a commitment in no zone": ([*SHIFT, "--commitment", "9=18:00-18:30 x"], "The plan has no such zone. Found: 9."),
    "a crew that is not there": ([*SHIFT, "--commitment", "18:00-18:30 x@9"], "There is no such crew to be bound."),
    "a cap of letters": ([*SHIFT, "--cap", "1=some"], "That is no cap. Found: 1=some."),
    "a window of no zone": ([*SHIFT, "--window", "77=18:00-20:00"], "The plan has no such zone. Found: 77."),
    "a window elsewhere": ([*SHIFT, "--window", "03:00-05:00"], "No visit fits into that window of the shift."),
    "a station elsewhere": ([*SHIFT, "--station", "X"], "No parade station of that id. Found: X."),
    "an empty station": ([*SHIFT, "--station", ""], "--station is empty."),
    "a run of no zones": ([*SHIFT, "--run", "nothing"], "No such run of zones. Found: nothing."),
    "a seed below zero": ([*SHIFT, "--seed", "-1"], "That cannot be a seed. Found: -1."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_request_is_refused_in_one_line(refused: Callable[..., str], area: Path, wrong: str) -> None:
    words, said = WRONG[wrong]
    assert said in refused("--data-dir", area, "plan", *words)


def test_a_plan_is_printed_listed_found_again_and_changed(say: Callable, area: Path) -> None:
    in_area = ("--data-dir", area)
    facts = say(*in_area, "plan", *SHIFT, "--commitment", "18:00-18:30 school gate@2", "--json").facts
    assert (facts["new"], facts["version"]) == (True, 1)
    plain = say(*in_area, "plan", *SHIFT, "--commitment", "18:00-18:30 school gate@2")
    assert plain.code == 0, plain.err
    assert "the same request on the same data is the same plan" in plain.out
    assert facts["headline"] in plain.out
    for loop in facts["by_the_clock"]:
        assert loop["when"] in plain.out
        assert all(stop["when"] in plain.out for stop in loop["stops"])
    for line in (*facts["notes"], *facts["unkept"], *facts["licences"]):
        assert line in plain.out
    listed = say(*in_area, "plans", "--team", "NSUCH-T1", "--json").facts["plans"]
    assert listed[0]["plan"] == facts["id"]
    assert facts["id"] in say(*in_area, "plans").out
    assert say(*in_area, "plans", "--team", "NSUCH-T2").out == "No plan has been made yet for NSUCH-T2.\n"
    visit = facts["by_the_clock"][0]["stops"][0]["visit"]
    changed = say(*in_area, "plan-edit", facts["id"], "lock", visit, "--version", 1, "--json").facts
    assert changed["version"] == 2
    assert len(changed["edits"]) == 1
    unsaid = say(*in_area, "plan-edit", "latest", "unlock", visit)
    assert "It was made on version 2, the newest then" in unsaid.out
    assert "Changed by hand:" in unsaid.out
    kept = say(*in_area, "plan", *SHIFT, "--commitment", "18:00-18:30 school gate@2")
    assert "edited since, so it is shown as it is now (version 3)" in kept.out
    again = say(*in_area, "plan", *SHIFT, "--commitment", "18:00-18:30 school gate@2", "--again", "--json").facts
    assert again["new"]
    assert again["id"] != facts["id"]
    assert again["provenance"]["seed"] == 2


def test_a_wrong_change_is_refused_in_one_line(say: Callable, refused: Callable[..., str], area: Path) -> None:
    in_area = ("--data-dir", area)
    facts = say(*in_area, "plan", *without("--date", "2026-10-24"), "--json").facts
    visit = facts["by_the_clock"][0]["stops"][0]["visit"]
    say(*in_area, "plan-edit", facts["id"], "lock", visit)
    edit = (*in_area, "plan-edit", facts["id"])
    for words, said in {
        ("lock", visit, "--version", "1"): "version 1 is not the newest, 2 is. Since then: Locked",
        ("lock", visit, "--version", "9"): "version 9 is not the newest, 2 is",
        ("dance", visit): "No such change. Found: dance.",
        ("drop", "v99"): "The plan has no such visit. Found: v99.",
        ("swap", visit): "Two visits are named for `swap`",
        ("move", visit, "25:00"): "25:00",
        ("drop", visit): "lock",
    }.items():
        assert said in refused(*edit, *words)
    assert "No plan of that id. Found: nothing." in refused(*in_area, "plan-edit", "nothing", "drop", "v01")


def test_a_commitment_in_a_zone_counts_as_its_visit(say: Callable, area: Path) -> None:
    command = ("--data-dir", area, "plan", *SHIFT, "--seed", "7")
    zone = say(*command, "--json").facts["zones"][0]
    facts = say(*command, "--commitment", f"{zone['number']}=18:00-18:30 market duty@2", "--json").facts
    (bound,) = facts["request"]["commitments"]
    assert (bound["zone"], bound["what"], bound["crew"]) == (zone["id"], "market duty", 2)
    said = facts["provenance"]["parameters"]["commitments"]
    assert said == f"18:00 to 18:30 market duty, crew 2, a visit of zone {zone['number']}"
    starts = [at["start_min"] for loop in facts["loops"] for at in loop["visits"] if at["zone"] == zone["id"]]
    # Nobody else comes while that visit lasts, nor within the gap before and after it.
    gap = facts["request"]["rules"]["gap_min"]
    assert all(
        at + facts["request"]["rules"]["visit_min"] + gap <= bound["start_min"] or at >= bound["end_min"] + gap
        for at in starts
    )
