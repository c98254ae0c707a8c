"""The description: an OpenAPI document that says what the routes do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from collections.abc import Iterator

Client: TypeAlias = Any
"""The conftest's client; tests are no package to import it from."""
MONTHS = {"from": "2025-08", "to": "2026-07"}
QUESTIONS = ("/hotspots", "/windows", "/concentration")
OTHERS = {
    "/backtest": {"boundary": "demonstration-wards", "statistics": "total", "ahead": "1", "shares": "5"},
    "/near-repeat": {"boundary": "demonstration-wards", **MONTHS, "offences": "burglary"},
    "/impact": {"set": "demonstration-wards", "to": "2026-07"},
    "/evaluate/wdd": {
        "treated": "Lanternby",
        "comparison": "Kettlewick",
        "before": "2025-01..2025-06",
        "after": "2026-01..2026-06",
    },
}
"""What else must be asked."""


@pytest.fixture(scope="module")
def document(api: Client) -> dict[str, Any]:
    answer = api.get("/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.1"
    return dict(answer.json())


WRITTEN = {"/accounts/{accountId}": "put", "/plans": "post", "/plans/{planId}": "patch", "/visits": "post"}
"""What can be written, and how."""


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is read; few things can be written."""
    for path, item in document["paths"].items():
        assert set(item) == {"get", WRITTEN.get(path, "get")}
        yield path, item["get"]


def every(value: object, key: str) -> Iterator[object]:
    """Yield every value of a key, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from every(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from every(inner, key)


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    read = OpenAPI.model_validate(document)
    assert read.paths is not None
    assert all(operation["responses"] for _, operation in operations(document))
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = list(every(document, "$ref"))
    assert references
    for reference in references:
        found: Any = document
        for step in str(reference).removeprefix("#/").split("/"):
            found = found[step]
        assert found


def test_the_paths_stand_below_the_address_that_it_is_served_at(api: Client, document: dict[str, Any]) -> None:
    assert document["servers"] == [{"url": api.base_url}]


def test_every_route_and_every_parameter_of_it_is_described(api: Client, document: dict[str, Any]) -> None:
    read = [route for route in api.site.routes if isinstance(route, APIRoute) and "GET" in route.methods]
    routes = {route.path_format: route for route in read}
    described = dict(operations(document))
    assert set(routes) == {*described, "/openapi.json"}
    for path, operation in described.items():
        dependant = routes[path].dependant
        has = {("query", field.alias) for field in dependant.query_params}
        has |= {("path", field.alias) for field in dependant.path_params}
        assert {(each["in"], each["name"]) for each in operation.get("parameters", ())} == has
        assert set(re.findall(r"{(\w+)}", path)) == {name for where, name in has if where == "path"}


def test_every_query_parameter_is_explained_and_has_a_schema(document: dict[str, Any]) -> None:
    for _, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter["schema"]
            assert parameter["in"] == "path" or parameter["description"]
            assert parameter["in"] == "query" or parameter["required"]


def test_box_and_limit_are_as_the_standard_has_them(document: dict[str, Any]) -> None:
    # OGC API Features 1.0.1, fc-limit-definition and fc-bbox-definition.
    listed = document["paths"]["/collections/{collectionId}/items"]["get"]["parameters"]
    found = {parameter["name"]: parameter for parameter in listed}
    assert (found["bbox"]["style"], found["bbox"]["explode"]) == ("form", False)
    assert found["bbox"]["schema"] == {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
    limit = found["limit"]["schema"]
    assert (limit["type"], limit["minimum"], limit["maximum"], limit["default"]) == ("integer", 1, 10_000, 1_000)


def test_the_answers_are_of_the_media_types_that_are_described(api: Client, document: dict[str, Any]) -> None:
    zone = api.get("/collections/zones/items?limit=1").json()["features"][0]["id"]
    account = {"name": "Described", "roles": ["officer"], "areas": [], "active": True}
    api.request("PUT", "/accounts/described", json=account, headers={"If-None-Match": "*"})
    shift = {"team": "NSUCH-T2", "date": "2026-10-23", "shift": "15:00-23:00", "officers": 4}
    planned = api.request("POST", "/plans", json=shift).json()["id"]
    for path, operation in operations(document):
        address = path.replace("{collectionId}", "zones").replace("{featureId}", zone)
        address = address.replace("{accountId}", "described").replace("{planId}", planned)
        asked = {"boundary": "demonstration-wards", **MONTHS} if path in QUESTIONS else OTHERS.get(path, {})
        for media_type in operation["responses"]["200"]["content"]:
            answer = api.get(address, params=asked, headers={"accept": media_type})
            assert answer.status_code == 200
            assert answer.headers["content-type"].partition(";")[0] == media_type


def test_every_operation_says_what_its_errors_look_like_and_none_promises_another(document: dict[str, Any]) -> None:
    for _, operation in operations(document):
        assert set(operation["responses"]) == {"200", "4XX"}
        assert set(operation["responses"]["4XX"]["content"]) == {"application/problem+json"}


def test_an_edit_is_described_with_the_version_that_it_needs_and_what_is_sent(document: dict[str, Any]) -> None:
    edit = document["paths"]["/accounts/{accountId}"]["put"]
    headers = {each["name"] for each in edit["parameters"] if each["in"] == "header"}
    assert headers == {"If-Match", "If-None-Match"}
    sent = edit["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = document["components"]["schemas"][sent]
    assert set(fields["properties"]) == {"name", "roles", "areas", "active", "subject"}
    assert set(edit["responses"]) == {"200", "201", "4XX"}


def test_a_problem_is_as_described(api: Client, document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["Problem"]
    body = api.get("/collections/zones/items?limit=0").json()
    assert set(schema["required"]) <= set(body) <= set(schema["properties"])


def test_the_key_is_described(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert [set(each) for each in document["security"]] == [set(schemes)]
    assert {(each["type"], each["scheme"]) for each in schemes.values()} == {("http", "bearer")}
