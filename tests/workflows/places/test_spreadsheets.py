"""Directories as people make them in a spreadsheet: each slip is named by its row, or read as it was meant."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from geo_service.app import open_area
from geo_service.errors import InputError
from geo_service.model.access import OPERATOR, Principal
from geo_service.model.places import BBox
from geo_service.registry.written import written_rows
from geo_service.safe_places.directory import Known, check_directory
from geo_service.safe_places.slips import meant_hours
from geo_service.workflows.importing import imports
from geo_service.workflows.places import finding, importing
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.safe_places.directory import Report

HEAD = "name,category,address,town,postcode,phone,opening_hours,last_verified"
GOOD = {
    "name": "Tansy Hall", "category": "Hall", "address": "3 Tansy Street", "town": "Nonesuch", "postcode": "ZZ9 0AL",
    "phone": "01632 960123", "opening_hours": "Mo-Fr 09:00-17:00", "last_verified": "2025-05-01",
}  # fmt: skip
CODES = pl.DataFrame({"postcode": ["ZZ9 0AL"], "lon": [-1.94], "lat": [52.31], "district": ["ZZ9"]})
KNOWN = Known(dt.date(2026, 11, 22), CODES, BBox(-2.1, 52.2, -1.8, 52.4))


def row(**changes: str) -> str:
    quoted = [value.replace('"', '""') for value in {**GOOD, **changes}.values()]
    return ",".join(f'"{value}"' if set(value) & set(',"\n') else value for value in quoted)


def file(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows])


def geojson(lon: float, lat: float, **members: object) -> str:
    properties = {name: GOOD[name] for name in ("name", "town", "postcode")}
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", **members, "features": [feature]})


def checked(data: bytes | str, name: str = "d.csv") -> Report:
    written = written_rows(name, data if isinstance(data, bytes) else data.encode())
    return check_directory(written.rows, written.cells, KNOWN, written.unread)


SEMICOLONS = file(row()).replace(",", ";")
MEANT: list[tuple[str, bytes | str, dict[str, object]]] = [
    ("Windows' code page", file(row(name="Café Tansy\u2019s")).encode("cp1252"), {"name": "Café Tansy\u2019s"}),
    ("semicolons", SEMICOLONS, {"town": "Nonesuch"}),
    ("tabs", file(row()).replace(",", "\t"), {"town": "Nonesuch"}),
    ("a byte order mark", file(row()).encode("utf-8-sig"), {"name": "Tansy Hall"}),
    ("Unicode text of a spreadsheet", file(row()).replace(",", "\t").encode("utf-16"), {"postcode": "ZZ9 0AL"}),
    ("empty rows at the end", file(row(), *[",,,,,,,"] * 20), {"name": "Tansy Hall"}),
    ("spaces that do not break", file(row(postcode="ZZ9\u00a00AL")), {"postcode": "ZZ9 0AL"}),
    ("a line break in a cell", file(row(address="Tansy House\n3 Tansy Street")), {"town": "Nonesuch"}),
    ("a number from abroad", file(row(phone="+44 (0)1632 960123")), {"phone": "+44 (0)1632 960123"}),
    ("a postcode in small letters", file(row(postcode="zz90al")), {"postcode": "ZZ9 0AL"}),
    ("names of columns as people write them",
     file(row(), head="Name , Type,ADDRESS,Town/City,Post Code,Tel No,Opening Times,Last checked"),
     {"phone": "01632 960123", "last_verified": "2025-05-01", "opening_hours": "Mo-Fr 09:00-17:00"}),
    ("latitude first", file(f"{row()},52.31,-1.94", head=f"{HEAD},Latitude,Longitude"), {"lon": -1.94, "lat": 52.31}),
]  # fmt: skip
NAMED: list[tuple[str, bytes | str, int, str, str, str]] = [
    ("days and hours in words", file(row(opening_hours="Mon-Fri 9-5")), 2, "opening_hours", "mend",
     "Did you mean Mo-Fr 09:00-17:00?"),
    ("a dash of Windows", file(row(opening_hours="Mon\u2013Fri 9am\u20135pm")).encode("cp1252"), 2, "opening_hours",
     "mend", "Did you mean Mo-Fr 09:00-17:00?"),
    ("hours that became a date", file(row(opening_hours="09-Dec")), 2, "opening_hours", "mend", "made a date of them"),
    ("hours that became a whole date", file(row(opening_hours="09/05/2026")), 2, "opening_hours", "mend", "a date"),
    ("24 hours", file(row(opening_hours="24 hours")), 2, "opening_hours", "mend", "Did you mean 24/7?"),
    ("closed, and no more", file(row(opening_hours="Closed")), 2, "opening_hours", "look", "never open"),
    ("to be confirmed", file(row(opening_hours="TBC")), 2, "opening_hours", "look", "left empty"),
    ("a dash for no postcode", file(row(postcode="-")), 2, "postcode", "look", "left empty"),
    ("no telephone in words", file(row(phone="N/A")), 2, "phone", "look", "left empty"),
    ("a formula that failed", file(row(postcode="#REF!")), 2, "postcode", "mend", "a formula failed"),
    ("a column that was too narrow", file(row(last_verified="########")), 2, "last_verified", "mend", "failed"),
    ("a lookup without answer", file(row(name="#N/A")), 2, "name", "refused", "The name is missing"),
    ("a link as a formula", file(row(name='=HYPERLINK("http://x.example","Tansy Hall")')), 2, "name", "refused",
     "formula"),
    ("a formula that begins with a plus", file(row(category="+SUM(A1)")), 2, "category", "refused", "formula"),
    ("a formula that begins with an at", file(row(name="@SUM(A1)")), 2, "name", "refused", "formula"),
    ("the 0 of the telephone lost", file(row(phone="1632960123")), 2, "phone", "mend", "Did you mean 01632960123?"),
    ("a total below the table", file(row(), "Total: 1,,,,,,,"), 3, "name", "refused", "below the table"),
    ("a source below the table", file(row(), "Source: the council,,,,,,,"), 3, "name", "refused", "below the table"),
    ("spelt otherwise", file(row(), row(name="TANSY  HALL.")), 3, "name", "refused", "as row 2"),
    ("with an article, in a shorter street", file(row(), row(name="The Tansy Hall", address="3 Tansy St")), 3, "name",
     "look", "row 2 has nearly the same name"),
    ("swapped", file(f"{row()},52.3,-1.9", head=f"{HEAD},lon,lat"), 2, "lon", "mend", "swapped"),
    ("swapped in GeoJSON", geojson(52.3, -1.9), 1, "lat", "mend", "swapped"),
    ("metres in GeoJSON that names no grid", geojson(404500, 267800), 1, "lon", "mend", "National Grid"),
    ("columns of the National Grid", file(f"{row()},404500,267800", head=f"{HEAD},Easting,Northing"), 1, "easting",
     "look", "taken in degrees"),
    ("commas for points", file(f'{row()},"-1,94","52,31"', head=f"{HEAD},lon,lat"), 2, "lon", "mend", "with a point"),
    ("the whole address in one cell", file(row(address="3 Tansy Street ZZ9 0AL", postcode="")), 2, "address", "mend",
     "column postcode"),
    ("an e-mail address for a telephone", file(row(phone="hall@example.org")), 2, "phone", "mend", "not a telephone"),
    ("a month for a day", file(row(last_verified="May 2025")), 2, "last_verified", "mend", "year first"),
    ("too many cells", file(row(), f"{row()},,,extra"), 3, "", "refused", "more cells than the header"),
]  # fmt: skip
WHOLE: list[tuple[str, bytes | str, str]] = [
    ("d.csv", f"Our Safe Places 2026,,,,,,,\n{file(row())}", "a title stands above"),
    ("d.csv", b"PK\x03\x04\x14\0\x06\0" + b"\0" * 99, "spreadsheet's own file"),
    ("d.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "spreadsheet's own file"),
    ("d.geojson",
     geojson(404500, 267800, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}),
     "not in longitude and latitude"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "data", "values"), MEANT, ids=[one[0] for one in MEANT])
def test_what_is_only_unusual_is_read_as_it_was_meant(what: str, data: bytes | str, values: dict[str, object]) -> None:
    del what
    report = checked(data)
    assert report.problems == []
    assert [found.outcome for found in report.rows] == ["new"]
    assert {name: report.rows[0].values.get(name) for name in values} == values


@pytest.mark.parametrize(("what", "data", "at", "field", "level", "says"), NAMED, ids=[one[0] for one in NAMED])
def test_a_slip_is_named_by_its_row_and_what_to_do(  # noqa: PLR0913, PLR0917 - a case
    what: str, data: bytes | str, at: int, field: str, level: str, says: str
) -> None:
    report = checked(data, "d.geojson" if "GeoJSON" in what else "d.csv")
    named = {(one.row, one.field, str(one.level)) for one in report.problems}
    assert (at, field, level) in named
    assert any(says in one.sentence for one in report.problems if (one.row, one.field) == (at, field))


@pytest.mark.parametrize(("name", "data", "says"), WHOLE)
def test_what_is_no_table_is_refused_whole(name: str, data: bytes | str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        checked(data, name)


def test_none_of_them_goes_public(tmp_path: Path) -> None:
    services = open_area(tmp_path / "area", Principal("anna", OPERATOR))
    (tmp_path / "older.csv").write_text("id,name,town,status\nolder,The Old House,Nonesuch,verified\n")
    imports.import_layer(services, "safe-places", tmp_path / "older.csv")
    taken = 0
    for what, data, *_ in (*MEANT, *NAMED):
        name = "d.geojson" if "GeoJSON" in what else "d.csv"
        done = importing.take(services, name, data if isinstance(data, bytes) else data.encode())
        taken += len(done.taken or ())
    assert taken >= 3
    table, _ = releases.candidates(services, show_unverified=True)
    assert table.rows["id"].to_list() == ["older"]
    assert {place.state for place in finding.listed(services) if place.version} == {"draft"}
    services.close()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Monday to Friday 9am to 5pm", "Mo-Fr 09:00-17:00"),
        ("Mon - Thurs 9-5, Fri 9-4; Sat 10-2", "Mo-Th 09:00-17:00; Fr 09:00-16:00; Sa 10:00-14:00"),
        ("Daily 10:00-16:00", "Mo-Su 10:00-16:00"),
        ("Sat 10pm-2am", "Sa 22:00-02:00"),
        ("open 24hrs", "24/7"),
        ("9-5", ""),
        ("Mon-Fri 9-5 except bank holidays", ""),
        ("Mo-Fr 25-26", ""),
        ("nine to five", ""),
    ],
)
def test_hours_are_guessed_where_they_are_clear_and_never_else(written: str, meant: str) -> None:
    assert meant_hours(written) == meant
