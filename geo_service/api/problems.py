"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from geo_service.errors import GeoServiceError, LostRaceError, QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEDIA_TYPE: Final = "application/problem+json"

_PARAMETERS: Final = {"offence_set": "offences", "boundary_set": "set", "version": "as_of"}
"""Fields of a question whose parameter has another name here, the one of the command line."""

_SAID: Final = {
    "json_invalid": ("The body is no JSON: {error}", "Mend it at character {name}"),
    "string_unicode": ("The text holds half of a character, which nothing can keep", "Write {name} anew"),
    "missing": ("A parameter is missing", "Add {name}=…"),
    "literal_error": ("Unknown value of {name}", "Use {expected}"),
    "int_parsing": ("Not a whole number", "Give {name} as a whole number"),
    "int_parsing_size": ("Not a number of any use", "Give {name} as a shorter number"),
    "int_from_float": ("Not a whole number", "Give {name} as a whole number"),
    "float_parsing": ("Not a number", "Give {name} as a number"),
    "greater_than_equal": ("The number is too small", "Give {name} as {ge} or more"),
}
"""What was wrong and what to do, by the kind of error that pydantic reports."""

_LONGEST_NAME: Final = 120


def problem(  # noqa: PLR0913 - each is a member of the document
    status: int,
    title: str,
    detail: str,
    *,
    field: str = "",
    headers: Mapping[str, str] | None = None,
    changed: Sequence[Mapping[str, str]] = (),
) -> Response:
    """Return one problem document; changed: what somebody else changed meanwhile."""
    # What is echoed may hold half a character, which no JSON may.
    detail = detail.encode(errors="replace").decode()
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if field:
        body["parameter"] = field if len(field) <= _LONGEST_NAME else f"{field[:_LONGEST_NAME]}…"
    if changed:
        body["changed"] = changed
    return Response(orjson.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def refuse_unknown_parameters(request: Request) -> None:
    """Raise QueryError for a parameter that the route does not have, or that is given more than once."""
    known = sorted(field.alias for field in request.scope["route"].dependant.query_params)
    for name in request.query_params:
        if name not in known:
            do = f"Use {', '.join(known)}" if known else "Leave it out: this address has none"
            raise QueryError("Unknown parameter", found=name, do=do, field=name)
    for name in known:
        given = request.query_params.getlist(name)
        if len(given) > 1:
            found = f"{name}, {len(given)} times"
            raise QueryError("A parameter is given more than once", found=found, do="Give it once", field=name)


def install(app: FastAPI) -> None:
    """Turn every error of an application into a problem document."""
    app.add_exception_handler(GeoServiceError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoServiceError)  # noqa: S101 - what this handler is registered for
    field = error.field if error.field in request.query_params else _PARAMETERS.get(error.field, error.field)
    return problem(error.http_status, error.title, error.message, field=field, changed=_changed(error))


def _changed(error: GeoServiceError) -> list[dict[str, str]]:
    """Return what a lost race was lost to: field, who and when."""
    if not isinstance(error, LostRaceError):
        return []
    return [{"field": name, "by": who, "at": at} for name, (who, at) in error.changed.items()]


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what this handler is registered for
    return _ours(request, in_words(error.errors()[0]))


def in_words(error: Mapping[str, Any]) -> QueryError:
    """Return what pydantic found as an error that says what to do."""
    name = str(error["loc"][-1])
    what, do = _SAID.get(error["type"], (str(error["msg"]), "See the parameter {name} in /openapi.json"))
    values = {"name": name, **error.get("ctx", {})}
    found = None if error["type"] in {"missing", "json_invalid"} else error["input"]
    return QueryError(what.format_map(values), found=found, do=do.format_map(values), field=name)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what this handler is registered for
    status = HTTPStatus(error.status_code)
    said = {
        HTTPStatus.NOT_FOUND: f"There is nothing at this address. The links begin at {request.scope['root_path']}/.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address is only read. Use GET or HEAD.",
    }
    detail = said.get(status, str(error.detail))
    return problem(status, status.phrase.capitalize(), detail, headers=error.headers)


def _fault(_: Request, __: Exception) -> Response:
    detail = "A fault of the program, not of the request. What happened is in the log of the command."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Fault", detail)
