"""`geo-service import basemap|denominator|harm`, and questions that use what they brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAP = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="52.0" lon="-2.0" version="1"/><node id="2" lat="52.0" lon="-1.99" version="1"/>
<way id="9" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="8" version="1"><nd ref="1"/><nd ref="2"/><tag k="railway" v="rail"/><tag k="tunnel" v="yes"/></way></osm>"""
INDEX = """HOME_OFFICE_CLASSIFICATION,FULL_OFFENCE_TITLE,SHORT_TITLE,CCHI Score
008/01,Wounding (serious),GBH s20,500
008/01,Wounding (minor),Minor s20,20
034/01,Robbery,Robbery,365
,Nothing,,
"""
ASKED = ["hotspots", "--boundary", "Quillholt", "--from", "2025-08", "--to", "2026-07"]
COUNTED = ["--set", "demonstration-wards", "--code", "code", "--value", "people", "--id", "people"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "town.osm").write_text(MAP)
    (tmp_path / "index.csv").write_text(INDEX)
    (tmp_path / "people.csv").write_text("code,people\nX99000003,1000\nX99000004,\nE1,5\n")
    return tmp_path


def test_a_map_extract_says_what_it_brought_and_whose_it_is(say: Callable[..., Any], here: Path) -> None:
    done = say("--data-dir", here / "area", "import", "basemap", here / "town.osm")
    assert done.code == 0
    assert "Lines, 1: 1 residential.\nExcluded places, 0: none.\n" in done.out
    assert "Left out, railways and rivers in tunnels: 1.\nTiles for the screen: " in done.out
    assert "\n© OpenStreetMap contributors" in done.out
    facts = say("--data-dir", here / "area", "import", "basemap", here / "town.osm", "--json").facts
    assert (facts["version"], facts["streets"], facts["left_out"]) == (
        None, {"residential": 1}, {"railways and rivers in tunnels": 1}
    )  # fmt: skip


def test_a_denominator_says_what_it_lacks_and_is_divided_by(
    say: Callable[..., Any], demonstration_copy: Path, here: Path
) -> None:
    area = ("--data-dir", demonstration_copy)
    done = say(*area, "import", "denominator", here / "people.csv", *COUNTED, "--title", "People", "--licence", "OGL")
    assert "People: 1,000 in 1 of 9 members of demonstration-wards.\nMembers without a number, 8: " in done.out
    assert "no member of demonstration-wards: 1.\nRows passed over, without a number: 1.\n" in done.out
    facts = say(*area, *ASKED, "--statistic", "rate", "--per", "people", "--json").facts
    assert "OGL" in facts["licences"]
    assert any(note.startswith("Denominator people: People of demonstration-wards") for note in facts["notes"])


def test_a_harm_table_names_codes_with_several_weights_and_so_does_the_answer(
    say: Callable[..., Any], demonstration_copy: Path, here: Path
) -> None:
    area = ("--data-dir", demonstration_copy)
    facts = say(*area, "import", "harm", here / "index.csv", "--table", "chi", "--json").facts
    assert (facts["offences"], facts["codes"], facts["without"]) == (3, 2, 1)
    assert facts["several_weights"] == [{"code": "008/01", "lowest": 20.0, "highest": 500.0, "rows": 2}]
    done = say(*area, "import", "harm", here / "index.csv", "--table", "chi")
    assert "Codes with several weights, which only the description tells apart: 1.\n" in done.out
    assert done.out.endswith("Nothing changed.\n")
    weighed = say(*area, *ASKED, "--measure", "harm", "--harm-table", "chi", "--harm-score", "lowest").out
    assert "of the harm (chi, lowest score)" in weighed
    assert "so they count with the lowest (" in weighed


def test_finds_of_the_police_are_put_in_when_asked(say: Callable[..., Any], demonstration_copy: Path) -> None:
    out = say("--data-dir", demonstration_copy, *ASKED, "--include-proactive").out
    assert "- Put in, as asked, although they follow where officers already go: drug offences" in out
    assert "best cells stay the same" in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["import", "basemap", "index.csv"],
            "index.csv is no OpenStreetMap extract and no GeoPackage of OS OpenMap Local. Found: .csv.",
        ),
        (["import", "denominator", "people.csv", *COUNTED[:-1], "km2"], "km2 is taken"),
        (
            ["import", "denominator", "index.csv", *COUNTED],
            "index.csv has no column code and no column people. Found: ",
        ),
        (["import", "harm", "index.csv", "--table", "css"], "has no column Offence code and no column Offence and "),
        (["import", "harm", "index.csv", "--table", "chi", "--sheet", "A"], "index.csv is no workbook"),
        (
            ["import", "harm", "index.csv", "--table", "x", "--mapping", "no.toml"],
            "The mapping no.toml cannot be read.",
        ),
        ([*ASKED, "--spread"], "Only points of data.police.uk are anchors"),
        ([*ASKED, "--statistic", "rate", "--per", "homes"], "No denominator of that name is imported. Found: homes."),
        ([*ASKED, "--harm-score", "most"], "Unknown harm_score. Found: most. Use one of lowest, highest."),
    ],
)
def test_a_slip_is_told_in_one_message(  # noqa: PLR0913, PLR0917 - fixtures
    words: list[str],
    expected: str,
    refused: Callable[..., str],
    demonstration_dir: Path,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(here)
    assert expected in refused("--data-dir", demonstration_dir, *words)
