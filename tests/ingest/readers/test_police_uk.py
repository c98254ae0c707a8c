"""Rows of data.police.uk become incidents, or rejected rows that say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from geo_service.errors import InputError
from geo_service.ingest.readers.police_uk import COLUMNS, CRIME_TYPES, force_slug
from geo_service.model.incidents import INCIDENT_SCHEMA, REJECT_SCHEMA
from geo_service.model.periods import Month

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.ingest import IncidentFinder

HEADER = ",".join(COLUMNS)


GOOD = {
    "id": "a1",
    "month": "2025-01",
    "by": "Example Police",
    "within": "Example Police",
    "lon": "-1.9",
    "lat": "52.3",
    "location": "On or near Mill Lane",
    "lsoa": "E01",
    "lsoa_name": "Example 001A",
    "type": "Burglary",
    "outcome": "Under investigation",
    "context": "",
}


def row(**changed: str) -> str:
    return ",".join((GOOD | changed).values())


@pytest.fixture
def clean(finder: IncidentFinder, write: Callable[..., Path], read_all: Callable[..., object]) -> Callable[..., object]:
    def of_rows(*rows: str) -> object:
        return read_all(finder.find([write([HEADER, *rows])])[0])

    return of_rows


def test_a_row_becomes_an_incident_of_its_force_and_month(
    clean: Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]],
) -> None:
    read, accepted, rejected = clean(row())
    assert (read, rejected.height) == (1, 0)
    assert accepted.schema == pl.Schema({**INCIDENT_SCHEMA, "partition": pl.String})
    kept = {name: value for name, value in accepted.row(0, named=True).items() if value is not None}
    assert kept == {
        "row": 2,
        "crime_id": "a1",
        "month": Month.parse("2025-01").ordinal,
        "offence": "Burglary",
        "lon": -1.9,
        "lat": 52.3,
        "place": "On or near Mill Lane",
        "partition": "incidents/police_uk/example/2025-01",
    }


def test_a_row_without_coordinates_is_accepted_unlocated(
    clean: Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]],
) -> None:
    _, accepted, _ = clean(row(lon="", lat=""), row(id="b2", lon=" ", lat=" "))
    assert accepted["lon"].to_list() == accepted["lat"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"lon": ""}, "Longitude", "latitude without longitude"),
        ({"lat": ""}, "Latitude", "longitude without latitude"),
        ({"lon": "52.3", "lat": "-1.9"}, "Longitude, Latitude", "latitude and longitude look swapped"),
        ({"lat": "91"}, "Latitude", "not between -90 and 90 degrees"),
        ({"lon": "-181"}, "Longitude", "not between -180 and 180 degrees"),
        ({"lon": "9" * 30}, "Longitude", "not between -180 and 180 degrees"),
        ({"lat": "1e999"}, "Latitude", "not a number of degrees"),
        ({"lat": "nan"}, "Latitude", "not a number of degrees"),
        ({"lon": "west"}, "Longitude", "not a number of degrees"),
        ({"lon": "-87.6", "lat": "41.9"}, "Longitude, Latitude", "not in the United Kingdom"),
        ({"month": "Jan-25"}, "Month", "not a month written YYYY-MM"),
        ({"month": "2025-13"}, "Month", "not a month written YYYY-MM"),
        ({"month": "9999-01"}, "Month", "not a month written YYYY-MM"),
        ({"month": ""}, "Month", "not a month written YYYY-MM"),
        ({"within": ""}, "Falls within", "not the name of a force"),
        ({"within": "../.."}, "Falls within", "not the name of a force"),
        ({"within": "x" * 300}, "Falls within", "not the name of a force"),
        ({"type": "Jaywalking"}, "Crime type", "unknown crime type"),
        ({"context": "one,two"}, "row", "the row has 13 fields, the header has 12"),
    ],
)
def test_a_bad_row_is_rejected_with_field_value_and_reason(
    changed: dict[str, str], field: str, reason: str, clean: Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]]
) -> None:
    read, accepted, rejected = clean(row(id="good"), row(**changed))
    assert (read, accepted.height) == (2, 1)
    assert rejected.schema == REJECT_SCHEMA
    said = rejected.row(0, named=True)
    assert (said["file"], said["row"]) == ("2025-01-example-street.csv", 3)
    assert (said["field"], said["reason"]) == (field, reason)
    assert all(value[:100] in said["value"] for value in changed.values())
    assert len(said["value"]) <= 200


def test_equal_rows_without_a_crime_id_are_separate_incidents(
    clean: Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]],
) -> None:
    asb = row(id="", type="Anti-social behaviour", outcome="")
    assert clean(asb, asb, asb)[1].height == 3


def test_an_equal_row_with_a_crime_id_is_rejected_and_a_differing_one_kept(
    clean: Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]],
) -> None:
    _, accepted, rejected = clean(row(), row(outcome="Charged"), row(), row(outcome="Charged"))
    assert accepted["row"].to_list() == [2, 3]
    assert rejected.select("row", "field", "value", "reason").rows() == [
        (4, "Crime ID", "a1", "repeats row 2 exactly"),
        (5, "Crime ID", "a1", "repeats row 3 exactly"),
    ]


def test_columns_are_found_by_name_in_any_order(
    finder: IncidentFinder, write: Callable[..., Path], read_all: Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]]
) -> None:
    names, fields = reversed(HEADER.split(",")), reversed(row().split(","))
    _, accepted, _ = read_all(finder.find([write([",".join(names), ",".join(fields)])])[0])
    assert accepted.select("crime_id", "lon", "lat").row(0) == ("a1", -1.9, 52.3)


def test_a_missing_column_is_named(finder: IncidentFinder, write: Callable[..., Path]) -> None:
    header = HEADER.replace("Longitude,Latitude,", "")
    with pytest.raises(InputError, match="misses the columns Longitude, Latitude") as refused:
        finder.find([write([header, row()])])
    assert refused.value.found == f"the header {header.replace(',', ', ')}"
    assert "data.police.uk" in refused.value.do


def test_forces_have_the_slugs_of_the_archive() -> None:
    # The slugs are those of https://data.police.uk/api/forces.
    slugs = {
        "West Mercia Police": "west-mercia",
        "Avon and Somerset Constabulary": "avon-and-somerset",
        "Devon & Cornwall Police": "devon-and-cornwall",
        "Dyfed-Powys Police": "dyfed-powys",
        "Metropolitan Police Service": "metropolitan",
        "City of London Police": "city-of-london",
        "Police Service of Northern Ireland": "northern-ireland",
        "British Transport Police": "btp",
    }
    names = pl.DataFrame({"name": [*slugs]})
    assert names.select(force_slug(pl.col("name"))).to_series().to_list() == [*slugs.values()]


def test_crime_types_are_taken_in_any_case(clean: Callable[..., tuple[int, pl.DataFrame, pl.DataFrame]]) -> None:
    rows = [row(id=str(number), type=name.upper()) for number, name in enumerate(CRIME_TYPES)]
    assert clean(*rows)[1]["offence"].to_list() == [*CRIME_TYPES]
