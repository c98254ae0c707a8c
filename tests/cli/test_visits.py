"""`geo-service visits`, asked well and badly."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geo_service.app import wire
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.patrol import PlanRequest, Shift
from geo_service.settings import read_settings
from geo_service.workflows.planning import plan as planning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.patrol import PatrolPlan

TIMES = ["--start", "2026-10-23 16:05", "--end", "2026-10-23 16:20"]
WRONG = {
    "no plan of that id": (["dosage", "--plan", "nope"], "No plan of that id. Found: nope."),
    "an empty plan": (["dosage", "--plan", ""], "--plan is empty."),
    "a plan and a month": (["dosage", "--plan", "latest", "--month", "2026-10"], "are two questions."),
    "a month of thirteen": (["dosage", "--month", "2026-13"], "Not a month. Found: 2026-13."),
    "a team without a month": (["dosage", "--team", "NSUCH-T1"], "A team needs a month."),
    "a wide tolerance": (["dosage", "--tolerance", "999"], "The tolerance is out of range. Found: 999 minutes."),
    "a month in words": (["return", "--month", "October"], "Not a month. Found: October."),
    "an unknown zone": (["log", "--zone", "zz", *TIMES], "No such zone. Found: zz."),
    "an unknown zone of the plan": (
        ["log", "--zone", "99", "--plan", "latest", *TIMES],
        "no such zone. Found: 99.",
    ),
    "no time of day": (["log", "--zone", "1", "--start", "2026-10-23", "--end", "2026-10-23"], "The time of day is"),
    "no file": (["import", "nowhere.csv"], "The file cannot be read. Found: nowhere.csv"),
    "no positions": (["gps", "nowhere.csv"], "The file cannot be read. Found: nowhere.csv"),
    "a short silence": (["gps", "nowhere.csv", "--silent", "1"], "`silent` is out of range. Found: 1."),
    "plan and run": (["gps", "nowhere.csv", "--plan", "a", "--run", "b"], "A plan and a run are two answers."),
    "days that run backwards": (["list", "--from", "2026-10-02", "--to", "2026-10-01"], "before the first."),
    "a list as PDF": (["list", "-o", "list.pdf"], "Unknown format. Found: .pdf."),
}


@pytest.fixture(scope="module")
def made(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PatrolPlan]:
    """Make a plan in a copy of the demonstration area."""
    folder = Path(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("visits") / "demo"))
    opened = wire(read_settings(folder))
    request = PlanRequest("NSUCH-T1", Shift.asked(dt.date(2026, 10, 23), "15:00-23:00"), officers=4)
    found = planning.make_plan(opened.services(Principal("tests", OPERATOR)), request)
    opened.doers.close()
    return folder, found


@pytest.fixture
def area(made: tuple[Path, PatrolPlan]) -> Path:
    return made[0]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_question_is_refused_in_one_line(refused: Callable[..., str], area: Path, wrong: str) -> None:
    words, said = WRONG[wrong]
    assert said in refused("--data-dir", area, "visits", *words)


def test_a_visit_is_logged_listed_written_and_held_against_the_plan(
    say: Callable, made: tuple[Path, PatrolPlan], tmp_path: Path
) -> None:
    area, plan = made
    visit, shift = plan.visits[0], plan.request.shift
    start, end = (f"{shift.at(minute):%Y-%m-%d %H:%M}" for minute in (visit.start_min, visit.end_min))
    log = ["--data-dir", area, "visits", "log", "--plan", plan.id, "--zone", plan.zone(visit.zone).number, "--visit",
           visit.id, "--start", start, "--end", end, "--outcome", "arrest"]  # fmt: skip
    assert say(*log).out.startswith("Logged: zone")
    assert say(*log, "--json").facts["new"] is False
    plain = say("--data-dir", area, "visits", "dosage", "--plan", plan.id)
    facts = say("--data-dir", area, "visits", "dosage", "--plan", plan.id, "--json").facts
    assert plain.code == 0, plain.err
    assert facts["sentences"][0] in plain.out
    assert facts["sentences"][0].startswith("1 of ")
    assert all(note in plain.out for note in facts["notes"])
    returned = say(
        "--data-dir", area, "visits", "return", "--month", "2026-10", "-o", tmp_path / "return.csv", "--json"
    )
    assert returned.facts["rows"][0]["arrest"] == 1
    assert Path(returned.facts["file"]).read_text(encoding="utf-8-sig").startswith("id,")
    listed = say("--data-dir", area, "visits", "list", "--plan", "latest", "-o", tmp_path / "list.geojson", "--json")
    assert len(listed.facts["visits"]) == 1
    assert Path(listed.facts["file"]).name.startswith("DEMONSTRATION-OFFICIAL-")


def test_rows_that_are_wrong_are_listed_and_the_command_fails(say: Callable, area: Path, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("zone,start,end\nzz,2026-10-23 16:05,2026-10-23 16:20\n")
    plain = say("--data-dir", area, "visits", "import", path)
    assert plain.code == 2
    assert "1 of 1 rows of visits.csv cannot be taken; nothing was written." in plain.err
    assert "No such zone" in plain.err
    facts = say("--data-dir", area, "visits", "import", path, "--json")
    assert facts.code == 2
    assert facts.facts["wrong"][0]["field"] == "zone"
