"""Who comes in: by name and password, by session, by API key. The one interface around the libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.accounts import throttle
from geo_service.accounts.keys import Keys
from geo_service.accounts.passwords import Passwords, refuse_weak
from geo_service.accounts.sessions import ELSEWHERE, Sessions, at_address, known_elsewhere
from geo_service.errors import NotFoundError, SignInError
from geo_service.model.access import ALTERATION, SIGN_IN, AuditEvent
from geo_service.model.accounts import Account, Passed, sign_in_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from geo_service.model.access import Principal
    from geo_service.model.accounts import ApiKey, KeyRequest
    from geo_service.model.ports import AccountRows

NOBODY: Final = "nobody known"
"""Actor of a refused sign-in under a name that no account has: what was typed may be somebody's password."""


class LocalAuthority:
    """Let in whom the accounts of this installation know."""

    def __init__(self, rows: AccountRows, clock: Callable[[], dt.datetime], passwords: Passwords) -> None:
        """Ask `rows` for accounts, and `clock` for the time."""
        self._rows = rows
        self._clock = clock
        self._passwords = passwords
        self._sessions = Sessions(rows, clock)
        self._keys = Keys(rows, clock)

    # --- coming in ----------------------------------------------------------------------------

    def has_accounts(self) -> bool:
        """Tell whether there is any account with a password."""
        return self._rows.has_passwords()

    def sign_in(self, name: str, password: str, address: str = "") -> str:
        """Return the token of a new session; raise SignInError, the same for an unknown name and a wrong password.

        address: where they come from; who fails there often has to wait.
        """
        account_id = sign_in_name(name)
        counted = throttle.subjects(account_id, address)
        throttle.refuse_early(self._rows.failures(list(counted)), self._clock())
        with self._passwords.turn():
            # Others may have failed while this one waited for its turn.
            throttle.refuse_early(self._rows.failures(list(counted)), self._clock())
            account, passed = self._checked(account_id, password)
        if account is not None and passed is not None:
            how = "with name and password"
            token = self._sessions.open(account.principal, how, address=address, passed=passed)
            if token is not None:
                return token
        self._refuse(account_id, account, counted, address)
        raise SignInError(
            "The name or the password is not right", do="Check both; capital letters matter in the password"
        )

    def admit(self, principal: Principal) -> str:
        """Return the token of a new session for somebody who was proved elsewhere (OIDC, one-time link).

        Raises SignInError where an account here keeps them out.
        """
        elsewhere = principal.account.startswith(ELSEWHERE)
        if elsewhere and known_elsewhere(self._rows, principal) is None:
            raise SignInError("Your account here does not allow this", do="Ask whoever keeps the accounts")
        how = "through the organisation" if elsewhere else "with a one-time link"
        return self._sessions.open(principal, how) or ""

    def by_session(self, token: str) -> Principal | None:
        """Return who holds a session that has not ended: 15 minutes idle, ten hours in all, signed out, disabled."""
        return self._sessions.holder(token)

    def by_key(self, key: str) -> Principal | None:
        """Return whose API key it is, never more than their account may; None for unknown, expired and revoked."""
        return self._keys.holder(key)

    def sign_out(self, token: str) -> None:
        """End every session of whoever holds this one."""
        self._sessions.end_all(token)

    def _checked(self, account_id: str, password: str) -> tuple[Account | None, Passed | None]:
        """Return the account of a name, and what was proved by the password; the work is the same for every name."""
        found = self._rows.account(account_id)
        account = None if found is None else Account.of(found)
        hashed = None if account is None else self._rows.password_hash(account_id)
        right = self._passwords.matches(hashed, password)
        if account is None or hashed is None or not right or not account.active:
            return account, None
        renewed = self._passwords.renewed(hashed, password)
        return account, Passed(hashed, throttle.of_name(account_id), renewed)

    def _refuse(self, account_id: str, account: Account | None, counted: dict[str, str], address: str) -> None:
        """Count a refused sign-in and write it down."""
        now = self._clock()
        who = NOBODY if account is None else account_id
        what = "refused: name or password" if account is None or account.active else "refused: disabled account"
        event = AuditEvent(SIGN_IN, who, what, now, at_address(address))
        self._sessions.drop_ended(now)
        self._rows.count_failures(list(counted), throttle.counter(counted, now), event)

    # --- passwords and keys -------------------------------------------------------------------

    def refuse_weak(self, account_id: str, password: str) -> None:
        """Raise InputError for a password that is too short or easily guessed."""
        refuse_weak(account_id, password)

    def set_password(self, account_id: str, password: str, actor: Principal) -> None:
        """Set a password and end every session of the account; raise InputError for one that is easily guessed."""
        if self._rows.account(account_id) is None:
            raise NotFoundError(
                "No account of that id", found=account_id, do="See `geo-service accounts list`", field="id"
            )
        refuse_weak(account_id, password)
        hashed = self._passwords.hashed(password)
        what = f"account {account_id}"
        self._rows.set_password(
            account_id, hashed, AuditEvent(f"{ALTERATION}: password set", actor.name, what, self._clock())
        )

    def end_sessions(self, account_id: str, actor: Principal) -> None:
        """End every session of an account."""
        event = AuditEvent(SIGN_IN, actor.name, f"sessions of {account_id} ended", self._clock())
        if account_id:
            self._rows.end_sessions(account_id, "", event)

    def make_key(self, wanted: KeyRequest, actor: Principal) -> tuple[str, ApiKey]:
        """Return a new API key, which is never shown again, and what is kept of it; raise InputError, NotFoundError."""
        return self._keys.make(wanted, actor)

    def keys(self) -> Sequence[ApiKey]:
        """List the API keys, oldest first."""
        return self._keys.all()

    def revoke_key(self, key_id: str, actor: Principal) -> ApiKey:
        """End an API key; raise NotFoundError."""
        return self._keys.revoke(key_id, actor)
