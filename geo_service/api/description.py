"""Describe the API to programs: OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geo_service.api import problems
from geo_service.api.answers import CSV, GEOJSON

if TYPE_CHECKING:
    from fastapi import FastAPI

MEDIA_TYPE: Final = "application/vnd.oai.openapi+json;version=3.1"

_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, what was found, what to do."},
        "parameter": {"type": "string", "description": "The parameter that it concerns."},
        "changed": {
            "type": "array",
            "description": "What somebody else changed meanwhile.",
            "items": {"type": "object", "properties": {name: {"type": "string"} for name in ("field", "by", "at")}},
        },
    },
}

# One entry for all: FastAPI then leaves out its own 422, which this API never sends.
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {
        "description": (
            "400 a bad or unknown parameter, 401 no key or a wrong one, 404 nothing of that name, "
            "409 there already, 412 changed meanwhile, 428 an edit without a version"
        ),
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

_OBJECT: Final = {"schema": {"type": "object"}}
FEATURE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {GEOJSON: _OBJECT}}}
FEATURES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {GEOJSON: _OBJECT, CSV: {"schema": {"type": "string"}}}}
}


def document(app: FastAPI, base: str) -> dict[str, Any]:
    """Return the OpenAPI document of an API that is mounted at `base`."""
    described = app.openapi()
    for path in described["paths"].values():
        for parameter in path.get("get", {}).get("parameters", ()):
            if parameter["name"] == "bbox":
                numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
                parameter |= {"style": "form", "explode": False, "schema": numbers}
    key = {"type": "http", "scheme": "bearer", "description": "The key that the command prints."}
    return described | {
        "servers": [{"url": base}],
        "components": {"schemas": {**_schemas(described), "Problem": _PROBLEM}, "securitySchemes": {"key": key}},
        "security": [{"key": []}],
    }


def _schemas(described: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of what is sent to the API."""
    found: dict[str, Any] = described.get("components", {}).get("schemas", {})
    return found
