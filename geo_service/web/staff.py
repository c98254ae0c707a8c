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
from geo_service.model.access import ANYBODY, AUDITORS, KEEPERS, PLANNERS, READERS, Audience
from geo_service.web import downloads
from geo_service.web.audit_pages import AuditPages
from geo_service.web.gate import Gate, record_in
from geo_service.web.headers import STAFF_HEADERS, Headers
from geo_service.web.pages import Pages, file_routes, new_site, page_route
from geo_service.web.sessions import Sessions
from geo_service.web.staff_pages import StaffPages, nav_of
from geo_service.workflows.policy import PRINCIPAL, RECORDED_BY_THE_WORKFLOW, declare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from geo_service.model.access import Principal, Role
    from geo_service.workflows.services import Office, Services

TITLE = "Patrol planning"
NOTHING_THERE = "There is no page at this address."
_LONGEST_FORM_BYTES = 16_384


def create_staff(
    office: Office, *, token: str, allowed_hosts: Sequence[str], assets: Path, api_token: str = ""
) -> FastAPI:
    """Build the staff site; the API may be mounted on it afterwards and is behind the same gate.

    token: of the one-time link `/sign-in?token=…`. api_token: bearer token of programs; empty lets none in.
    allowed_hosts: values of the Host header that are answered, with port, or without for any port. assets: folder of
    the built front-end files. Raises FaultError where they are not built, and on starting where a route, of the API
    too, declares no audience.
    """
    sessions = Sessions(token, api_token, office.doers.clock)
    pages = Pages(
        "staff", STAFF_HEADERS, site_title=TITLE, marking="OFFICIAL", demonstration=office.doers.demonstration
    )
    door = _Door(sessions, pages)
    app = new_site(TITLE, [*door.routes(), *_routes(office, StaffPages(pages)), *file_routes(assets)])
    app.add_middleware(
        Gate,
        routes=lambda: app.routes,
        sessions=sessions,
        allowed_hosts=allowed_hosts,
        record=record_in(office),
        refuse=door.refuse,
    )
    app.add_middleware(GZipMiddleware)
    app.add_middleware(Headers, headers=STAFF_HEADERS)
    app.add_exception_handler(GeoServiceError, door.problem)
    app.add_exception_handler(HTTPException, door.http_problem)
    app.add_exception_handler(Exception, door.fault)
    return app


def _routes(office: Office, shown: StaffPages) -> list[BaseRoute]:
    force, itself = Audience.FORCE, RECORDED_BY_THE_WORKFLOW

    def page(
        path: str, answer: Callable[[Services, Request], Response], roles: frozenset[Role], **policy: str
    ) -> BaseRoute:
        return page_route(path, lambda request: answer(_asked(office, request), request), force, roles=roles, **policy)

    async def find(request: Request) -> Response:
        form = await _form(request)
        return await run_in_threadpool(shown.find, _asked(office, request), form)

    audit = AuditPages(shown.pages)
    return [
        page("/", shown.start, ANYBODY, act=itself),
        page("/find", shown.find_page, PLANNERS),
        Route("/find", declare(force, roles=PLANNERS, act=itself)(find), methods=["POST"]),
        page("/runs/{run_id}", shown.run, READERS, act=itself),
        page("/runs/{run_id}/map.html", downloads.map_html, READERS, act=itself),
        page("/runs/{run_id}/sheet.pdf", downloads.run_sheet, READERS, act=itself),
        page("/runs/{run_id}/{table}.{suffix}", downloads.table, PLANNERS, act=itself),
        page("/zones/{zone_id}", shown.zone, READERS, act=itself),
        page("/zones/{zone_id}/sheet.pdf", downloads.zone_sheet, READERS, act=itself),
        page("/history", shown.history, READERS | KEEPERS),
        page("/audit", audit.show, AUDITORS, act=itself),
        page("/audit.csv", audit.csv, AUDITORS, act=itself),
        page("/audit.json", audit.json, AUDITORS, act=itself),
    ]


def _asked(office: Office, request: Request) -> Services:
    """Return the services of whoever asks."""
    return office.services(request.scope[PRINCIPAL])


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
            page_route("/sign-out", self.sign_out, Audience.FORCE, roles=ANYBODY, methods=("POST",)),
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

    def refuse(self, status: int, message: str, principal: Principal | None = None) -> Response:
        if principal is not None:
            return self._error(principal, status, "Page not found", NOTHING_THERE)
        if not message:
            return self.pages("sign_in.html", status, known=False)
        return self.pages("error.html", status, title="The ledger cannot be written", message=message)

    def problem(self, request: Request, problem: Exception) -> Response:
        assert isinstance(problem, GeoServiceError)  # noqa: S101 - what this handler is registered for
        return self._error(request.scope.get(PRINCIPAL), problem.http_status, problem.title, problem.message)

    def http_problem(self, request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)  # noqa: S101 - what this handler is registered for
        known = {404: NOTHING_THERE, 405: "This page is not asked for in this way."}
        message = known.get(problem.status_code, str(problem.detail))
        title = "Page not found" if problem.status_code == 404 else "Request not understood"  # noqa: PLR2004
        return self._error(request.scope.get(PRINCIPAL), problem.status_code, title, message)

    def fault(self, request: Request, problem: Exception) -> Response:
        del problem
        message = "This is a fault of the program, not yours. What happened is in the log of the command."
        return self._error(request.scope.get(PRINCIPAL), 500, "Something went wrong", message)

    def _error(self, principal: Principal | None, status: int, title: str, message: str) -> Response:
        nav = nav_of(principal) if principal else ()
        return self.pages("error.html", status, nav=nav, title=title, message=message)
