"""Templates into pages, and what both sites are built from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from geo_service.errors import FaultError, QueryError, TooLargeError
from geo_service.model.access import READERS, Audience
from geo_service.safe_places.opening import LONDON
from geo_service.workflows.policy import declare, undeclared

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from geo_service.model.access import Role

Beside: TypeAlias = Callable[[threading.Event, threading.Event], None]
"""Works beside the requests until the first event is set, and sets the second once they may come."""
_HERE = Path(__file__).parent
_MOST_LISTED = 12
_LONGEST_FORM_BYTES = 16_384
_FORMS_AT_ONCE = 2
_BUILT = (
    "web/site.css",
    "web/public.css",
    "leaflet/leaflet.js",
    "leaflet/leaflet.css",
    "protomaps/protomaps-leaflet.js",
)


class Pages:
    """Render the templates of one site."""

    def __init__(self, folder: str, headers: Mapping[str, str], **everywhere: object) -> None:
        """Take the site's folder of templates, its headers and the values that every page shows."""
        self.headers = dict(headers)
        loader = FileSystemLoader([_HERE / "templates" / folder, _HERE / "templates"])
        self.environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self.environment.filters |= {
            "code": code_words,
            "day": day_words,
            "details": detail_words,
            "moment": moment_words,
            "number": number_words,
            "sentence": sentence,
            "whole": whole_words,
        }
        self.environment.globals |= everywhere

    def __call__(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return one page; the headers go with it because a fault's page is sent from outside the middleware."""
        return HTMLResponse(self.part(name, **values), status, self.headers)

    def part(self, name: str, **values: object) -> str:
        """Return a part of a page."""
        return self.environment.get_template(name).render(values)


def day_words(day: dt.date | None) -> str:
    """Write a date as `1 November 2023`; `never` for None."""
    return "never" if day is None else f"{day.day} {day:%B %Y}"


def moment_words(moment: dt.datetime) -> str:
    """Write a moment as `1 November 2023, 18:04`, London's clock."""
    local = moment.astimezone(LONDON)
    return f"{day_words(local)}, {local:%H:%M}"


def sentence(words: str) -> str:
    """Begin with a capital and leave the rest as it is."""
    return f"{words[:1].upper()}{words[1:]}"


def number_words(value: float | None) -> str:
    """Write a number with thousands separated and at most one decimal; a hyphen for None."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def whole_words(value: float | None) -> str:
    """Write a number without decimals, thousands separated; a hyphen for None."""
    return number_words(None if value is None else round(value))


def code_words(message: str) -> Markup:
    """Set what stands between backticks as code; everything is escaped."""
    kinds = (Markup("{}"), Markup("<code>{}</code>"))
    return Markup().join(kinds[position % 2].format(part) for position, part in enumerate(message.split("`")))


def detail_words(detail: object) -> str:
    """Write the detail of a ledger's event for people: no braces, no hashes, long lists cut short."""
    if isinstance(detail, dict):
        return ", ".join(
            f"{str(name).replace('_', ' ')} {detail_words(value)}" for name, value in detail.items() if name != "sha256"
        )
    if isinstance(detail, list):
        shown = [detail_words(value) for value in detail[:_MOST_LISTED]]
        more = len(detail) - len(shown)
        return "; ".join([*shown, f"and {more} more"] if more else shown)
    return number_words(detail) if isinstance(detail, int | float) else str(detail)


def page_route(
    path: str,
    endpoint: Callable[[Request], Response],
    audience: Audience,
    *,
    methods: Sequence[str] = ("GET",),
    roles: frozenset[Role] = READERS,
    **policy: str,
) -> Route:
    """Return a route whose endpoint declares its audience."""

    def handle(request: Request) -> Response:
        # A function of its own for each route: two routes may share a handler and differ in policy.
        return endpoint(request)

    return Route(path, declare(audience, roles=roles, **policy)(handle), methods=list(methods))


def form_route(path: str, endpoint: Callable[[Request, Mapping[str, str]], Response], audience: Audience) -> Route:
    """Return a route for a small form that is sent; its endpoint is given the fields."""
    # More at once would take turns, and each would be slower than in a row.
    at_once = CapacityLimiter(_FORMS_AT_ONCE)

    async def handle(request: Request) -> Response:
        form = await read_form(request)
        return await to_thread.run_sync(endpoint, request, form, limiter=at_once)

    return Route(path, declare(audience)(handle), methods=["POST"])


async def read_form(request: Request, longest: int = _LONGEST_FORM_BYTES) -> dict[str, str]:
    """Read a form of so many bytes at most; raise TooLargeError, and QueryError for one that broke off."""
    do = "Go back, write less, and send it again"
    too_large = TooLargeError("What was written is too long", found=f"more than {longest:,} bytes", do=do)
    body = await read_body(request, longest, too_large)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def read_body(request: Request, longest: int, too_large: TooLargeError) -> bytes:
    """Read what was sent; raise what is given where it is longer than that, QueryError where it broke off."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > longest:
                raise too_large
    except ClientDisconnect:
        raise QueryError("The form did not come whole", do="Send it again") from None
    return bytes(body)


def file_routes(assets: Path) -> list[BaseRoute]:
    """Return the routes of the style sheet, the scripts and the map library; raise FaultError where none is built."""
    missing = [name for name in _BUILT if not (assets / name).is_file()]
    if missing:
        raise FaultError(
            "The front-end files are not built", found=", ".join(missing), do="Build them with `make setup`"
        )
    public = declare(Audience.PUBLIC)
    return [
        Mount("/static", public(StaticFiles(directory=_HERE / "static"))),
        Mount("/assets/web", public(StaticFiles(directory=assets / "web"))),
        Mount("/assets/leaflet", public(StaticFiles(directory=assets / "leaflet"))),
        Mount("/assets/protomaps", public(StaticFiles(directory=assets / "protomaps"))),
        Mount("/assets/licences", public(StaticFiles(directory=assets / "licences"))),
    ]


def check_declared(app: FastAPI) -> None:
    """Raise FaultError where a route, also one of a mounted application, declares no audience."""
    paths = undeclared(app.routes)
    if paths:
        raise FaultError(
            "A route declares no audience, so the site does not start",
            found=", ".join(paths),
            do="Declare it with geo_service.workflows.policy.declare",
        )


def new_site(title: str, routes: Sequence[BaseRoute], beside: Beside | None = None) -> FastAPI:
    """Return an application without documentation routes that refuses to start with an undeclared route.

    beside: runs in a thread while the site is served, which begins once it says that it is ready.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        check_declared(app)
        if beside is None:
            yield
            return
        stop, ready = threading.Event(), threading.Event()
        thread = threading.Thread(target=beside, args=(stop, ready), daemon=True)
        thread.start()
        await to_thread.run_sync(ready.wait)
        yield
        stop.set()
        await to_thread.run_sync(thread.join)

    return FastAPI(
        title=title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        routes=list(routes),
        lifespan=lifespan,
    )
