"""The document is what the schema of HSDS 3 asks for, told by a validator of JSON Schema.

What the schema says of the records that are used here is written down in short: github.com/openreferral/specification,
3.0 to 3.2, folder `schema`. Where it leaves a text open (clock, country, language) its own words say the form.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import shapely
from jsonschema import Draft202012Validator

from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, Provenance
from geo_service.releases import FOLDER
from geo_service.safe_places.open_referral import open_referral

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT, NUMBER, UUID, DATE, URI = (
    {"type": "string"},
    {"type": "number"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "date"},
    {"type": "string", "pattern": "^https?://"},
)
CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
DAYS = {"type": "string", "pattern": "^(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*$"}
WHERE = {"enum": ["physical", "postal", "virtual"]}


def record(required: str, **known: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one kind of record; what is not named here is not HSDS's, and a mistake of ours."""
    properties = {"id": UUID, **known}
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}


def many(kind: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{kind}"}}


RECORDS = {
    "service": record(
        "id name status", organization_id=UUID, name=TEXT, description=TEXT, url=URI, alert=TEXT, assured_date=DATE,
        status={"enum": ["active", "inactive", "defunct", "temporarily closed"]}, eligibility_description=TEXT,
        organization={"$ref": "#/$defs/organization"}, phones=many("phone"), schedules=many("schedule"),
        interpretation_services=TEXT, languages=many("language"), service_at_locations=many("service_at_location"),
    ),
    "organization": record("id name description", name=TEXT, description=TEXT, website=URI),
    "service_at_location": record("id", service_id=UUID, location_id=UUID, location={"$ref": "#/$defs/location"}),
    "location": record(
        "id location_type", location_type=WHERE, name=TEXT, description=TEXT, longitude=NUMBER, latitude=NUMBER,
        addresses=many("address"), accessibility=many("accessibility"),
    ),
    "address": record(
        "id address_1 city state_province postal_code country address_type", location_id=UUID, address_1=TEXT,
        city=TEXT, state_province=TEXT, postal_code=TEXT, country={"pattern": "^[A-Z]{2}$"}, address_type=WHERE,
    ),
    "phone": record(
        "id number", service_id=UUID, number=TEXT,
        type={"enum": ["text", "voice", "fax", "cell", "video", "pager", "textphone"]},
    ),
    "schedule": record(
        "id", service_id=UUID, freq={"enum": ["WEEKLY", "MONTHLY"]}, byday=DAYS, description=TEXT, opens_at=CLOCK,
        closes_at=CLOCK, notes=TEXT,
    ),
    "language": record("id", service_id=UUID, name=TEXT, note=TEXT, code={"type": "string", "pattern": "^[a-z]{2,3}$"}),
    "accessibility": record("id", location_id=UUID, description=TEXT),
}  # fmt: skip
PAGE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": RECORDS,
    "type": "object",
    "properties": {
        **{key: {"type": "integer"} for key in ["total_items", "total_pages", "page_number", "size"]},
        **{key: {"type": "boolean"} for key in ["first_page", "last_page", "empty"]},
        "contents": many("service"),
    },
    "required": ["total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"],
}
VALIDATOR = Draft202012Validator(PAGE, format_checker=Draft202012Validator.FORMAT_CHECKER)


def wrong(document: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


@pytest.fixture
def rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": ["a", "b"],
            "name": ["Library", "Corner Shop"],
            "category": ["Library", None],
            "address": ["1 Quay Street", None],
            "town": ["Northmere", "Northmere"],
            "postcode": ["ZZ1 1AA", "ZZ1 1AB"],
            "position_source": ["survey", None],
            "phone": ["01632 960001", None],
            "web": ["https://library.example", "javascript:alert(1)"],
            "opening_hours": ["Mo-Fr 09:00-17:00; Sa 10:00-12:00; PH off", 'Mo "ring first"'],
            "step_free": [True, None],
            "toilet": [False, None],
            "languages": ["English; polish on Mondays, Bengali; BSL; Clatterese; interpreters by telephone", ""],
            "for_whom": ["Everybody", None],
            "last_verified": [dt.date(2026, 1, 2), None],
            "status": ["verified", "unverified"],
        }
    )


@pytest.fixture
def document(rows: pl.DataFrame) -> dict[str, Any]:
    return document_of(rows)


def document_of(
    rows: pl.DataFrame, publisher: str = "a council", page: Callable[[str], str] = lambda _: ""
) -> dict[str, Any]:
    geometry = np.array([shapely.Point(-1.0000001, 55.0), None], dtype=object)[: rows.height]
    table = FeatureTable(
        "safe-places", "Safe Places", rows, geometry, Provenance(1, ""), ("OGL",), audience=Audience.PUBLIC
    )
    return open_referral(table, publisher, page)


def ids_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [
            *([value["id"]] if "id" in value else []),
            *(found for inner in value.values() for found in ids_of(inner)),
        ]
    return [found for inner in value for found in ids_of(inner)] if isinstance(value, list) else []


def test_every_record_is_as_the_schema_asks_and_has_an_id_of_its_own(document: dict[str, Any]) -> None:
    assert wrong(document) == []
    ids = ids_of(document["contents"])
    assert len(ids) > 20
    assert len(set(ids)) == len(ids)
    assert (document["total_items"], document["size"], document["empty"]) == (2, 2, False)


@pytest.mark.parametrize("harm", ["id", "status", "byday", "country", "unknown"])
def test_the_validator_finds_what_is_not_as_the_schema_asks(document: dict[str, Any], harm: str) -> None:
    service = document["contents"][0]
    {
        "id": lambda: service.update(id="library"),
        "status": lambda: service.pop("status"),
        "byday": lambda: service["schedules"][0].update(byday="Mo-Fr"),
        "country": lambda: service["service_at_locations"][0]["location"]["addresses"][0].update(country="England"),
        "unknown": lambda: service.update(colour="green"),
    }[harm]()
    assert len(wrong(document)) == 1


def test_the_records_of_a_real_release_are_as_the_schema_asks(demonstration_dir: Path) -> None:
    files = demonstration_dir / FOLDER / "000001/open-data"
    published = json.loads((files / "safe-places-open-referral.json").read_bytes())
    assert wrong(published) == []
    assert published["total_items"] > 10


def test_the_geojson_of_a_real_release_is_as_rfc_7946_asks(demonstration_dir: Path) -> None:
    files = demonstration_dir / FOLDER / "000001/open-data"
    collection = json.loads((files / "safe-places.geojson").read_bytes().decode("utf-8"))
    assert collection["type"] == "FeatureCollection"
    # Section 4 (no other system than WGS84) and 7.1 (members of other types must not stand there).
    assert {"crs", "coordinates", "geometries", "geometry", "properties"} & set(collection) == set()
    for feature in collection["features"]:
        assert {"type", "geometry", "properties"} <= set(feature)
        assert feature["type"] == "Feature"
        assert feature["geometry"]["type"] == "Point"
        longitude, latitude = feature["geometry"]["coordinates"]
        assert -9 < longitude < 2, "longitude comes first"
        assert 49 < latitude < 61, "of Great Britain"


def test_ids_stay_when_places_come_go_and_change(rows: pl.DataFrame) -> None:
    first = {service["name"]: service for service in document_of(rows)["contents"]}
    moved = rows.with_columns(pl.lit("Overton").alias("town"), pl.lit("Mo 10:00-12:00").alias("opening_hours"))
    later = {service["name"]: service for service in document_of(moved.reverse().head(1))["contents"]}
    name, changed = next(iter(later.items()))
    for kind in ("id", "organization_id"):
        assert changed[kind] == first[name][kind]
    assert changed["service_at_locations"][0]["location_id"] == first[name]["service_at_locations"][0]["location_id"]
    assert document_of(rows, "another publisher")["contents"][0]["id"] != first["Safe Place: Library"]["id"]


def test_a_place_in_a_building_has_times_within_those_of_the_building(rows: pl.DataFrame) -> None:
    inside = rows.with_columns(
        pl.Series("opening_hours", ["Mo-Fr 09:00-18:00; PH off", "Mo-Su 08:00-20:00"]),
        pl.Series("within", [None, "a"], dtype=pl.String),
    )
    desk = document_of(inside)["contents"][1]
    assert [(times["byday"], times["opens_at"], times["closes_at"]) for times in desk["schedules"]] == [
        ("MO,TU,WE,TH,FR", "09:00", "18:00")
    ]
    assert (
        "Mo-Su 08:00-20:00, within the hours of the building, Mo-Fr 09:00-18:00; PH off ("
        in (desk["schedules"][0]["description"])
    )
    unknown = document_of(inside.with_columns(pl.Series("opening_hours", [None, "Mo-Su 08:00-20:00"])))["contents"][1]
    assert [set(times) & {"freq", "byday", "opens_at"} for times in unknown["schedules"]] == [set()]
    assert "within the hours of the building, which are not known" in unknown["schedules"][0]["description"]
    assert unknown["schedules"][0]["notes"].startswith("Without times: the building's hours are not known")


def test_with_the_address_of_the_site_every_service_has_the_url_that_the_uk_profile_requires(
    rows: pl.DataFrame,
) -> None:
    """Its `service.json` adds `url` to what is required: github.com/openreferral/uk-profile."""
    document = document_of(rows, page="https://places.example/place/{}".format)
    assert wrong(document) == []
    assert [service["url"] for service in document["contents"]] == [
        "https://places.example/place/a", "https://places.example/place/b",
    ]  # fmt: skip
    assert document["contents"][0]["organization"]["website"] == "https://library.example"


def test_what_is_known_is_said(document: dict[str, Any]) -> None:
    library = document["contents"][0]
    place = library["service_at_locations"][0]["location"]
    assert (place["longitude"], place["latitude"]) == (-1.0, 55.0)
    assert place["addresses"][0] | {"id": "", "location_id": ""} == {
        "id": "", "location_id": "", "address_1": "1 Quay Street", "city": "Northmere", "state_province": "",
        "postal_code": "ZZ1 1AA", "country": "GB", "address_type": "physical",
    }  # fmt: skip
    assert {entry["description"] for entry in place["accessibility"]} == {"Step-free entrance: yes", "Toilet: no"}
    assert [(entry["name"], entry.get("note"), entry.get("code")) for entry in library["languages"]] == [
        ("English", None, "en"), ("polish", "on Mondays", "pl"), ("Bengali", None, "bn"), ("BSL", None, "bfi"),
        ("Clatterese", None, None),
    ]  # fmt: skip
    assert library["interpretation_services"] == "interpreters by telephone"
    assert {(entry["byday"], entry["opens_at"], entry["closes_at"]) for entry in library["schedules"]} == {
        ("MO,TU,WE,TH,FR", "09:00", "17:00"), ("SA", "10:00", "12:00"),
    }  # fmt: skip
    assert library["assured_date"] == "2026-01-02"


def test_what_is_not_known_is_not_said_and_hours_that_are_not_simple_stand_as_they_are(
    document: dict[str, Any],
) -> None:
    shop = document["contents"][1]
    assert {"url", "assured_date", "eligibility_description"} & set(shop) == set()
    assert (shop["phones"], shop["languages"]) == ([], [])
    assert [set(entry) for entry in shop["schedules"]] == [{"id", "service_id", "description", "notes"}]
    assert shop["schedules"][0]["description"].startswith('Mo "ring first"')
    assert shop["alert"] == "Nobody has verified this place yet: check before you go."
    assert "longitude" not in shop["service_at_locations"][0]["location"]
    assert "javascript" not in json.dumps(shop)
