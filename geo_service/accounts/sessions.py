"""Sessions: an opaque token in a cookie; of it only its hash is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Final

from geo_service.accounts.throttle import FORGOTTEN
from geo_service.errors import AccessError
from geo_service.model import accounts
from geo_service.model.access import SIGN_IN, AuditEvent
from geo_service.model.accounts import Account, Session, refuse_both

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.access import Principal
    from geo_service.model.accounts import Passed
    from geo_service.model.ports import AccountRows

IDLE: Final = dt.timedelta(minutes=15)
"""A session that was not used for so long has ended."""
LONGEST: Final = dt.timedelta(hours=10)
"""A session that was opened so long ago has ended, however much it is used."""
_NOTED_EVERY: Final = dt.timedelta(minutes=1)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

ELSEWHERE: Final = accounts.ELSEWHERE


def token_hash(token: str) -> str:
    """Return what is kept of a token or key: of 256 random bits a plain hash gives nothing away."""
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


class Sessions:
    """Open, find and end sessions."""

    def __init__(self, rows: AccountRows, clock: Callable[[], dt.datetime]) -> None:
        """Keep them in `rows`."""
        self._rows = rows
        self._clock = clock

    def open(self, principal: Principal, how: str, *, address: str = "", passed: Passed | None = None) -> str | None:
        """Return the token of a new session; None where the password was changed meanwhile.

        how: in words, for the event.
        """
        now, token = self._clock(), secrets.token_urlsafe(32)
        session = Session(token_hash(token), principal.account, principal, now, now)
        detail = {"account": principal.account, "roles": sorted(principal.roles)} | at_address(address)
        event = AuditEvent(SIGN_IN, principal.name, f"signed in {how}", now, detail)
        self.drop_ended(now)
        return token if self._rows.open_session(session, event, passed) else None

    def drop_ended(self, now: dt.datetime) -> None:
        """Remove ended sessions and forgotten failures, so that nobody can fill the disk with them."""
        self._rows.drop_ended(failed=now - FORGOTTEN, opened=now - LONGEST, seen=now - IDLE)

    def holder(self, token: str) -> Principal | None:
        """Return who holds a session that has not ended, as their account is at this moment."""
        if not _TOKEN.fullmatch(token):
            return None
        session, now = self._rows.session(token_hash(token)), self._clock()
        if session is None or not _lives(session, now):
            return None
        principal = self._as_of_now(session)
        if principal is not None and now - session.seen_at >= _NOTED_EVERY:
            self._rows.touch_session(session.sha256, now)
        return principal

    def end_all(self, token: str) -> None:
        """End every session of whoever holds this one; a token that opens nothing ends nothing."""
        session = self._rows.session(token_hash(token))
        if session is not None:
            who, detail = session.principal.name, {"account": session.account}
            event = AuditEvent(SIGN_IN, who, "signed out everywhere", self._clock(), detail)
            self._rows.end_sessions(session.account, session.sha256, event)

    def _as_of_now(self, session: Session) -> Principal | None:
        """Return who it lets in now: accounts may have been changed or disabled since it was opened."""
        if session.account.startswith(ELSEWHERE):
            return known_elsewhere(self._rows, session.principal)
        if not session.account:
            return session.principal
        found = self._rows.account(session.account)
        account = None if found is None else Account.of(found)
        return account.principal if account is not None and account.active else None


def known_elsewhere(rows: AccountRows, principal: Principal) -> Principal | None:
    """Return somebody whom the organisation vouches for, unless accounts of theirs here forbid it.

    An account with their subject that is disabled keeps them out, and so does one that is auditor where they are
    admin elsewhere, or admin where they are auditor: one person, whatever they are called.
    """
    accounts = [Account.of(item) for item in rows.accounts_of(principal.account.removeprefix(ELSEWHERE))]
    try:
        refuse_both(principal.roles.union(*(account.roles for account in accounts)))
    except AccessError:
        return None
    return principal if all(account.active for account in accounts) else None


def at_address(address: str) -> dict[str, object]:
    """Return the part of an event's detail that tells where somebody came from."""
    return {"address": address[:100]} if address else {}


def _lives(session: Session, now: dt.datetime) -> bool:
    # A clock that was put back must not make sessions live for ever.
    idle, age = now - session.seen_at, now - session.opened_at
    return -IDLE < idle < IDLE and -IDLE < age < LONGEST
