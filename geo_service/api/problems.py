"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from geo_service.errors import GeoServiceError, QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, title: str, detail: str, *, field: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """Return one problem document."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if field:
        body["parameter"] = field
    return Response(orjson.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def refuse_unknown_parameters(request: Request) -> None:
    """Raise QueryError for a parameter that the route does not have (OGC API Features, requirement 9)."""
    known = {field.alias for field in request.scope["route"].dependant.query_params}
    for name in request.query_params:
        if name not in known:
            raise QueryError(
                "Unknown parameter", found=name, do=f"Use {', '.join(sorted(known)) or 'no parameter'}", field=name
            )
    for name in known:
        if len(request.query_params.getlist(name)) > 1:
            raise QueryError("The parameter is given more than once", found=name, do="Give it once", field=name)


def install(app: FastAPI) -> None:
    """Turn every error of an application into a problem document."""

    def ours(_: Request, error: Exception) -> Response:
        assert isinstance(error, GeoServiceError)  # noqa: S101 - what this handler is registered for
        return problem(error.http_status, error.title, error.message, field=error.field)

    def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - what this handler is registered for
        first = error.errors()[0]
        name = str(first["loc"][-1])
        detail = f"{first['msg']}. Found: {str(first.get('input'))[:120]}."
        return problem(HTTPStatus.BAD_REQUEST, "Bad parameter", f"{name}: {detail}", field=name)

    def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - what this handler is registered for
        status = HTTPStatus(error.status_code)
        return problem(status, status.phrase, str(error.detail), headers=error.headers)

    def fault(_: Request, __: Exception) -> Response:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Fault", "A fault of ours; the answer could not be made.")

    app.add_exception_handler(GeoServiceError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, fault)
