"""`geo-service sheets`, asked well and badly."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdf
import pytest

from geo_service.app import open_area
from geo_service.model.patrol import PlanRequest, Shift
from geo_service.workflows.planning.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable

WRONG = {
    "an unknown plan": (["--plan", "nosuch"], "No plan of that id. Found: nosuch."),
    "no plan": (["--plan", ""], "--plan is empty."),
    "no copies": (["--copies", "0"], "That number of copies cannot be printed. Found: 0."),
    "a marking that is none": (["--marking", "SECRET"], "Unknown marking. Found: SECRET."),
    "no days": (["--keep-days", "0"], "Copies cannot be kept for that time. Found: 0 days."),
    "another ending": (["-o", "x.txt"], "That is neither a folder nor a PDF. Found: x.txt."),
    "a folder nowhere": (["-o", "no/such"], "There is no folder to make it in. Found: no."),
    "one and all": (["--all-teams", "--plan", "latest"], "--plan goes with one plan."),
    "a day for one": (["--date", "2026-11-06"], "--date goes with --all-teams. Found: 2026-11-06."),
    "teams of nowhere": (["--all-teams", "--set", "nowhere"], "No such list of teams. Found: nowhere."),
    "no hours": (["--all-teams", "--shift", "25:00-26:00"], "That is not a span of two clock times."),
    "no day": (["--all-teams", "--date", "tomorrow"], "Not a day. Found: tomorrow."),
    "a day without plans": (["--all-teams", "--date", "2026-01-01"], "No plan begins on 2026-01-01."),
    "officers for nothing": (["--all-teams", "--officers", "3"], "--officers goes with --shift."),
    "a list of all": (["--all-teams", "--list"], "--list goes with one plan."),
}


@pytest.fixture(scope="session")
def planned(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the demonstration area with one plan."""
    folder = tmp_path_factory.mktemp("planned") / "demo"
    shutil.copytree(demonstration_dir, folder)
    services = open_area(folder)
    make_plan(services, PlanRequest("NSUCH-T1", Shift.asked(dt.date(2026, 11, 6), "15:00-23:00"), officers=4))
    services.close()
    return folder


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_command_is_refused_in_one_line(refused: Callable[..., str], planned: Path, wrong: str) -> None:
    words, said = WRONG[wrong]
    assert said in refused("--data-dir", planned, "sheets", *words)


def test_a_plan_is_printed_with_its_wall_map_and_list(say: Callable[..., Any], planned: Path, tmp_path: Path) -> None:
    wanted = ["--wall-map", "--list", "--copies", "2", "--keep-days", "7", "-o", tmp_path / "out"]
    done = say("--data-dir", planned, "sheets", *wanted, "--json")
    facts = done.facts
    names = [Path(name).name for name in facts["files"]]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(names)
    assert [name.rpartition(".")[2] for name in names] == ["pdf", "pdf", "csv", "geojson"]
    assert all(name.startswith("DEMONSTRATION-OFFICIAL-") for name in names)
    assert names[0].endswith("-destroy-after-2026-11-13.pdf")
    pages = pypdf.PdfReader(facts["files"][0]).pages
    assert (facts["sheets"], len(pages)) == (2, 4)
    text = pages[0].extract_text()
    assert "OFFICIAL" in text
    assert facts["plan"] in text
    assert len(json.loads(Path(facts["files"][3]).read_text())["features"]) >= 4
    plain = say("--data-dir", planned, "sheets", "-o", tmp_path / "mine.pdf")
    assert plain.code == 0, plain.err
    for said in [*facts["notes"], *facts["licences"], facts["footer"]]:
        assert said in plain.out
    written = [path.name for path in tmp_path.iterdir() if path.suffix == ".pdf"]
    assert len(written) == 1
    assert written[0].startswith("DEMONSTRATION-OFFICIAL-mine-v")


def test_every_team_has_its_file_and_who_has_none_is_named(
    say: Callable[..., Any], planned: Path, tmp_path: Path
) -> None:
    words = ["--data-dir", planned, "sheets", "--all-teams", "--date", "2026-11-06", "-o", tmp_path / "atlas"]
    first = say(*words, "--json").facts
    made = {team["team"]: team for team in first["teams"]}
    assert list(made) == ["NSUCH-T1", "NSUCH-T2", "NSUCH-T3"]
    assert made["NSUCH-T1"]["made"]
    assert Path(made["NSUCH-T1"]["file"]).is_file()
    assert made["NSUCH-T2"]["problem"] == "No plan begins on 2026-11-06"
    again = say(*words)
    assert "sheets of 0 made, of 1 there already, of 2 none" in again.out
    assert "None for Nonesuch West team (NSUCH-T2): No plan begins on 2026-11-06" in again.out


def test_every_team_is_in_one_pdf_with_bookmarks(say: Callable[..., Any], planned: Path, tmp_path: Path) -> None:
    wanted = ["--set", "demonstration-teams", "--date", "2026-11-13", "--shift", "15:00-23:00", "-o"]
    command = ["--data-dir", planned, "sheets", "--all-teams", *wanted, tmp_path / "force.pdf", "--json"]
    facts = say(*command).facts
    [file] = tmp_path.iterdir()
    assert str(file) == facts["file"]
    assert file.name.startswith("DEMONSTRATION-OFFICIAL-force-v")
    reader = pypdf.PdfReader(file, strict=True)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in file.read_bytes()
    made = [team for team in facts["teams"] if team["made"]]
    assert len(made) >= 2
    assert {team["file"] for team in made} == {str(file)}
    teams = [each for each in reader.outline if not isinstance(each, list)]
    assert [each.title for each in teams] == [f"Patrol plan: {team['name']}" for team in made]
    starts = [reader.get_destination_page_number(each) for each in teams]
    ends = [*starts[1:], len(reader.pages)]
    for team, first, end in zip(made, starts, ends, strict=True):
        assert 1 <= end - first <= 2
        assert all(team["plan"] in reader.pages[page].extract_text() for page in range(first, end))
