"""`geo-service hotspots`, `zones`, `map` and `sheet`, asked well and badly."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pypdf
import pytest

from geo_service.app import open_area
from geo_service.workflows import exports, maps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHERE = ["--boundary", "demonstration-wards"]
MONTHS = ["--from", "2025-08", "--to", "2026-07"]
WRONG = {
    "an unknown code": (
        [*MONTHS, "--boundary", "E05099999"],
        "No area of that code or name. Found: E05099999. Looked in",
    ),
    "a misspelt ward": ([*MONTHS, "--boundary", "Lanternbee"], "Found: Lanternbee. Close to it: Lanternby."),
    "no ward": ([*MONTHS, "--boundary", ""], "No area of that code or name. Found: nothing."),
    "an unknown set": ([*WHERE, *MONTHS, "--set", "wards"], "No boundary set of that name. Found: wards. Imported are"),
    "from after to": (
        [*WHERE, "--from", "2026-07", "--to", "2025-08"],
        "ends before it begins. Found: from 2026-07 to",
    ),
    "a year": ([*WHERE, "--from", "2025", "--to", "2026-07"], "Not a month. Found: 2025. Write it as YYYY-MM"),
    "a thirteenth month": ([*WHERE, "--from", "2025-13", "--to", "2026-07"], "Not a month. Found: 2025-13."),
    "months without data": (
        [*WHERE, "--from", "2020-01", "--to", "2020-02"],
        "No month of the period is loaded. Found: 2020",
    ),
    "a share of 0": ([*WHERE, *MONTHS, "--area-share", "0"], "more than 0 % and at most 100 %. Found: 0 %. Give a"),
    "a share of 200": ([*WHERE, *MONTHS, "--area-share", "200"], "at most 100 %. Found: 200 %."),
    "a share below 0": ([*WHERE, *MONTHS, "--area-share", "-1"], "at most 100 %. Found: -1 %."),
    "a share that is no number": ([*WHERE, *MONTHS, "--area-share", "nan"], "at most 100 %. Found: nan %."),
    "a share of letters": (
        [*WHERE, *MONTHS, "--area-share", "few"],
        "Invalid value for '--area-share': That is not a valid number.",
    ),
    "a tiny share": ([*WHERE, *MONTHS, "--area-share", "1e-9"], "so small that not even the best cell fits in it."),
    "an unknown measure": (
        [*WHERE, *MONTHS, "--measure", "fear"],
        "Unknown measure. Found: fear. Use one of count, harm.",
    ),
    "an unknown statistic": (
        [*WHERE, *MONTHS, "--statistic", "gi"],
        "Unknown statistic. Found: gi. Use one of ",
    ),
    "an unknown offence set": (
        [*WHERE, *MONTHS, "--offences", "fraud"],
        "Unknown offence set. Found: fraud. Use one of all,",
    ),
    "a coarse resolution": (
        [*WHERE, *MONTHS, "--resolution", "7"],
        "Unknown resolution. Found: 7. Use one of 8, 9, 10,",
    ),
    "a wide ring": ([*WHERE, *MONTHS, "--ring", "9"], "Unknown ring. Found: 9. Use one of 1, 2, 3."),
    "an unknown proxy": (
        [*WHERE, *MONTHS, "--proxy", "some"],
        "Unknown proxy. Found: some. Use one of low, middle, high",
    ),
    "a version to come": (
        [*WHERE, *MONTHS, "--as-of", "999"],
        "No version of that number. Found: 999. The versions are 1",
    ),
    "the version before data": ([*WHERE, *MONTHS, "--as-of", "0"], "No incidents are loaded. Version 0 is from before"),
    "an unknown format": (
        [*WHERE, *MONTHS, "-o", "zones.xyz"],
        "Unknown format. Found: .xyz. Use one of csv, geojson.",
    ),
    "no format": ([*WHERE, *MONTHS, "-o", "zones"], "Unknown format. Found: no ending."),
    "a folder as a file": (
        [*WHERE, *MONTHS, "-o", "folder"],
        "A file cannot take the place of a folder. Found: folder.",
    ),
    "no folder": (
        [*WHERE, *MONTHS, "-o", "nowhere/zones.csv"],
        "There is no folder to write to. Found: nowhere. Make it",
    ),
}
WRONG_PAPER = {
    "a fifth zone": (["sheet", *(word for n in "12345" for word in ("--zone", n))], "one to four zones. Found: 5."),
    "an unknown zone": (["sheet", "--zone", "99"], "No such zone in the run. Found: 99. The run has 1 ("),
    "an unknown zone id": (["sheet", "--zone", "zone one"], "No such zone. Found: zone one. List the zones"),
    "no zone": (["sheet", "--zone", ""], "No such zone. Found: nothing."),
    "an unknown ward": (["sheet", "--boundary", "Atlantis"], "Found: Atlantis. "),
    "no ward": (["sheet", "--boundary", ""], "--boundary is empty. Give it a value, or leave it out."),
    "an unknown run": (
        ["sheet", "--run", "12345678"],
        "No such run of zones. Found: 12345678. Ask for latest or one of",
    ),
    "no day": (["sheet", "--date", "2026-13-01"], "Not a day. Found: 2026-13-01. Write it as YYYY-MM-DD, for example"),
    "a day in words": (["sheet", "--date", "tomorrow"], "Not a day. Found: tomorrow."),
    "a day at the end of time": (["sheet", "--date", "9999-12-31"], "Not a day. Found: 9999-12-31."),
    "an unknown marking": (["sheet", "--marking", "SECRET"], "Unknown marking. Found: SECRET. Use one of OFFICIAL, "),
    "no folder": (["sheet", "-o", "nowhere/sheet.pdf"], "There is no folder to write to. Found: nowhere."),
    "no PDF": (
        ["sheet", "-o", "sheet.docx"],
        "another ending than its content. Found: sheet.docx. Let it end in .pdf.",
    ),
    "below a file": (["sheet", "-o", "picture.txt/sheet.pdf"], "There is no folder to write to. Found: picture.txt."),
    "a map of an unknown marking": (["map", "--marking", "SECRET"], "Unknown marking. Found: SECRET. Use one of "),
    "a sheet for ever": (
        ["sheet", "--keep-days", "367"],
        "cannot be kept for that time. Found: 367 days. Give 1 to 366 days",
    ),
    "a map for no day": (["map", "--keep-days", "0"], "Copies cannot be kept for that time. Found: 0 days."),
    "a map of another kind": (["map", "-o", "map.png"], "Found: map.png. Let it end in .html or .htm."),
    "a map of an unknown run": (["map", "-o", "map.html", "--run", "x"], "No such run of zones. Found: x."),
    "a map nowhere": (["map", "-o", "nowhere/map.html"], "There is no folder to write to. Found: nowhere."),
}


@pytest.fixture
def here(slips: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder that holds a folder and a file of text."""
    monkeypatch.chdir(slips)
    return slips


def runs(area: Path) -> list[str]:
    """List the kept runs of zones."""
    services = open_area(area)
    try:
        return [run_id for run_id, _ in services.store.runs()]
    finally:
        services.close()


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_question_is_refused_in_one_message(
    slip: str, refused: Callable[..., str], demonstration_dir: Path, here: Path
) -> None:
    words, expected = WRONG[slip]
    before = sorted(here.rglob("*"))
    assert expected in refused("--data-dir", demonstration_dir, "hotspots", *words)
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize("slip", WRONG_PAPER)
def test_a_wrong_sheet_or_map_is_refused_in_one_message(
    slip: str, refused: Callable[..., str], demonstration_dir: Path, here: Path
) -> None:
    words, expected = WRONG_PAPER[slip]
    before = sorted(here.rglob("*"))
    assert expected in refused("--data-dir", demonstration_dir, *words)
    assert sorted(here.rglob("*")) == before


def test_zones_that_cannot_be_written_are_not_kept_either(
    refused: Callable[..., str], demonstration_dir: Path, here: Path
) -> None:
    before = runs(demonstration_dir)
    for place in ("zones.xyz", "nowhere/zones.csv", "folder"):
        refused("--data-dir", demonstration_dir, "zones", *WHERE, "--from", "2025-01", "--to", "2025-02", "-o", place)
    assert runs(demonstration_dir) == before


def test_a_sheet_before_any_zones_says_what_comes_first(
    refused: Callable[..., str], say: Callable, slips: Path, tmp_path: Path
) -> None:
    say("--data-dir", tmp_path, "import", "incidents", slips / "half.csv", "--force", "x")
    for words in (["sheet"], ["map", "-o", tmp_path / "map.html"]):
        said = refused("--data-dir", tmp_path, *words)
        assert said == "Not found: No zones have been found yet. Run `geo-service zones` first.\n"


def test_the_answer_to_a_question_is_a_sentence_or_one_object(say: Callable, demonstration_dir: Path) -> None:
    asked = ["--data-dir", demonstration_dir, "hotspots", *WHERE, *MONTHS]
    facts = say(*asked, "--json").facts
    assert " ".join(facts) == (
        "sentence sentence_after in_sample after cells located unlocated notes licences provenance vintage file"
    )
    assert f"{100 * facts['in_sample']['events_share']:.1f} % of the events" in facts["sentence"]
    said = say(*asked)
    assert said.code == 0
    assert said.out.startswith(f"{facts['sentence']}\n{facts['sentence_after']}\n{len(facts['cells'])} of ")
    assert f"Data version {facts['provenance']['data_version']}; " in said.out


def test_zones_are_kept_and_written_and_a_sheet_names_them(
    say: Callable, demonstration_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    area = ["--data-dir", demonstration_copy]
    found = say(*area, "zones", *WHERE, *MONTHS, "-o", "zones.geojson", "--json").facts
    assert {"id", "zones", "without", "query", "rules", "sentence", "provenance"} <= set(found)
    written = json.loads((tmp_path / found["file"]).read_text())
    assert [feature["properties"]["id"] for feature in written["features"]] == [zone["id"] for zone in found["zones"]]
    first = found["zones"][0]
    sheet = say(*area, "sheet", "--zone", "1", "-o", tmp_path, "--date", "2026-11-02", "--json").facts
    assert (sheet["run"], sheet["zones"], sheet["marking"]) == (found["id"], [first["id"]], "OFFICIAL")
    version = found["provenance"]["data_version"]
    assert sheet["file"].startswith(f"{tmp_path}/DEMONSTRATION-OFFICIAL-patrol-sheet-")
    assert sheet["file"].endswith(f"-2026-11-02-v{version}-destroy-after-2026-11-30.pdf")
    said = say(
        *area,
        "sheet",
        "--zone",
        first["id"],
        "-o",
        "one.pdf",
        "--marking",
        "OFFICIAL-SENSITIVE",
        "--date",
        "2026-11-02",
    )
    named = f"DEMONSTRATION-OFFICIAL-SENSITIVE-one-v{version}-destroy-after-2026-11-30.pdf"
    assert said.out == f"{named}: OFFICIAL-SENSITIVE, zones {first['id']} of run {found['id']}.\n"
    assert (tmp_path / named).read_bytes().startswith(b"%PDF")
    page = say(*area, "map", "-o", "map.html", "--json").facts
    assert (page["run"], page["marking"]) == (found["id"], "OFFICIAL")
    assert (tmp_path / page["file"]).read_text().lstrip().startswith("<!")


@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        (["zones", *WHERE, *MONTHS, "-o", "mine.csv"], ".csv"),
        (["hotspots", *WHERE, *MONTHS, "-o", "mine.geojson"], ".geojson"),
        (["map", "-o", "mine.html"], ".html"),
        (["map"], ".html"),
        (["sheet", "-o", "mine.pdf"], ".pdf"),
        (["sheet", "--zone", "1"], ".pdf"),
        (["issues", "-o", "mine.csv"], ".csv"),
        (["issues", "-o", "."], ".csv"),
    ],
    ids=" ".join,
)
def test_whatever_is_exported_says_its_marks_inside_and_in_its_name(  # noqa: PLR0913, PLR0917 - two cases
    words: list[str],
    suffix: str,
    say: Callable,
    demonstration_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    day = dt.datetime.now(ZoneInfo("Europe/London")).date()
    handling = ["--marking", "OFFICIAL-SENSITIVE", "--keep-days", "100"]
    file = tmp_path / say("--data-dir", demonstration_dir, *words, *handling, "--json").facts["file"]
    versions = say("--data-dir", demonstration_dir, "versions", "--json").facts["versions"]
    last = day + dt.timedelta(days=100)
    assert list(tmp_path.iterdir()) == [file]
    assert file.name.startswith("DEMONSTRATION-OFFICIAL-SENSITIVE-")
    assert file.name.endswith(f"-v{versions[-1]['number']}-destroy-after-{last}{suffix}")
    inside = text_of(file)
    assert "OFFICIAL-SENSITIVE" in inside
    assert str(last) in inside or f"{last.day} {last:%B %Y}" in inside
    assert inside_version(file, inside) == versions[-1]["number"]


def text_of(file: Path) -> str:
    """Return the text of a file; of a PDF that of its last page, after every page was seen to say the marks."""
    if file.suffix != ".pdf":
        return file.read_text(encoding="utf-8-sig")
    pages = [page.extract_text() for page in pypdf.PdfReader(file).pages]
    assert all(page.count("OFFICIAL-SENSITIVE") == 2 and "Destroy after" in page for page in pages)
    return pages[-1]


def inside_version(file: Path, inside: str) -> int:
    """Return the data version that a file says."""
    if file.suffix == ".csv":
        return int(next(csv.DictReader(inside.splitlines()))["data_version"])
    if file.suffix == ".geojson":
        return int(json.loads(inside)["data_version"])
    found = re.search(r"[Dd]ata.version(?: |\" content=\")(\d+)", inside)
    assert found is not None
    return int(found[1])


def test_a_name_that_says_all_of_it_is_kept(say: Callable, demonstration_dir: Path, tmp_path: Path) -> None:
    asked = ["--data-dir", demonstration_dir, "sheet", "--zone", "1", "--date", "2026-11-02", "--json"]
    first = say(*asked, "-o", tmp_path / "a.pdf").facts["file"]
    assert say(*asked, "-o", first).facts["file"] == first
    assert list(tmp_path.iterdir()) == [tmp_path / first]


def test_the_sheet_of_today_is_that_of_londons_day(
    say: Callable, demonstration_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half past midnight in London in summer is the day before by UTC.
    monkeypatch.setattr("geo_service.app.now", lambda: dt.datetime(2026, 6, 14, 23, 30, tzinfo=dt.UTC))
    facts = say("--data-dir", demonstration_dir, "sheet", "--zone", "1", "-o", tmp_path, "--json").facts
    assert "-2026-06-15-v" in facts["file"]
    assert facts["file"].endswith("-destroy-after-2026-07-13.pdf")


@pytest.mark.parametrize(
    ("words", "module", "maker"),
    [
        (["zones", *WHERE, *MONTHS, "-o", "zones.csv"], exports, "export"),
        (["map", "-o", "map.html"], maps, "map_html"),
    ],
    ids=["zones", "map"],
)
def test_a_file_that_was_there_stays_whole_when_the_next_one_fails(  # noqa: PLR0913, PLR0917 - two cases
    words: list[str],
    module: object,
    maker: str,
    say: Callable,
    demonstration_copy: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(demonstration_copy.parent)
    marked = say("--data-dir", demonstration_copy, *words, "--json").facts["file"]
    old = demonstration_copy.parent / marked
    old.write_text("last month's")

    def fail(*given: object, **named: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(module, maker, fail)
    said = say("--data-dir", demonstration_copy, *words)
    assert sorted(old.parent.iterdir()) == sorted([demonstration_copy, old])
    assert said.code == 1
    assert said.err.startswith("Fault: Something went wrong that should not have. Found: MemoryError")
    assert old.read_text() == "last month's"
