"""The staff site: hotspots, zones, sheets and what is on the ground, behind a one-time link."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from geo_service.errors import GeoServiceError, QueryError
from geo_service.model.access import Audience
from geo_service.web.downloads import Downloads
from geo_service.web.gate import Gate, record_in
from geo_service.web.headers import STAFF_HEADERS, Headers
from geo_service.web.pages import Pages, file_routes, new_site, page_route
from geo_service.web.sessions import Sessions
from geo_service.web.staff_pages import StaffPages
from geo_service.workflows.policy import RECORDED_BY_THE_WORKFLOW, declare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from geo_service.workflows.services import Services

TITLE = "Patrol planning"
_LONGEST_FORM_BYTES = 16_384


def create_staff(
    services: Services, *, token: str, allowed_hosts: Sequence[str], assets: Path, api_token: str = ""
) -> FastAPI:
    """Build the staff site; the API may be mounted on it afterwards and is behind the same gate.

    token: of the one-time link `/sign-in?token=…`. api_token: bearer token of programs; empty lets none in.
    allowed_hosts: values of the Host header that are answered, with port, or without for any port. assets: folder of
    the built front-end files. Raises FaultError where they are not built, and on starting where a route, of the API
    too, declares no audience.
    """
    sessions = Sessions(token, api_token, services.clock)
    pages = Pages("staff", STAFF_HEADERS, site_title=TITLE, marking="OFFICIAL", demonstration=services.demonstration)
    door = _Door(sessions, pages)
    app = new_site(
        TITLE, [*door.routes(), *_routes(StaffPages(services, pages), Downloads(services)), *file_routes(assets)]
    )
    app.add_middleware(
        Gate,
        routes=lambda: app.routes,
        sessions=sessions,
        allowed_hosts=allowed_hosts,
        record=record_in(services.store.record, services.clock),
        refuse=door.refuse,
    )
    app.add_middleware(GZipMiddleware)
    app.add_middleware(Headers, headers=STAFF_HEADERS)
    app.add_exception_handler(GeoServiceError, door.problem)
    app.add_exception_handler(HTTPException, door.http_problem)
    app.add_exception_handler(Exception, door.fault)
    return app


def _routes(shown: StaffPages, downloads: Downloads) -> list[BaseRoute]:
    force, itself = Audience.FORCE, RECORDED_BY_THE_WORKFLOW

    async def find(request: Request) -> Response:
        form = await _form(request)
        return await run_in_threadpool(shown.find, form)

    return [
        page_route("/", shown.start, force, act=itself),
        page_route("/find", shown.find_page, force),
        Route("/find", declare(force)(find), methods=["POST"]),
        page_route("/runs/{run_id}", shown.run, force, act=itself),
        page_route("/runs/{run_id}/map.html", downloads.map_html, force, act=itself),
        page_route("/runs/{run_id}/sheet.pdf", downloads.run_sheet, force, act=itself),
        page_route("/runs/{run_id}/{table}.{suffix}", downloads.table, force, act=itself),
        page_route("/zones/{zone_id}", shown.zone, force, act=itself),
        page_route("/zones/{zone_id}/sheet.pdf", downloads.zone_sheet, force, act=itself),
        page_route("/history", shown.history, force),
    ]


async def _form(request: Request) -> dict[str, str]:
    """Read a small form; raise QueryError for a large one."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM_BYTES:
            raise QueryError("The form is too large", found=f"more than {_LONGEST_FORM_BYTES} bytes")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


class _Door:
    """Sign in, sign out, and say what went wrong."""

    def __init__(self, sessions: Sessions, pages: Pages) -> None:
        self.sessions = sessions
        self.pages = pages

    def routes(self) -> list[BaseRoute]:
        return [
            page_route("/sign-in", self.sign_in, Audience.PUBLIC),
            page_route("/sign-out", self.sign_out, Audience.FORCE, methods=("POST",)),
        ]

    def sign_in(self, request: Request) -> Response:
        if request.method != "GET":
            # A preview of the link must not use it up.
            return Response(status_code=204)
        session = self.sessions.sign_in(request.query_params.get("token", ""))
        if session is None:
            return self.pages("sign_in.html", 403, known=bool(request.query_params.get("token")))
        # A page, not a redirect: a browser that follows the link from a mail would not send a strict cookie on.
        answer = self.pages("signed_in.html")
        answer.set_cookie(self.sessions.cookie_name, session, httponly=True, samesite="strict", path="/")
        return answer

    def sign_out(self, request: Request) -> Response:
        self.sessions.sign_out(request.headers.get("cookie", ""))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(self.sessions.cookie_name, httponly=True, samesite="strict", path="/")
        return answer

    def refuse(self, status: int, message: str) -> Response:
        if not message:
            return self.pages("sign_in.html", status, known=False)
        return self.pages("error.html", status, title="The ledger cannot be written", message=message)

    def problem(self, request: Request, problem: Exception) -> Response:
        del request
        assert isinstance(problem, GeoServiceError)  # noqa: S101 - what this handler is registered for
        return self.pages("error.html", problem.http_status, title=problem.title, message=problem.message)

    def http_problem(self, request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)  # noqa: S101 - what this handler is registered for
        known = {404: "There is no page at this address.", 405: "This page is not asked for in this way."}
        message = known.get(problem.status_code, str(problem.detail))
        title = "Page not found" if problem.status_code == 404 else "Request not understood"  # noqa: PLR2004
        del request
        return self.pages("error.html", problem.status_code, title=title, message=message)

    def fault(self, request: Request, problem: Exception) -> Response:
        del request, problem
        message = "This is a fault of the program, not yours. What happened is in the log of the command."
        return self.pages("error.html", 500, title="Something went wrong", message=message)
