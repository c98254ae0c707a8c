"""Sign in, sign out, and say what went wrong: the pages of the staff site that everybody may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from geo_service.errors import GeoServiceError, SignInError
from geo_service.model.access import ANYBODY, Audience
from geo_service.web.pages import page_route, read_form
from geo_service.web.staff_pages import nav_of
from geo_service.workflows.policy import PRINCIPAL, RECORDED_BY_THE_WORKFLOW, declare

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from geo_service.model.access import Principal
    from geo_service.model.ports import Redirects
    from geo_service.web.pages import Pages
    from geo_service.web.sessions import Sessions

NOTHING_THERE: Final = "There is no page at this address."
BACK: Final = "/sign-in/back"
"""Where an organisation's own sign-in sends browsers back to."""
_BEGUN_S: Final = 600
_AT_ONCE: Final = 4
"""Sign-ins that are worked on; more wait, and keep no thread from those who are in."""


class FrontDoor:
    """Hold the pages of coming in and going out."""

    def __init__(
        self, sessions: Sessions, pages: Pages, address: str, redirects: Redirects | None, *, proxied: bool
    ) -> None:
        """Take what they need.

        address: the site's own, without a closing slash. redirects: sign-in through an organisation, None where there
        is none. proxied: requests come from a proxy, so that nobody's address is known.
        """
        self.sessions = sessions
        self.pages = pages
        self._address = address
        self._redirects = redirects
        self._proxied = proxied
        self._limiter = CapacityLimiter(_AT_ONCE)
        self._begun = sessions.cookie_name.replace("session", "begun")

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        everybody, itself = Audience.PUBLIC, RECORDED_BY_THE_WORKFLOW

        @declare(everybody)
        async def take_password(request: Request) -> Response:
            form = await read_form(request)
            return await to_thread.run_sync(self._by_password, form, self._client(request), limiter=self._limiter)

        by_organisation = [
            page_route("/sign-in/organisation", self.begin, everybody),
            page_route(BACK, self.come_back, everybody),
        ]
        return [
            page_route("/sign-in", self.sign_in, everybody),
            Route("/sign-in", take_password, methods=["POST"]),
            page_route("/signed-out", self.signed_out, everybody),
            page_route("/sign-out", self.sign_out, Audience.FORCE, roles=ANYBODY, act=itself, methods=("POST",)),
            *(by_organisation if self._redirects else []),
        ]

    # --- coming in ----------------------------------------------------------------------------

    def sign_in(self, request: Request) -> Response:
        """Show how to come in, or follow the one-time link."""
        token = request.query_params.get("token", "")
        if request.method != "GET":
            # A preview of the link must not use it up.
            return Response(status_code=204)
        session = self.sessions.follow(token) if token else None
        if session is None:
            return self._page(403 if token else 200, link_failed=bool(token))
        return self._let_in(session)

    def _by_password(self, form: dict[str, str], client: str) -> Response:
        """Let in by name and password."""
        name = form.get("name", "")
        try:
            session = self.sessions.sign_in(name, form.get("password", ""), client)
        except SignInError as problem:
            return self._page(403, message=problem.message, name=name)
        answer = RedirectResponse("/", 303, self.pages.headers)
        self._keep(answer, session)
        return answer

    def begin(self, request: Request) -> Response:
        """Send the browser to the organisation's own sign-in."""
        del request
        assert self._redirects is not None  # noqa: S101 - there is no such route otherwise
        try:
            address, kept = self._redirects.begin()
        except SignInError as problem:
            return self._page(403, message=problem.message)
        answer = RedirectResponse(address, 303, self.pages.headers)
        # Lax, because the browser comes back from a page of another site.
        answer.set_cookie(self._begun, kept, max_age=_BEGUN_S, httponly=True, secure=True, samesite="lax", path="/")
        return answer

    def come_back(self, request: Request) -> Response:
        """Let in whom the organisation vouches for."""
        assert self._redirects is not None  # noqa: S101 - there is no such route otherwise
        kept = self.sessions.cookie(request.headers.get("cookie", ""), self._begun)
        try:
            principal = self._redirects.finish(f"{self._address}{BACK}?{request.url.query}", kept)
            answer = self._let_in(self.sessions.admit(principal))
        except GeoServiceError as problem:
            answer = self._page(403, message=problem.message)
        answer.delete_cookie(self._begun, httponly=True, secure=True, samesite="lax", path="/")
        return answer

    def _let_in(self, session: str) -> Response:
        # A page, not a redirect: a browser that comes from elsewhere would not send a strict cookie on.
        answer = self.pages("signed_in.html")
        self._keep(answer, session)
        return answer

    def _keep(self, answer: Response, session: str) -> None:
        answer.set_cookie(self.sessions.cookie_name, session, httponly=True, secure=True, samesite="strict", path="/")

    def _client(self, request: Request) -> str:
        return "" if self._proxied or request.client is None else request.client.host

    # --- going out ----------------------------------------------------------------------------

    def sign_out(self, request: Request) -> Response:
        """End every session of whoever asks, everywhere."""
        self.sessions.sign_out(request.headers.get("cookie", ""))
        answer = RedirectResponse("/signed-out", 303, self.pages.headers)
        answer.delete_cookie(self.sessions.cookie_name, httponly=True, secure=True, samesite="strict", path="/")
        return answer

    def signed_out(self, request: Request) -> Response:
        """Say that all sessions have ended."""
        del request
        return self.pages("signed_out.html", by_name=self.sessions.by_name())

    # --- what went wrong ----------------------------------------------------------------------

    def refuse(self, status: int, message: str, principal: Principal | None = None) -> Response:
        """Return the page for somebody whom the gate does not let through."""
        if principal is not None:
            return self._error(principal, status, "Page not found", NOTHING_THERE)
        if not message:
            return self._page(status)
        return self.pages("error.html", status, title="The ledger cannot be written", message=message)

    def problem(self, request: Request, problem: Exception) -> Response:
        """Show an error of ours."""
        assert isinstance(problem, GeoServiceError)  # noqa: S101 - what this handler is registered for
        return self._error(request.scope.get(PRINCIPAL), problem.http_status, problem.title, problem.message)

    def http_problem(self, request: Request, problem: Exception) -> Response:
        """Show an error of the router."""
        assert isinstance(problem, HTTPException)  # noqa: S101 - what this handler is registered for
        known = {404: NOTHING_THERE, 405: "This page is not asked for in this way."}
        message = known.get(problem.status_code, str(problem.detail))
        title = "Page not found" if problem.status_code == 404 else "Request not understood"  # noqa: PLR2004
        return self._error(request.scope.get(PRINCIPAL), problem.status_code, title, message)

    def fault(self, request: Request, problem: Exception) -> Response:
        """Show that we failed, and nothing else."""
        del problem
        message = "This is a fault of the program, not yours. What happened is in the log of the command."
        return self._error(request.scope.get(PRINCIPAL), 500, "Something went wrong", message)

    def _error(self, principal: Principal | None, status: int, title: str, message: str) -> Response:
        nav = nav_of(principal) if principal else ()
        return self.pages("error.html", status, nav=nav, title=title, message=message)

    def _page(self, status: int, *, message: str = "", name: str = "", link_failed: bool = False) -> Response:
        return self.pages(
            "sign_in.html",
            status,
            passwords=self.sessions.has_accounts(),
            organisation=self._redirects is not None,
            message=message,
            given=name,
            link_failed=link_failed,
        )
