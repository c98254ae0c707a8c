"""`geo-service near-repeat`, asked well and badly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pypdf
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ASKED = ["--boundary", "demonstration-wards", "--from", "2026-05", "--to", "2026-10", "--offences", "burglary"]
WRONG = {
    "bands that fall": (["--distances", "200,100"], "The bands do not ascend from more than 0. Found: 200, 100."),
    "bands without end": (["--bands", "1,inf"], "The bands do not ascend from more than 0. Found: 1, inf."),
    "bands of words": (["--bands", "1,week"], "Not numbers with commas between them. Found: 1,week."),
    "no bands": (["--distances", ""], "Found: none."),
    "a distance of birds": (["--distance", "crow"], "Unknown distance. Found: crow."),
    "a small radius": (["--radius", "1"], "A cocoon cannot have that radius. Found: 1 m."),
    "no days": (["--days", "0"], "A cocoon cannot last for that time. Found: 0 days."),
    "no day": (["--cocoon", "today"], "Not a day. Found: today."),
    "another day": (["--cocoon", "2020-01-01"], "is not in the months that are asked about. Found: 2020-01-01,"),
    "a sheet of no day": (["--sheet"], "--sheet goes with --cocoon."),
    "copies of a list": (["--cocoon", "2026-10-20", "--copies", "2"], "--copies goes with --sheet. Found: 2."),
    "no copies": (["--cocoon", "2026-10-20", "--sheet", "--copies", "0"], "That number of copies cannot be printed."),
    "a sheet as a table": (["--cocoon", "2026-10-20", "--sheet", "-o", "x.csv"], "That is neither a folder nor a PDF."),
    "a crime without a name": (["--cocoon", "2026-10-20", "--sheet", "--crime", ""], "--crime is empty."),
    "a crime of another day": (
        ["--cocoon", "2026-10-20", "--sheet", "--crime", "X/1"],
        "No live cocoon is of that crime. Found: X/1.",
    ),
    "an unknown layer": (["--cocoon", "2026-10-20", "--places", "homes"], "No such layer of places to visit."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_question_is_refused_in_one_line(
    refused: Callable[..., str], demonstration_copy: Path, wrong: str
) -> None:
    words, said = WRONG[wrong]
    assert said in refused("--data-dir", demonstration_copy, "near-repeat", *ASKED, *words)


def test_the_table_is_printed_with_what_was_preventable(say: Callable, demonstration_copy: Path) -> None:
    words = ["--data-dir", demonstration_copy, "near-repeat", *ASKED, "--permutations", "99"]
    plain, facts = say(*words), say(*words, "--json").facts
    assert plain.code == 0, plain.err
    assert facts["sentence"] in plain.out
    assert facts["sentence_preventable"] in plain.out
    assert facts["provenance"]["parameters"]["permutations"] == "99"
    assert len(facts["rows"]) == 36
    assert facts["preventable"]["share"] > facts["preventable"]["by_chance"]
    assert "8 to 14 days" in plain.out


def test_cocoons_are_listed_and_written(say: Callable, demonstration_copy: Path, tmp_path: Path) -> None:
    cocoon = ["--cocoon", "2026-10-20", "--radius", "100", "--resolution", "11", "-o", tmp_path / "visits.geojson"]
    words = ["--data-dir", demonstration_copy, "near-repeat", *ASKED, *cocoon]
    plain, facts = say(*words), say(*words, "--json").facts
    assert plain.code == 0, plain.err
    assert "follow-up at the place itself" in plain.out
    assert "For the force alone" in plain.out
    written = json.loads(Path(facts["file"]).read_text())
    assert len(written["features"]) == len(facts["rows"])
    first, second = (each["properties"] for each in written["features"][:2])
    assert (first["order"], second["order"]) == (0, 1)
    assert {each["geometry"]["type"] for each in written["features"]} == {"Point", "Polygon"}
    assert first["last_day"] == facts["rows"][0]["last_day"]


def test_homes_are_visited_closest_first_once_their_addresses_are_loaded(
    say: Callable, demonstration_copy: Path, tmp_path: Path
) -> None:
    cocoon = ["--cocoon", "2026-10-20", "--radius", "60", "-o", tmp_path / "visits.geojson"]
    command = ["--data-dir", demonstration_copy, "near-repeat", *ASKED, *cocoon, "--json"]
    first = json.loads(Path(say(*command).facts["file"]).read_text())["features"][0]
    lon, lat = first["geometry"]["coordinates"]
    # A degree of latitude is 111 km: homes 40, 10 and 20 m north, the victim's own, and one too far away.
    homes = {"far": 40, "near": 10, "next": 20, "own": 0, "beyond": 90}
    lines = [f"{name},{name} house,{lon},{lat + metres / 111_300}" for name, metres in homes.items()]
    (tmp_path / "homes.csv").write_text("\n".join(["id,name,lon,lat", *lines]) + "\n")
    loaded = say("--data-dir", demonstration_copy, "import", "layer", "addresses", tmp_path / "homes.csv")
    assert loaded.code == 0, loaded.err
    rows = say(*command, "--places", "addresses").facts["rows"]
    number = first["properties"]["crime_number"]
    visits = [(row["visit"], round(row["distance_m"])) for row in rows if row["crime_number"] == number]
    assert visits[0] == ("follow-up at the place itself", 0)
    assert [name for name, _ in visits[1:]] == ["near house", "next house", "far house"]
    assert [metres for _, metres in visits[1:]] == pytest.approx([10, 20, 40], abs=1)


def test_a_sheet_is_written_for_one_crime_and_named_by_its_cocoon(
    say: Callable, demonstration_copy: Path, tmp_path: Path
) -> None:
    day = ["--cocoon", "2026-10-20", "--radius", "120"]
    command = ["--data-dir", demonstration_copy, "near-repeat", *ASKED, *day]
    listed = say(*command, "--json").facts["rows"]
    crime, number = listed[0]["crime_number"], int(listed[0]["id"].partition("-")[0])
    plain = say(*command, "--sheet", "--crime", crime, "-o", tmp_path / "doors")
    assert plain.code == 0, plain.err
    assert "Sheets of 1 cocoon(s), OFFICIAL-SENSITIVE." in plain.out
    [file] = (tmp_path / "doors").iterdir()
    assert file.name.startswith(f"DEMONSTRATION-OFFICIAL-SENSITIVE-super-cocoon-{number}-of-")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    assert f"cocoon {number} of 2026-10-20" in text
    assert crime not in text
