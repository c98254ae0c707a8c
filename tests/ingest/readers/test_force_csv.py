"""Rows of a force export become incidents by a mapping, or rejected rows that say why."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest

from geo_service import spatial
from geo_service.errors import InputError
from geo_service.model.incidents import INCIDENT_SCHEMA, MARKERS
from geo_service.model.periods import Month

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.ingest import IncidentFinder

GOOD = {
    "Ref": "22X/1/25",
    "HO": "28E/1",
    "Desc": "Burglary - residential",
    "Rec": "03/02/2025",
    "From D": "31/01/2025",
    "From T": "22:30",
    "To": "01/02/2025 07:00",
    "E": "404000",
    "N": "267000",
    "Where": "Mill Lane",
    "Victim name": "SECRET NAME",
    "V25": "y",
    "Blade": "No",
}
MAPPING = """
force = "example"
delimiter = ";"
[columns]
crime_number = "Ref"
offence_code = "HO"
offence = "Desc"
recorded = "Rec"
committed_from = ["From D", "From T"]
committed_to = "To"
easting = "E"
northing = "N"
place = "Where"
[markers]
victim_under_25 = "V25"
knife = "Blade"
[formats]
date = ["%d/%m/%Y"]
time = ["%d/%m/%Y %H:%M"]
"""

Cleaned = tuple[int, pl.DataFrame, pl.DataFrame]


def row(**changed: str) -> str:
    return ";".join((GOOD | {name.replace("_", " "): value for name, value in changed.items()}).values())


@pytest.fixture
def clean(
    finder: IncidentFinder, write: Callable[..., Path], read_all: Callable[..., Cleaned]
) -> Callable[..., Cleaned]:
    def of_rows(*rows: str) -> Cleaned:
        mapping = write([MAPPING], "example.toml")
        return read_all(finder.find([write([";".join(GOOD), *rows], "export.csv")], mapping=mapping)[0])

    return of_rows


def test_a_row_becomes_an_incident_with_its_times_and_place(clean: Callable[..., Cleaned]) -> None:
    read, accepted, rejected = clean(row())
    assert (read, rejected.height) == (1, 0)
    assert accepted.schema == pl.Schema({**INCIDENT_SCHEMA, "partition": pl.String})
    found = accepted.row(0, named=True)
    lon, lat = spatial.to_lonlat([404000.0], [267000.0])
    assert (found["lon"], found["lat"]) == (lon[0], lat[0])
    assert found["partition"].startswith("incidents/force_csv/example/")
    del found["lon"], found["lat"], found["partition"]
    assert found == {
        "row": 2,
        "crime_id": "22X/1/25",
        "month": Month.parse("2025-01").ordinal,
        "offence_code": "28E/1",
        "offence": "Burglary - residential",
        "committed_from": dt.datetime(2025, 1, 31, 22, 30),  # noqa: DTZ001 - local clock time by contract
        "committed_to": dt.datetime(2025, 2, 1, 7, 0),  # noqa: DTZ001 - the same
        "recorded": dt.date(2025, 2, 3),
        "place": "Mill Lane",
        **dict.fromkeys(MARKERS),
        "victim_under_25": True,
        "knife": False,
    }


def test_what_is_not_mapped_is_nowhere_in_the_result(clean: Callable[..., Cleaned]) -> None:
    _, accepted, rejected = clean(row(), row(Ref="2", E="x"), row(Ref="3") + ";surplus", row(Ref="4", Where='"open'))
    assert rejected.height == 3
    assert "SECRET" not in str(accepted.rows()) + str(rejected.rows())


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"Ref": ""}, "Ref", "no crime number"),
        ({"Ref": "9" * 101}, "Ref", "too long for a crime number"),
        ({"HO": "", "Desc": ""}, "Desc", "no offence"),
        ({"Rec": "", "From_D": "", "From_T": "", "To": ""}, "From D, From T", "no date at all"),
        ({"To": "30/01/2025 07:00"}, "To", "ends before it begins"),
        ({"Rec": "30/01/2025"}, "From D, From T", "committed after it was recorded"),
        ({"From_D": "31/01/2055", "To": ""}, "From D, From T", "committed after it was recorded"),
        ({"Rec": "31/02/2025"}, "Rec", "not a date in a format of the mapping"),
        ({"From_T": "25:00"}, "From D, From T", "not a date in a format of the mapping"),
        ({"Rec": "01/01/0025"}, "Rec", "not in a year that can be meant"),
        ({"E": ""}, "E", "no easting"),
        ({"N": ""}, "N", "no northing"),
        ({"E": "404,000"}, "E", "not a number of metres"),
        ({"N": "nan"}, "N", "not a number of metres"),
        ({"E": "4" * 30}, "E, N", "not on the British National Grid"),
        ({"E": "-5"}, "E, N", "not on the British National Grid"),
        ({"E": "805000", "N": "404000"}, "E, N", "easting and northing look swapped"),
        ({"E": "-1.9", "N": "52.3"}, "E, N", "looks like degrees, not metres of the British National Grid"),
        ({"E": "0"}, "E, N", "one of easting and northing is 0"),
        ({"V25": "perhaps"}, "V25", "neither a word for yes nor one for no"),
    ],
)
def test_a_bad_row_is_rejected_with_field_and_reason(
    changed: dict[str, str], field: str, reason: str, clean: Callable[..., Cleaned]
) -> None:
    read, accepted, rejected = clean(row(Ref="good"), row(**changed))
    assert (read, accepted.height) == (2, 1)
    said = rejected.row(0, named=True)
    assert (said["file"], said["row"], said["field"], said["reason"]) == ("export.csv", 3, field, reason)


def test_a_position_of_zero_or_none_is_unlocated(clean: Callable[..., Cleaned]) -> None:
    _, accepted, _ = clean(row(Ref="1", E="0", N="0.0"), row(Ref="2", E="", N=""), row(Ref="3"))
    assert accepted["lon"].is_null().to_list() == accepted["lat"].is_null().to_list() == [True, True, False]


def test_the_month_is_that_of_the_deed_else_of_the_record(clean: Callable[..., Cleaned]) -> None:
    _, accepted, _ = clean(row(Ref="1"), row(Ref="2", From_D="", From_T=""), row(Ref="3", From_T=""))
    assert [str(Month(month)) for month in accepted["month"]] == ["2025-01", "2025-02", "2025-01"]
    assert accepted["committed_from"][2] == dt.datetime(2025, 1, 31)  # noqa: DTZ001 - a day alone is its midnight


def test_of_a_crime_number_used_twice_the_last_row_wins(clean: Callable[..., Cleaned]) -> None:
    _, accepted, rejected = clean(row(Desc="one"), row(Ref="other"), row(Desc="two"), row(Desc="three"))
    assert accepted["offence"].to_list() == [GOOD["Desc"], "three"]
    assert rejected.select("row", "value", "reason").rows() == [
        (2, "22X/1/25", "superseded by row 5"),
        (4, "22X/1/25", "superseded by row 5"),
    ]


def test_rows_without_a_crime_number_do_not_supersede_each_other(clean: Callable[..., Cleaned]) -> None:
    assert clean(row(Ref=""), row(Ref=""))[2]["reason"].to_list() == ["no crime number"] * 2


def test_a_crime_number_always_falls_into_the_same_slot(clean: Callable[..., Cleaned]) -> None:
    numbers = [f"22X/{number}/25" for number in range(200)]
    forwards, backwards = clean(*(row(Ref=number) for number in numbers)), clean(*(row(Ref=n) for n in numbers[::-1]))
    slots = dict(forwards[1].select("crime_id", "partition").iter_rows())
    assert dict(backwards[1].select("crime_id", "partition").iter_rows()) == slots
    assert len(set(slots.values())) == 16
    # Written down on purpose: another slot in another version would double what is stored.
    assert slots["22X/1/25"] == "incidents/force_csv/example/00"


def test_names_that_explain_themselves_need_no_mapping_but_a_force(
    finder: IncidentFinder, write: Callable[..., Path], read_all: Callable[..., Cleaned]
) -> None:
    header = "Crime Number,Offence_Code,Description,Recorded,Committed From,Easting,Northing,Knife"
    path = write([header, "1,28E/1,Burglary,2025-01-03,2025-01-02T10:00,404000,267000,true"], "export.csv")
    _, accepted, _ = read_all(finder.find([path], force="example")[0])
    assert accepted.select("offence_code", "offence", "knife").row(0) == ("28E/1", "Burglary", True)
    with pytest.raises(InputError, match="which force"):
        list(finder.find([path])[0].batches())


def test_the_shipped_mapping_reads_its_own_header(
    finder: IncidentFinder, write: Callable[..., Path], read_all: Callable[..., Cleaned]
) -> None:
    header = "crime_number,offence_code,offence,recorded,committed_from,committed_to,easting,northing,location"
    fields = "1,28E/1,Burglary,02/01/2025,01/01/2025 10:00,,404000,267000,Mill Lane,Y,N,N,N,N,"
    path = write([f"{header},{','.join(MARKERS)}", fields], "incidents.csv")
    _, accepted, _ = read_all(finder.find([path], force="example")[0])
    assert accepted.select("place", *MARKERS).row(0) == ("Mill Lane", True, False, False, False, False, None)
    assert accepted["partition"][0].startswith("incidents/force_csv/example/")
    again = finder.find([path], mapping=type(path)("demonstration"), force="other")[0]
    assert read_all(again)[1]["partition"][0].startswith("incidents/force_csv/other/")


def test_a_mapped_column_that_is_not_there_is_named(finder: IncidentFinder, write: Callable[..., Path]) -> None:
    mapping, path = write([MAPPING], "example.toml"), write([";".join(GOOD).replace("HO;", "Code;")], "export.csv")
    with pytest.raises(InputError, match=r"export\.csv misses the column HO\. Found: the header Ref, Code, Desc"):
        finder.find([path], mapping=mapping)
