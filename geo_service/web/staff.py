"""The staff site: hotspots, zones, sheets and what is on the ground, behind a one-time link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.routing import Route

from geo_service.errors import GeoServiceError
from geo_service.model.access import ANYBODY, AUDITORS, COMBINATION, KEEPERS, PLANNERS, READERS, Audience
from geo_service.web import basemaps, downloads, plan_downloads
from geo_service.web.audit_pages import AuditPages
from geo_service.web.coordinator_routes import coordinator_routes
from geo_service.web.door import FrontDoor
from geo_service.web.gate import Gate, record_in
from geo_service.web.headers import ALWAYS_ENCRYPTED, STAFF_HEADERS, Headers
from geo_service.web.pages import Pages, file_routes, new_site, page_route, read_form
from geo_service.web.plan_pages import PlanPages
from geo_service.web.sessions import Sessions
from geo_service.web.staff_pages import StaffPages
from geo_service.web.visit_pages import VisitPages
from geo_service.workflows.policy import PRINCIPAL, RECORDED_BY_THE_WORKFLOW, declare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from geo_service.model.access import Role
    from geo_service.model.ports import Redirects
    from geo_service.workflows.services import Office, Services

TITLE = "Patrol planning"


def create_staff(  # noqa: PLR0913 - each says who comes in, and from where
    office: Office,
    *,
    allowed_hosts: Sequence[str],
    assets: Path,
    token: str = "",
    api_token: str = "",
    address: str = "",
    redirects: Redirects | None = None,
    proxied: bool = False,
) -> FastAPI:
    """Build the staff site; the API may be mounted on it afterwards and is behind the same gate.

    allowed_hosts: values of the Host header that are answered, with port, or without for any port. assets: folder of
    the built front-end files. token: of the one-time link `/sign-in?token=…`. api_token: bearer token of programs;
    without accounts only, as the link. address: the site's own as people write it, without a closing slash; the first
    allowed host's by default. redirects: sign-in through an organisation. proxied: a proxy stands in front. Raises
    FaultError where the front-end files are not built, and on starting where a route, of the API too, declares no
    audience.
    """
    address = address or f"http://{allowed_hosts[0]}"
    headers = {**STAFF_HEADERS, **(ALWAYS_ENCRYPTED if address.startswith("https:") else {})}
    sessions = Sessions(office.authority(), address, token=token, api_token=api_token, elsewhere=redirects is not None)
    pages = Pages("staff", headers, site_title=TITLE, marking="OFFICIAL", demonstration=office.doers.demonstration)
    door = FrontDoor(sessions, pages, address, redirects, proxied=proxied)
    app = new_site(TITLE, [*door.routes(), *_routes(office, StaffPages(pages)), *file_routes(assets)])
    app.add_middleware(
        Gate,
        routes=lambda: app.routes,
        sessions=sessions,
        allowed_hosts=allowed_hosts,
        scheme=address.partition(":")[0],
        record=record_in(office),
        refuse=door.refuse,
    )
    # Tiles are compressed one by one, and read by ranges of bytes.
    plain = (*DEFAULT_EXCLUDED_CONTENT_TYPES, basemaps.MEDIA_TYPE)
    app.add_middleware(GZipMiddleware, exclude_content_types=plain)
    app.add_middleware(Headers, headers=headers)
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
        form = await read_form(request)
        return await run_in_threadpool(shown.find, _asked(office, request), form)

    audit = AuditPages(shown.pages)
    return [
        page("/", shown.start, ANYBODY, act=itself),
        # Pieces of the ground under a map: who looked at the page is on record, and a piece says nothing more.
        page(basemaps.ADDRESS, basemaps.tiles, READERS, act=itself),
        page("/find", shown.find_page, PLANNERS),
        Route("/find", declare(force, roles=PLANNERS, act=itself)(find), methods=["POST"]),
        page("/runs/{run_id}", shown.run, READERS, act=itself),
        page("/runs/{run_id}/map.html", downloads.map_html, READERS, act=itself),
        page("/runs/{run_id}/sheet.pdf", downloads.run_sheet, READERS, act=itself),
        page("/runs/{run_id}/{table}.{suffix}", downloads.table, PLANNERS, act=itself),
        page("/zones/{zone_id}", shown.zone, READERS, act=itself),
        page("/zones/{zone_id}/sheet.pdf", downloads.zone_sheet, READERS, act=itself),
        *_plan_routes(office, PlanPages(shown.pages), page),
        *_visit_routes(office, VisitPages(shown.pages), page),
        *coordinator_routes(office, shown.pages, page),
        page("/history", shown.history, READERS | KEEPERS),
        page("/audit", audit.show, AUDITORS, act=itself),
        page("/audit.csv", audit.csv, AUDITORS, act=itself),
        page("/audit.json", audit.json, AUDITORS, act=itself),
    ]


def _plan_routes(office: Office, shown: PlanPages, page: Callable[..., BaseRoute]) -> list[BaseRoute]:
    force, itself = Audience.FORCE, RECORDED_BY_THE_WORKFLOW

    @declare(force, roles=PLANNERS, act=COMBINATION)
    async def make(request: Request) -> Response:
        return await run_in_threadpool(shown.make, _asked(office, request), await read_form(request))

    @declare(force, roles=PLANNERS, act=COMBINATION)
    async def again(request: Request) -> Response:
        return await run_in_threadpool(shown.again, _asked(office, request), request.path_params["plan_id"])

    @declare(force, roles=PLANNERS, act=itself)
    async def edit(request: Request) -> Response:
        form, plan_id = await read_form(request), request.path_params["plan_id"]
        return await run_in_threadpool(shown.edit, _asked(office, request), plan_id, form)

    return [
        page("/plan", shown.form, PLANNERS),
        Route("/plan", make, methods=["POST"]),
        page("/plans", shown.listed, READERS),
        page("/plans/{plan_id}", shown.show, READERS, act=itself),
        Route("/plans/{plan_id}/edit", edit, methods=["POST"]),
        Route("/plans/{plan_id}/again", again, methods=["POST"]),
        page("/plans/{plan_id}/list.{suffix}", plan_downloads.table, PLANNERS, act=itself),
        page("/plans/{plan_id}/{paper}.pdf", plan_downloads.pdf, READERS, act=itself),
    ]


def _visit_routes(office: Office, shown: VisitPages, page: Callable[..., BaseRoute]) -> list[BaseRoute]:
    @declare(Audience.FORCE, roles=READERS, act=RECORDED_BY_THE_WORKFLOW)
    async def tap(request: Request) -> Response:
        form, plan_id = await read_form(request), request.path_params["plan_id"]
        return await run_in_threadpool(shown.tap, _asked(office, request), plan_id, form)

    return [
        page("/visits", shown.listed, READERS),
        page("/visits/{plan_id}", shown.log, READERS),
        Route("/visits/{plan_id}", tap, methods=["POST"]),
        page("/visits/{plan_id}/delivered", shown.delivered, READERS),
    ]


def _asked(office: Office, request: Request) -> Services:
    """Return the services of whoever asks."""
    return office.services(request.scope[PRINCIPAL])
