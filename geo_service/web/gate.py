"""What stands before every route of the staff site: host, origin, who asks, and the ledger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match

from geo_service.errors import GeoServiceError
from geo_service.model.access import Audience
from geo_service.workflows.policy import PRINCIPAL, policy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from geo_service.model.access import Principal
    from geo_service.web.sessions import Sessions
    from geo_service.workflows.policy import Policy
    from geo_service.workflows.services import Office

API_PATH = "/api"
"""Where the API is mounted: programs ask there, and are refused in their own format."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_VALUE = 300
_WITH_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[^:@\[\]]+):[0-9]{1,5}", re.ASCII)


class Gate:
    """Let in who may come in, and write down what is looked at before it is shown."""

    def __init__(  # noqa: PLR0913 - each is a part of the decision
        self,
        app: ASGIApp,
        *,
        routes: Callable[[], Iterable[BaseRoute]],
        sessions: Sessions,
        allowed_hosts: Sequence[str],
        scheme: str,
        record: Callable[[str, Principal, str, dict[str, object]], None],
        refuse: Callable[..., Response],
    ) -> None:
        """Take the doers.

        routes: the routes that the application has by then. allowed_hosts: names with port, or without for any port.
        scheme: http or https, as browsers reach the site; what a proxy says of it is not believed. record:
        (act, who, what, detail) into the ledger. refuse: (status, message, who asks) as a page.
        """
        self.app = app
        self.routes = routes
        self.sessions = sessions
        self.allowed_hosts = frozenset(host.casefold() for host in allowed_hosts)
        self.scheme = scheme
        self.record = record
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Decide on one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            scope["scheme"] = self.scheme
            try:
                refused = await self._refused(scope)
            except GeoServiceError as problem:
                # Who comes in is asked of the ledger, too, which may be locked or gone.
                refused = self._not_written(scope, problem)
            await (refused or self.app)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        authorization = headers.get("authorization", "")
        stranger = self._stranger(headers) or self._from_nowhere(scope, headers)
        if stranger is not None:
            return stranger
        policy = policy_at(self.routes(), scope)
        if policy is not None and policy.audience is Audience.PUBLIC:
            return None
        principal = await run_in_threadpool(self._who, headers.get("cookie", ""), authorization)
        if principal is None:
            if authorization or _for_a_program(scope):
                return _no_key(wrong=bool(authorization))
            return await run_in_threadpool(self.refuse, 403, "")
        if policy is None or not principal.may(policy.roles):
            return self.unknown(scope, principal)
        scope[PRINCIPAL] = principal
        return await self._recorded(scope, policy, principal)

    def _who(self, cookie: str, authorization: str) -> Principal | None:
        return self.sessions.by_bearer(authorization) if authorization else self.sessions.by_cookie(cookie)

    def unknown(self, scope: Scope, principal: Principal) -> Response:
        """Say that there is nothing there: the same for an unknown address and for one that is not for the role."""
        if _for_a_program(scope):
            return _problem(404, "Not found", "There is nothing at this address.")
        return self.refuse(404, "", principal)

    def _stranger(self, headers: Headers) -> Response | None:
        """Refuse what was sent to another host, or from a page of another site."""
        host = headers.get("host", "").casefold()
        with_port = _WITH_PORT.fullmatch(host)
        if host not in self.allowed_hosts and (with_port is None or with_port[1] not in self.allowed_hosts):
            return PlainTextResponse(
                "This site answers to its own host only. Use the address that the command printed.\n", 421
            )
        origin = headers.get("origin")
        if origin is not None and origin.casefold() != f"{self.scheme}://{host}":
            return PlainTextResponse("Pages of another site may not use this one (foreign Origin).\n", 403)
        navigates = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"} and not navigates:
            return PlainTextResponse("Pages of another site may not use this one.\n", 403)
        return None

    def _from_nowhere(self, scope: Scope, headers: Headers) -> Response | None:
        """Refuse what would change something and does not say that a page of this site sent it."""
        if scope["method"] in _READING or "authorization" in headers or "origin" in headers:
            return None
        return PlainTextResponse("A form must come from a page of this site: the Origin header is missing.\n", 403)

    async def _recorded(self, scope: Scope, policy: Policy, principal: Principal) -> Response | None:
        """Write the request down; what cannot be written down is not shown."""
        if not policy.act:
            return None
        request = Request(scope)
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        detail: dict[str, object] = {
            name[:_LONGEST_VALUE]: [value[:_LONGEST_VALUE] for value in values] for name, values in query.items()
        }
        what = f"{scope['method']} {request.url.path[:_LONGEST_VALUE]}"
        try:
            await run_in_threadpool(self.record, policy.act, principal, what, {"query": detail} if detail else {})
        except GeoServiceError as problem:
            return self._not_written(scope, problem)
        return None

    def _not_written(self, scope: Scope, problem: GeoServiceError) -> Response:
        if _for_a_program(scope):
            return _problem(problem.http_status, problem.title, problem.message)
        return self.refuse(problem.http_status, problem.message)


def _for_a_program(scope: Scope) -> bool:
    return f"{scope['path']}/".startswith(f"{API_PATH}/")


def _no_key(*, wrong: bool) -> Response:
    said = "That is not the key of this site." if wrong else "The API needs a key."
    do = (
        "Send the one that you were given, or that `geo-service serve --site staff` printed, as the header "
        "`Authorization: Bearer KEY`."
    )
    return _problem(401, "Unauthorized", f"{said} {do}", {"WWW-Authenticate": "Bearer"})


def _problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return a problem document (RFC 9457), as the API itself does."""
    body = orjson.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
    return Response(body, status, headers, media_type="application/problem+json")


def record_in(office: Office) -> Callable[..., None]:
    """Return the ledger's pen."""

    def record(act: str, principal: Principal, what: str, detail: dict[str, object]) -> None:
        office.services(principal).store.record(act, what, detail)

    return record


def policy_at(routes: Iterable[BaseRoute], scope: Scope) -> Policy | None:
    """Return the policy of the route that will answer, None where none will or it declares nothing.

    Routes are tried in the router's own order with its own rule, so gate and router cannot disagree.
    """
    for route in routes:
        match, child = route.matches(dict(scope))
        if match is not Match.FULL:
            continue
        declared = policy_of(getattr(route, "endpoint", None)) or policy_of(getattr(route, "app", None))
        below = getattr(route, "routes", None)
        return policy_at(below, {**scope, **child}) if declared is None and below else declared
    return None
