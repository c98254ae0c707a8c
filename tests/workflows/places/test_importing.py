"""Fifty directories as somebody might send them: none goes public, and each problem is named by its row and field."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from geo_service.app import open_area
from geo_service.errors import AccessError, InputError
from geo_service.model.access import Principal, Role
from geo_service.workflows.importing import imports
from geo_service.workflows.places import finding, importing, keeping
from geo_service.workflows.releasing import releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.workflows.services import Services

HEAD = "name,category,address,town,postcode,phone,opening_hours,last_verified"
GOOD = "Tansy Hall,Hall,3 Tansy Street,Nonesuch,ZZ9 0AL,01632 960123,Mo-Fr 09:00-17:00; PH off,2025-05-01"
OTHERS = [
    "Rook House Library,Library,4 Tansy Street,Nonesuch,ZZ9 0BW,01632 960124,Mo-Fr 10:00-16:00,2025-05-01",
    "Quarry Bakery,Bakery,5 Tansy Street,Nonesuch,ZZ9 0TG,01632 960125,Mo-Sa 08:00-14:00,2025-05-01",
    "Meadow Pharmacy,Pharmacy,6 Tansy Street,Nonesuch,ZZ9 1ER,01632 960126,Mo-Sa 08:00-18:00,2025-05-01",
]


class Bad(NamedTuple):
    """Hold one directory and what must be said of it."""

    what: str
    data: bytes
    expected: tuple[tuple[int, str, str], ...]
    """(row, field, level) of each problem that must be named."""
    says: str = ""
    """Words of the report."""
    name: str = "directory.csv"


def row(**changes: str) -> str:
    values = dict(zip(HEAD.split(","), GOOD.split(","), strict=True)) | changes
    return ",".join(f'"{value}"' if set(value) & set(',"\n') else value for value in values.values())


def csv(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def one(what: str, field: str, level: str, says: str = "", **changes: str) -> Bad:
    """Return a directory whose second place has one field wrong."""
    return Bad(what, csv(*OTHERS[:1], row(**changes), *OTHERS[1:]), ((3, field, level),), says)


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"name": "Tansy Hall", "town": "Nonesuch", **properties},
    }


def geojson(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


WITH_POSITION = f"{HEAD},lon,lat"
BAD = [
    one("the name is missing", "name", "refused", name=""),
    one("a refuge by its name", "name", "refused", "stay secret", name="Nonesuch Women's Refuge"),
    one("a refuge by its kind", "category", "refused", "stay secret", category="Women's Aid"),
    one("a shelter's address", "address", "refused", "stay secret", address="Shelter address, 3 Tansy Street"),
    one("a safe house", "name", "refused", name="Tansy Safe House"),
    one("a flat", "address", "refused", "home", address="Flat 4, 3 Tansy Street"),
    one("somebody's home by its kind", "category", "refused", "home", category="Private house"),
    one("a house without a business", "name", "refused", name="12 Mill Lane"),
    one("a person", "name", "refused", "person", name="Mrs Example"),
    one("in care of somebody", "address", "refused", address="c/o 3 Tansy Street"),
    one("HTML in the name", "name", "refused", "HTML", name="Tansy <b>Hall</b>"),
    one("a script in the address", "address", "refused", address="<script>alert(1)</script>"),
    one("code of a web page", "name", "mend", name="Tansy &amp; Hall"),
    one("a formula", "name", "refused", "formula", name="=HYPERLINK(1)"),
    one("unseen signs", "name", "refused", "nobody sees", name="Tansy\u202e Hall"),
    one("too long a name", "name", "refused", "longer than", name="Tansy " * 40),
    one("too long an address", "address", "refused", address="Street " * 60),
    one("no postcode", "postcode", "look", "no postcode", postcode=""),
    one("a postcode that is none", "postcode", "mend", "not a postcode", postcode="ZZ9"),
    one("O in place of 0", "postcode", "mend", "Did you mean ZZ9 0AL?", postcode="ZZ9 OAL"),
    one("an unknown postcode", "postcode", "mend", "no postcode file", postcode="ZZ9 9ZZ"),
    one("a postcode in another district", "postcode", "look", "another district (ZZ8)", postcode="ZZ8 0AL"),
    one("which postcode was meant", "postcode", "mend", "Did you mean ZZ9 0AL?", postcode="ZZ8 0AL"),
    one("the postcode in the address", "address", "mend", address="3 Tansy Street ZZ9 0AL", postcode=""),
    one("hours in words", "opening_hours", "mend", "cannot be read", opening_hours="nine to five"),
    one("hours with am and pm", "opening_hours", "mend", opening_hours="9am - 5pm weekdays"),
    one("hours that hang on the school", "opening_hours", "look", opening_hours="Mo-Fr 09:00-17:00; SH off"),
    one("letters for a telephone", "phone", "mend", "not a telephone number", phone="ask inside"),
    one("the 0 went missing", "phone", "mend", "Did you mean 01632960123?", phone="1632960123"),
    one("a shortened number", "phone", "mend", "spreadsheet", phone="1.63296E+09"),
    one("two numbers", "phone", "mend", phone="01632 960123 / 01632 960124"),
    one("an emergency number", "phone", "mend", phone="999"),
    one("Excel's date", "last_verified", "mend", "2024-02-01 (1 February 2024)", last_verified="01/02/2024"),
    one("a day as a spreadsheet counts", "last_verified", "mend", "2023-12-31", last_verified="45291"),
    one("a day that is none", "last_verified", "mend", last_verified="2025-02-30"),
    one("a day in the future", "last_verified", "mend", "future", last_verified="2199-01-01"),
    one("misspelt as other rows are not", "address", "look", "Did you mean Tansy?", address="3 Tansey Street"),
    one("a misspelt town", "town", "look", "Did you mean Nonesuch?", town="Nonesuhc"),
    Bad("garbled letters", csv(row(name="CafÃ© Tansy")), ((2, "name", "mend"),), "Did you mean Café Tansy?"),
    Bad("letters that no code page has", b"name,town\nCaf\x81 Tansy,Nonesuch\n", ((2, "name", "mend"),)),
    Bad("listed twice", csv(GOOD, *OTHERS, GOOD), ((6, "name", "refused"),), "row 2"),
    Bad("nearly the same name",
        csv(GOOD, row(name="The Tansy Hall", postcode="ZZ9 0BW")), ((3, "name", "look"),), "row 2"),
    Bad("one id twice", csv(f"a,{GOOD}", f"a,{OTHERS[0]}", head=f"id,{HEAD}"), ((3, "id", "refused"),)),
    Bad("an id that is a path", csv(f"../a,{GOOD}", head=f"id,{HEAD}"), ((2, "id", "refused"),)),
    Bad("an unknown column", csv(f"{GOOD},red", head=f"{HEAD},colour"), ((1, "colour", "look"),)),
    Bad("a misspelt column, and semicolons",
        csv(GOOD.replace(",", ";"), head=HEAD.replace(",", ";").replace("phone", "phnoe")),
        ((1, "phnoe", "look"),), "Did you mean phone?"),
    Bad("more cells than columns", csv(f"{GOOD},x,y"), ((2, "", "refused"),)),
    Bad("status says public", csv(f"{GOOD},public", head=f"{HEAD},status"), ((2, "status", "look"),)),
    Bad("swapped coordinates",
        csv(f"{GOOD},52.3,-1.9", head=WITH_POSITION), ((2, "lon", "mend"), (2, "lat", "mend")), "swapped"),
    Bad("metres for degrees",
        csv(f"{GOOD},404000,268000", head=WITH_POSITION), ((2, "lon", "mend"), (2, "lat", "mend"))),
    Bad("coordinates outside the area",
        csv(f"{GOOD},-6.2,50.1", head=WITH_POSITION), ((2, "lon", "mend"),), "outside the area"),
    Bad("one coordinate only", csv(f"{GOOD},-1.9,", head=WITH_POSITION), ((2, "lat", "mend"),)),
    Bad("neither yes nor no", csv(f"{GOOD},perhaps", head=f"{HEAD},step_free"), ((2, "step_free", "mend"),)),
    Bad("a line for a point",
        geojson(feature({"type": "LineString", "coordinates": [[-6, 50], [-6.1, 50]]})),
        ((1, "", "refused"),), name="d.geojson"),
    Bad("a place at sea",
        geojson(feature({"type": "Point", "coordinates": [0.0, 0.0]})),
        ((1, "lon", "mend"), (1, "lat", "mend")), name="d.geojson"),
]  # fmt: skip
UNREADABLE = [
    ("empty.csv", b"", "empty"),
    ("head.csv", HEAD.encode(), "no row"),
    ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
    ("places.xlsx", b"PK\x03\x04", "neither CSV nor GeoJSON"),
    ("twice.csv", b"name,name\na,b\n", "two columns"),
    ("quote.csv", b'name,town\n"Tansy Hall,Nonesuch\n', "not a CSV"),
    ("d.geojson", b"{}", "FeatureCollection"),
]


@pytest.fixture(scope="module")
def services(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("directories") / "demo")
    opened = open_area(folder, Principal("anna", frozenset({Role.COORDINATOR})))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _no_drafts(services: Services) -> Iterator[None]:
    """Remove what a test took in."""
    yield
    for place in finding.listed(services):
        if place.state == "draft" and place.version:
            keeping.remove(services, place.id, place.version)


def public(services: Services) -> list[str]:
    table, _ = releases.candidates(services, show_unverified=True)
    return table.rows["id"].to_list()


def test_there_are_fifty() -> None:
    assert len(BAD) >= 50
    assert len({bad.data for bad in BAD}) >= 50


def test_a_sound_directory_has_nothing_wrong(services: Services) -> None:
    found = importing.look(services, "good.csv", csv(GOOD, *OTHERS))
    assert found.report.problems == []
    assert [row.outcome for row in found.report.rows] == ["new"] * 4


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.what)
def test_a_bad_directory_goes_nowhere_public_and_its_rows_are_named(services: Services, bad: Bad) -> None:
    before = public(services)
    looked = importing.look(services, bad.name, bad.data)
    named = {(problem.row, problem.field, str(problem.level)) for problem in looked.report.problems}
    assert set(bad.expected) <= named, [problem.sentence for problem in looked.report.problems]
    said = " ".join(problem.sentence for problem in looked.report.problems)
    assert bad.says in said
    taken = importing.take(services, bad.name, bad.data)
    kept = {place.id: place for place in finding.listed(services)}
    for of_row in taken.report.rows:
        levels = {problem.level for problem in of_row.problems}
        assert (of_row.outcome == "refused") == ("refused" in levels)
    assert sorted(taken.taken or ()) == sorted(row.id for row in taken.report.of("new"))
    for place_id in taken.taken or ():
        assert kept[place_id].state == "draft"
        assert kept[place_id].approved is None
    assert public(services) == before


@pytest.mark.parametrize(
    "bad", [bad for bad in BAD if "mend" in {level for *_, level in bad.expected}], ids=lambda bad: bad.what
)
def test_what_must_be_mended_cannot_be_asked_for(services: Services, bad: Bad) -> None:
    """A text that its field cannot hold is left out of the draft, and named in its note."""
    taken = importing.take(services, bad.name, bad.data)
    rows = {row.id: row for row in taken.report.rows}
    for place_id in taken.taken or ():
        wrong = [problem for problem in rows[place_id].problems if problem.level == "mend"]
        place = finding.find(services, place_id)
        for problem in wrong:
            if problem.field not in place.fields and problem.field not in {"lon", "lat"}:
                assert problem.sentence[:40] in str(place.fields["note"])
            elif problem.field in place.fields:
                with pytest.raises(keeping.PlaceRefusedError):
                    keeping.submit(services, place_id, place.version)


@pytest.mark.parametrize(("name", "data", "says"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_whole(services: Services, name: str, data: bytes, says: str) -> None:
    before = [(place.id, place.version) for place in finding.listed(services)]
    with pytest.raises(InputError, match=says):
        importing.take(services, name, data)
    assert [(place.id, place.version) for place in finding.listed(services)] == before


def test_loading_twice_changes_nothing_and_a_changed_row_is_left_as_it_is(services: Services) -> None:
    first = importing.take(services, "good.csv", csv(GOOD, *OTHERS))
    assert len(first.taken or ()) == 4
    before = {place.id: (place.version, dict(place.fields)) for place in finding.listed(services)}
    again = importing.take(services, "good.csv", csv(GOOD, *OTHERS))
    assert again.taken == ()
    assert [row.outcome for row in again.report.rows] == ["same"] * 4
    changed = importing.take(services, "good.csv", csv(row(phone="01632 960199"), *OTHERS))
    assert [(found.row, found.differing) for found in changed.report.of("differs")] == [(2, ("phone",))]
    assert {place.id: (place.version, dict(place.fields)) for place in finding.listed(services)} == before


def test_a_sergeant_imports_nothing(services: Services, demonstration_dir: Path) -> None:
    sergeant = open_area(demonstration_dir, Principal("sid", frozenset({Role.SERGEANT})))
    try:
        with pytest.raises(AccessError):
            importing.take(sergeant, "good.csv", csv(GOOD))
    finally:
        sergeant.close()


def test_a_day_that_excel_wrote_is_told_both_ways(services: Services) -> None:
    found = importing.look(services, "d.csv", csv(row(last_verified="03/04/2025")))
    assert [problem.do for problem in found.report.problems] == [
        "Write 2025-04-03 (3 April 2025) or 2025-03-04 (4 March 2025)"
    ]


@pytest.mark.shared
def test_the_slips_of_redditchs_directory_are_named(shared: Path, tmp_path: Path) -> None:
    """Directory of Safe Places in the review of the Community Safety Partnership, 1 November 2023, as it is printed."""
    area = open_area(tmp_path)
    imports.import_boundaries(area, shared / "boundaries/wards-2025-worcestershire.geojson", "wards-2025")
    imports.import_postcodes(area, shared / "postcodes/code-point-open-2025-4-north-worcestershire.csv")
    name = "redditch-safe-places-as-listed-2023-11-01.csv"
    taken = importing.take(area, name, (Path(__file__).parents[3] / "data/directories" / name).read_bytes())
    named = {(one.row, one.field, str(one.level)): one.do for one in taken.report.problems}
    centre = [2, 4, 7, 10, 15, 19, 20]
    assert {key for key in named if key[1] == "address"} == {(row, "address", "look") for row in centre}
    assert {named[row, "address", "look"] for row in centre} == {"Did you mean Kingfisher?"}
    assert named[18, "postcode", "mend"] == "Did you mean B98 7DQ?"
    assert {row for row, field, level in named if (field, level) == ("postcode", "look")} == {9, 18}
    assert len(taken.taken or ()) == 21
    assert {str(place.state) for place in finding.listed(area)} == {"draft"}
    with pytest.raises(InputError):
        releases.candidates(area, show_unverified=True)
    area.close()
