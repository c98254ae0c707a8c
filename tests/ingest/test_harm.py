"""Harm tables from a user's own file: by the mapping that names its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_service.errors import GeoServiceError
from geo_service.harm import several_weights
from geo_service.ingest import HarmFiles

MAPPINGS = Path(__file__).parents[2] / "data" / "mappings" / "harm"
FILES = HarmFiles(MAPPINGS)
CSS = "Offence code,Offence,Weight\n8N,Wounding,1800\n8/1,,5\n,Total,9\n1,Murder,\n"
OWN = """title = "Own"
source = "Ours"
[columns]
code = "Code"
offence = []
weight = "Points"
"""


def written(folder: Path, text: str, name: str = "weights.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_csv_is_read_by_the_mapping_of_its_table(tmp_path: Path) -> None:
    read = FILES.read(written(tmp_path, CSS), "css")
    assert read.table.rows.rows() == [("8N", "Wounding", 1800.0, "row 2"), ("8/1", None, 5.0, "row 3")]
    assert (read.offences, read.without, read.where) == (2, 2, "weights.csv")
    assert read.table.source.startswith("Office for National Statistics")


def test_a_table_of_ones_own_needs_a_mapping_of_ones_own(tmp_path: Path) -> None:
    mapping = written(tmp_path, OWN, "own.toml")
    read = FILES.read(written(tmp_path, "Points,Code\n3,1/1\n"), "own", mapping=mapping)
    assert (read.table.id, read.table.rows.rows()) == ("own", [("1/1", None, 3.0, "row 2")])
    assert (read.table.notes, read.table.leaves_out) == ((), ())


@pytest.mark.parametrize(
    ("text", "table", "words"),
    [
        (CSS, "ccs", "No mapping is known for that harm table. Found: ccs. Use chi or css"),
        (CSS.replace("1800", "high"), "css", "Row 2 of weights.csv: Weight is no number of at least 0. Found: high"),
        (CSS, "chi", "has no column HOME_OFFICE_CLASSIFICATION and no column FULL_OFFENCE_TITLE"),
        ("Offence code,Offence,Weight\n,Total,9\n", "css", "weights.csv has no offence with a code and a weight"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, table: str, words: str) -> None:
    with pytest.raises(GeoServiceError) as caught:
        FILES.read(written(tmp_path, text), table)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "Own"', "", "own.toml: title must be a text. Found: nothing"),
        ('weight = "Points"', "", "own.toml: [columns] weight must be the name of a column. Found: nothing"),
        ("offence = []", 'offence = "Title"', "own.toml: [columns] offence must be a list of texts"),
        ('source = "Ours"', 'source = "Ours"\nleaves_out = ["drugs"]', "leaves_out must be some of victim_under_25"),
        ('source = "Ours"', 'source = "Ours"\nsheet = "A"', "sheet must be left out; known are title, source"),
        ("[columns]", "[columns", "own.toml is not TOML"),
    ],
)
def test_a_wrong_mapping_is_named_by_its_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in OWN
    mapping = written(tmp_path, OWN.replace(old, new), "own.toml")
    with pytest.raises(GeoServiceError) as caught:
        FILES.read(written(tmp_path, "Points,Code\n3,1/1\n"), "own", mapping=mapping)
    assert words in str(caught.value)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GeoServiceError, match=r"The mapping nowhere.toml cannot be read"):
        FILES.read(written(tmp_path, CSS), "css", mapping=tmp_path / "nowhere.toml")


@pytest.mark.shared
def test_the_cambridge_index_is_read_whole(shared: Path) -> None:
    """698 offences and 516 codes, of which eleven have several scores; murder 5,475 days, robbery 365."""
    read = FILES.read(shared / "harm" / "cambridge-chi-2020.xlsx", "chi")
    codes, several = several_weights(read.table)
    assert (read.offences, read.without, codes, len(several)) == (698, 0, 516, 11)
    days = {(code, offence): weight for code, offence, weight, _ in read.table.rows.rows()}
    assert days["001/01", "Murder - of persons aged 1 year or over"] == 5475
    assert {weight for (code, _), weight in days.items() if code == "034/01"} == {365}
    (wounding,) = [one for one in several if one.code == "008/01"]
    assert (wounding.lowest, wounding.highest, wounding.rows) == (19, 912.5, 8)
    assert days["008/01", "Minor wound without intent (s20)"] == 19
