"""Who may come in: a one-time link for a browser, a bearer token for a program."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from geo_service.model.access import OPERATOR, Principal

if TYPE_CHECKING:
    from collections.abc import Callable

LASTS = dt.timedelta(hours=12)
"""A session ends with the shift; the browser forgets it earlier when it is closed."""


class Sessions:
    """Keep the one-time link and the sessions in memory; stopping the site ends them all."""

    def __init__(self, token: str, api_token: str, clock: Callable[[], dt.datetime]) -> None:
        """Take the link's token and the API's (empty: nobody comes in by bearer token)."""
        self._token: str | None = token or None
        self._api_token = api_token
        self._clock = clock
        self._ends: dict[str, dt.datetime] = {}
        self._lock = threading.Lock()
        # Cookies know no ports, so two sites on one machine need different names.
        self.cookie_name = f"session_{secrets.token_hex(4)}"

    def sign_in(self, token: str) -> str | None:
        """Return a new session for the right token, once; None for a wrong or used one."""
        with self._lock:
            if self._token is None or not _same(token, self._token):
                return None
            self._token = None
            session = secrets.token_urlsafe(32)
            self._ends[session] = self._clock() + LASTS
            return session

    def sign_out(self, cookie_header: str) -> None:
        """End the session that a Cookie header names."""
        with self._lock:
            self._ends.pop(self._session(cookie_header), None)

    def by_cookie(self, cookie_header: str) -> Principal | None:
        """Return who holds the session that a Cookie header names."""
        ends = self._ends.get(self._session(cookie_header))
        if ends is None or ends <= self._clock():
            return None
        return Principal("staff site, one-time link", OPERATOR)

    def by_bearer(self, authorization: str) -> Principal | None:
        """Return who sends the API's token in an Authorization header."""
        scheme, _, token = authorization.partition(" ")
        if not self._api_token or scheme.casefold() != "bearer" or not _same(token.strip(), self._api_token):
            return None
        return Principal("API, bearer token", OPERATOR)

    def _session(self, cookie_header: str) -> str:
        try:
            found = SimpleCookie(cookie_header).get(self.cookie_name)
        except CookieError:
            return ""
        return "" if found is None else found.value


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode(), wanted.encode())
