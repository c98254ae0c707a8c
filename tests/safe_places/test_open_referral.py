"""The document is what the schema of HSDS 3.0 asks for; what it requires and what it allows is written down here.

Schema: github.com/openreferral/specification, version 3.0.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, Provenance
from geo_service.safe_places.open_referral import open_referral

REQUIRED = {
    "service": {"id", "name", "status"},
    "organization": {"id", "name", "description"},
    "location": {"id", "location_type"},
    "address": {"id", "address_1", "city", "state_province", "postal_code", "country", "address_type"},
    "phone": {"id", "number"},
    "schedule": {"id"},
    "language": {"id"},
    "accessibility": {"id"},
    "service_at_location": {"id"},
}
KNOWN = {
    "service": {"organization_id", "description", "url", "eligibility_description", "assured_date", "alert",
                "organization", "phones", "schedules", "languages", "service_at_locations"},
    "organization": {"website"},
    "location": {"name", "description", "longitude", "latitude", "addresses", "accessibility"},
    "address": {"location_id"},
    "phone": {"service_id", "type"},
    "schedule": {"service_id", "description", "freq", "byday", "opens_at", "closes_at", "notes"},
    "language": {"service_id", "name", "code"},
    "accessibility": {"location_id", "description"},
    "service_at_location": {"service_id", "location_id", "location"},
}  # fmt: skip
CHOICES = {
    ("service", "status"): {"active", "inactive", "defunct", "temporarily closed"},
    ("location", "location_type"): {"physical", "postal", "virtual"},
    ("address", "address_type"): {"physical", "postal", "virtual"},
    ("schedule", "freq"): {"WEEKLY", "MONTHLY"},
    ("phone", "type"): {"text", "voice", "fax", "cell", "video", "pager", "textphone"},
}
LISTS = {"phones": "phone", "schedules": "schedule", "languages": "language", "addresses": "address",
         "accessibility": "accessibility", "service_at_locations": "service_at_location"}  # fmt: skip


@pytest.fixture
def document() -> dict[str, Any]:
    rows = pl.DataFrame(
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
            "languages": ["English; Polish", ""],
            "for_whom": ["Everybody", None],
            "last_verified": [dt.date(2026, 1, 2), None],
            "status": ["verified", "unverified"],
        }
    )
    geometry = np.array([shapely.Point(-1.0000001, 55.0), None], dtype=object)
    table = FeatureTable(
        "safe-places", "Safe Places", rows, geometry, Provenance(1, ""), ("OGL",), audience=Audience.PUBLIC
    )
    return open_referral(table, "Northmere")


def check(kind: str, record: dict[str, Any], ids: list[str]) -> None:
    assert set(record) >= REQUIRED[kind]
    assert set(record) <= REQUIRED[kind] | KNOWN[kind]
    assert uuid.UUID(record["id"])
    ids.append(record["id"])
    for name, value in record.items():
        if name in LISTS:
            for inner in value:
                check(LISTS[name], inner, ids)
        elif isinstance(value, dict):
            check(name, value, ids)
        else:
            assert value in CHOICES.get((kind, name), {value})


def test_every_record_has_what_is_required_and_nothing_unknown_and_an_id_of_its_own(document: dict[str, Any]) -> None:
    ids: list[str] = []
    for service in document["contents"]:
        check("service", service, ids)
    assert len(set(ids)) == len(ids)
    assert (document["total_items"], document["size"], document["empty"]) == (2, 2, False)


def test_what_is_known_is_said(document: dict[str, Any]) -> None:
    library = document["contents"][0]
    place = library["service_at_locations"][0]["location"]
    assert (place["longitude"], place["latitude"]) == (-1.0, 55.0)
    assert place["addresses"][0] | {"id": "", "location_id": ""} == {
        "id": "", "location_id": "", "address_1": "1 Quay Street", "city": "Northmere", "state_province": "",
        "postal_code": "ZZ1 1AA", "country": "GB", "address_type": "physical",
    }  # fmt: skip
    assert {entry["description"] for entry in place["accessibility"]} == {"Step-free entrance: yes", "Toilet: no"}
    assert [(entry["name"], entry["code"]) for entry in library["languages"]] == [("English", "en"), ("Polish", "pl")]
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
    assert [set(entry) for entry in shop["schedules"]] == [{"id", "service_id", "description"}]
    assert shop["schedules"][0]["description"].startswith('Mo "ring first"')
    assert shop["alert"] == "Nobody has verified this place yet: check before you go."
    assert "longitude" not in shop["service_at_locations"][0]["location"]
    assert "javascript" not in json.dumps(shop)
