"""The routes of the coordinator's side of the staff site, and who may use each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from geo_service.errors import GeoServiceError
from geo_service.model.access import CONSULTATION, PLANNERS, Audience
from geo_service.web.coordinator_coverage import CoordinatorCoverage
from geo_service.web.coordinator_pages import CoordinatorPages
from geo_service.web.coordinator_queues import CoordinatorQueues
from geo_service.web.pages import read_form
from geo_service.web.uploads import read_file_body, read_upload
from geo_service.workflows.places.finding import COORDINATORS
from geo_service.workflows.places.importing import LARGEST_BYTES
from geo_service.workflows.policy import PRINCIPAL, RECORDED_BY_THE_WORKFLOW, declare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Office, Services

_LONGEST_FORM_BYTES: Final = 65_536
"""Of all fields of a place as long as they may be, each sign as a browser writes it."""
_AS_TEXT: Final = 2
"""Bytes that the form of a file which comes back may have for each byte of it: base64, percent-encoded."""


def coordinator_routes(office: Office, pages: Pages, page: Callable[..., BaseRoute]) -> list[BaseRoute]:
    """Return the routes below `/places`; page: makes a route that answers GET (see `create_staff`)."""
    shown = CoordinatorPages(pages)
    queues, coverage = CoordinatorQueues(shown), CoordinatorCoverage(pages)

    def post(path: str, answer: Callable[[Services, Request, Mapping[str, str]], Response]) -> Route:
        @declare(Audience.PARTNER, roles=COORDINATORS, act=RECORDED_BY_THE_WORKFLOW)
        async def take(request: Request) -> Response:
            form = await read_form(request, _LONGEST_FORM_BYTES)
            return await run_in_threadpool(answer, _asked(office, request), request, form)

        return Route(path, take, methods=["POST"])

    return [
        page("/places", shown.listed, COORDINATORS),
        page("/places/new", shown.form, COORDINATORS),
        post("/places/new", lambda services, _, form: shown.save(services, "", form)),
        page("/places/import", queues.import_form, COORDINATORS),
        *_upload_routes(office, queues),
        page("/places/reports", queues.reports, COORDINATORS),
        post("/places/reports/{report_id}", lambda s, request, form: queues.settle(s, _of(request, "report_id"), form)),
        page("/places/coverage", coverage.show, COORDINATORS | PLANNERS),
        page("/places/coverage.csv", coverage.csv, COORDINATORS | PLANNERS, act=RECORDED_BY_THE_WORKFLOW),
        page("/places/publish", queues.publishing, COORDINATORS),
        post("/places/publish", lambda services, _, form: queues.publish(services, form)),
        post("/places/use", lambda services, _, form: queues.use(services, form)),
        page("/places/p/{place_id}", shown.show, COORDINATORS),
        page("/places/p/{place_id}/history", shown.history, COORDINATORS),
        page("/places/p/{place_id}/edit", shown.form, COORDINATORS),
        post("/places/p/{place_id}/edit", lambda s, request, form: shown.save(s, _of(request, "place_id"), form)),
        post(
            "/places/p/{place_id}/{act}",
            lambda s, request, form: shown.act(s, _of(request, "place_id"), _of(request, "act"), form),
        ),
    ]


def _upload_routes(office: Office, queues: CoordinatorQueues) -> list[BaseRoute]:
    @declare(Audience.PARTNER, roles=COORDINATORS, act=CONSULTATION)
    async def look(request: Request) -> Response:
        services = _asked(office, request)
        try:
            name, data = await read_upload(request, "file", LARGEST_BYTES)
        except GeoServiceError as problem:
            return await run_in_threadpool(queues.not_read, services, problem)
        return await run_in_threadpool(queues.look, services, name, data)

    @declare(Audience.PARTNER, roles=COORDINATORS, act=RECORDED_BY_THE_WORKFLOW)
    async def take(request: Request) -> Response:
        services = _asked(office, request)
        try:
            body = await read_file_body(request, LARGEST_BYTES * _AS_TEXT)
        except GeoServiceError as problem:
            return await run_in_threadpool(queues.not_read, services, problem)
        form = dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True))
        return await run_in_threadpool(queues.take, services, form)

    return [Route("/places/import", look, methods=["POST"]), Route("/places/import/take", take, methods=["POST"])]


def _of(request: Request, name: str) -> str:
    return str(request.path_params[name])


def _asked(office: Office, request: Request) -> Services:
    return office.services(request.scope[PRINCIPAL])
