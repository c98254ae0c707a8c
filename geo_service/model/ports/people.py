"""Who somebody is, and how they prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from geo_service.model.access import AuditEvent, Item, Principal
    from geo_service.model.accounts import ApiKey, Failures, KeyRequest, Passed, Session


class AccountRows(Protocol):
    """Keep the secrets of accounts, hashed, and who is in; what is written with an event is one transaction with it."""

    def account(self, account_id: str) -> Item | None:
        """Return the account of that sign-in name."""

    def accounts_of(self, subject: str) -> Sequence[Item]:
        """List the accounts of somebody whom the organisation knows by that subject."""

    def has_passwords(self) -> bool:
        """Tell whether any account has a password."""

    def password_hash(self, account_id: str) -> str | None:
        """Return the hash of an account's password."""

    def set_password(self, account_id: str, hashed: str, event: AuditEvent) -> None:
        """Keep a new hash; every session of the account ends."""

    def failures(self, sha256s: Sequence[str]) -> Sequence[Failures]:
        """List the refused sign-ins that are counted for some names and addresses."""

    def count_failures(
        self, sha256s: Sequence[str], count: Callable[[Sequence[Failures]], Sequence[Failures]], event: AuditEvent
    ) -> None:
        """Let `count` make new counts of those of some names and addresses."""

    def open_session(self, session: Session, event: AuditEvent, passed: Passed | None = None) -> bool:
        """Keep a session, unless the password that was given is no longer the one; return whether it was kept."""

    def session(self, sha256: str) -> Session | None:
        """Return a session by the hash of its token."""

    def touch_session(self, sha256: str, at: dt.datetime) -> None:
        """Keep when a session was last used."""

    def end_sessions(self, account_id: str, sha256: str, event: AuditEvent) -> None:
        """End every session of an account, or, where it is empty, the one of that hash."""

    def drop_ended(self, *, failed: dt.datetime, opened: dt.datetime, seen: dt.datetime) -> None:
        """Remove refused sign-ins and sessions that are older than that, and sessions not used since."""

    def add_key(self, key: ApiKey, event: AuditEvent) -> None:
        """Keep an API key."""

    def key(self, key_id: str) -> ApiKey | None:
        """Return an API key by its id."""

    def keys(self) -> Sequence[ApiKey]:
        """List the API keys, oldest first."""

    def revoke_key(self, key_id: str, at: dt.datetime, event: AuditEvent) -> None:
        """End an API key."""


class Credentials(Protocol):
    """Give accounts their passwords and keys."""

    def set_password(self, account_id: str, password: str, actor: Principal) -> None:
        """Set a password and end every session of the account; raise InputError for one that is easily guessed."""

    def refuse_weak(self, account_id: str, password: str) -> None:
        """Raise InputError for a password that is too short or easily guessed."""

    def end_sessions(self, account_id: str, actor: Principal) -> None:
        """End every session of an account."""

    def make_key(self, wanted: KeyRequest, actor: Principal) -> tuple[str, ApiKey]:
        """Return a new API key, which is never shown again, and what is kept of it; raise InputError, NotFoundError."""

    def keys(self) -> Sequence[ApiKey]:
        """List the API keys, oldest first."""

    def revoke_key(self, key_id: str, actor: Principal) -> ApiKey:
        """End an API key; raise NotFoundError."""


class Authority(Protocol):
    """Know who comes in: by name and password, by session, by API key. Each sign-in, refused or not, is an event."""

    def has_accounts(self) -> bool:
        """Tell whether there is any local account."""

    def sign_in(self, name: str, password: str, address: str = "") -> str:
        """Return the token of a new session; raise SignInError, the same for an unknown name and a wrong password.

        address: where they come from; who fails there often has to wait.
        """

    def admit(self, principal: Principal) -> str:
        """Return the token of a new session for somebody who was proved elsewhere (OIDC, one-time link)."""

    def by_session(self, token: str) -> Principal | None:
        """Return who holds a session that has not ended: 15 minutes idle, ten hours in all, signed out, disabled."""

    def by_key(self, key: str) -> Principal | None:
        """Return whose API key it is, never more than their account may; None for unknown, expired and revoked."""

    def sign_out(self, token: str) -> None:
        """End every session of whoever holds this one."""


class Accounts(Authority, Credentials, Protocol):
    """Know who comes in, and give them what they come in with."""


class Redirects(Protocol):
    """Sign in through an organisation's own server (OpenID Connect, authorization code with PKCE)."""

    def begin(self) -> tuple[str, str]:
        """Return the address to send the browser to, and what must come back with it (keep it in a cookie)."""

    def finish(self, address: str, kept: str) -> Principal:
        """Return who came back, proved by the ID token; raise SignInError.

        address: all of the address that the browser came back to. kept: what `begin` gave.
        """
