"""Who may come in: people by name and password, organisation or one-time link; programs by key or one-off token."""

from __future__ import annotations

import hashlib
import secrets
import threading
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final

from geo_service.model.access import OPERATOR, Principal

if TYPE_CHECKING:
    from geo_service.model.ports import Authority

BY_LINK: Final = Principal("staff site, one-time link", OPERATOR)
BY_TOKEN: Final = Principal("API, bearer token", OPERATOR)


class Sessions:
    """Tell from what a request carries who it is from; the authority keeps the sessions.

    The one-time link and the one-off token are for one person at their own machine: once anybody is known by name,
    they open nothing any more, and neither does a session that the link began.
    """

    def __init__(
        self, authority: Authority, address: str, *, token: str = "", api_token: str = "", elsewhere: bool = False
    ) -> None:
        """Take who knows the accounts, the site's address, and the tokens of link and API (empty: none).

        elsewhere: an organisation's own sign-in is set up.
        """
        self._authority = authority
        self._token: str | None = token or None
        self._api_token = api_token
        self._elsewhere = elsewhere
        self._lock = threading.Lock()
        # Cookies know no ports, so two sites on one machine need different names; a site keeps its own when it is
        # started again. The prefix makes browsers refuse one that another host set, or that is sent in the clear.
        self.cookie_name = f"__Host-session-{hashlib.sha256(address.encode()).hexdigest()[:8]}"

    def has_accounts(self) -> bool:
        """Tell whether there is anybody with a password here."""
        return self._authority.has_accounts()

    def by_name(self) -> bool:
        """Tell whether people come in by name, and no longer by link."""
        return self._elsewhere or self._authority.has_accounts()

    def sign_in(self, name: str, password: str, address: str) -> str:
        """Return a new session; raise SignInError. address: where they come from, empty where that is not known."""
        return self._authority.sign_in(name, password, address)

    def admit(self, principal: Principal) -> str:
        """Return a new session for somebody whom the organisation vouches for; raise SignInError."""
        return self._authority.admit(principal)

    def follow(self, token: str) -> str | None:
        """Return a new session for the link's token, once; None for a wrong or used one."""
        with self._lock:
            if self._token is None or not _same(token, self._token) or self.by_name():
                return None
            session = self._authority.admit(BY_LINK)
            # Only now: a sign-in that cannot be written down has not used the link up.
            self._token = None
            return session

    def sign_out(self, cookie_header: str) -> None:
        """End every session of whoever holds the one that a Cookie header names."""
        self._authority.sign_out(self.cookie(cookie_header, self.cookie_name))

    def by_cookie(self, cookie_header: str) -> Principal | None:
        """Return who holds the session that a Cookie header names."""
        token = self.cookie(cookie_header, self.cookie_name)
        principal = self._authority.by_session(token) if token else None
        if principal is None or (not principal.account and self.by_name()):
            return None
        return principal

    def by_bearer(self, authorization: str) -> Principal | None:
        """Return whose key an Authorization header carries."""
        scheme, _, key = authorization.partition(" ")
        if scheme.casefold() != "bearer":
            return None
        if self._api_token and _same(key.strip(), self._api_token):
            return None if self.by_name() else BY_TOKEN
        return self._authority.by_key(key.strip())

    @staticmethod
    def cookie(cookie_header: str, name: str) -> str:
        """Return the value of a cookie, empty where there is none."""
        try:
            found = SimpleCookie(cookie_header).get(name)
        except CookieError:
            return ""
        return "" if found is None else found.value


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "backslashreplace"), wanted.encode())
