"""Rows of passwords, refused sign-ins, sessions and API keys in the ledger's database."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from geo_service.errors import NotFoundError
from geo_service.model.access import Principal, Role
from geo_service.model.accounts import ACCOUNT, ApiKey, Failures, Session
from geo_service.store import schema
from geo_service.store.items import LedgerItems
from geo_service.store.proofs import proving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geo_service.model.access import AuditEvent, Item
    from geo_service.model.accounts import Passed
    from geo_service.store.ledger import Ledger

_READER = Principal("accounts", frozenset())


class LedgerPeople:
    """Keep what accounts need; each act is one transaction with its event."""

    def __init__(self, ledger: Ledger) -> None:
        """Keep it in the ledger's database."""
        self._ledger = ledger
        self._items = LedgerItems(ledger, ACCOUNT, _READER)

    # --- accounts and passwords ---------------------------------------------------------------

    def account(self, account_id: str) -> Item | None:
        """Return the account of that sign-in name."""
        try:
            return self._items.get(account_id)
        except NotFoundError:
            return None

    def accounts_of(self, subject: str) -> Sequence[Item]:
        """List the accounts of somebody whom the organisation knows by that subject."""
        return [item for item in self._items.all() if subject and item.content.get("subject") == subject]

    def has_passwords(self) -> bool:
        """Tell whether any account has a password."""
        item, credential = schema.item.c, schema.credential.c
        query = (
            sa.select(credential.account)
            .where(item.kind == ACCOUNT, item.id == credential.account, item.content.is_not(None))
            .limit(1)
        )
        with self._ledger.database.reading() as connection:
            return connection.scalar(query) is not None

    def password_hash(self, account_id: str) -> str | None:
        """Return the hash of an account's password."""
        with self._ledger.database.reading() as connection:
            return _hash(connection, account_id)

    def set_password(self, account_id: str, hashed: str, event: AuditEvent) -> None:
        """Keep a new hash; every session of the account ends."""
        row = {"account": account_id, "hash": hashed, "changed_at": _written(event.at)}
        with self._ledger.recording() as pen:
            pen.connection.execute(sa.delete(schema.credential).filter_by(account=account_id))
            pen.connection.execute(sa.insert(schema.credential).values(row))
            pen.connection.execute(sa.delete(schema.session).filter_by(account=account_id))
            pen.record(proving(event, schema.credential, row))

    # --- refused sign-ins ---------------------------------------------------------------------

    def failures(self, sha256s: Sequence[str]) -> Sequence[Failures]:
        """List the refused sign-ins that are counted for some names and addresses."""
        query = sa.select(schema.attempt).where(schema.attempt.c.sha256.in_(sha256s))
        with self._ledger.database.reading() as connection:
            return _failures(connection.execute(query))

    def count_failures(
        self, sha256s: Sequence[str], count: Callable[[Sequence[Failures]], Sequence[Failures]], event: AuditEvent
    ) -> None:
        """Let `count` make new counts of those of some names and addresses."""
        attempt = schema.attempt
        with self._ledger.recording() as pen:
            known = _failures(pen.connection.execute(sa.select(attempt).where(attempt.c.sha256.in_(sha256s))))
            pen.connection.execute(sa.delete(attempt).where(attempt.c.sha256.in_(sha256s)))
            for made in count(known):
                row = {
                    "sha256": made.sha256,
                    "failures": made.failures,
                    "failed_at": _written(made.failed_at),
                    "locked_until": _written(made.locked_until),
                }
                pen.connection.execute(sa.insert(attempt).values(row))
            pen.record(event)

    def drop_ended(self, *, failed: dt.datetime, opened: dt.datetime, seen: dt.datetime) -> None:
        """Remove refused sign-ins and sessions that are older than that, and sessions not used since."""
        attempt, session = schema.attempt.c, schema.session.c
        old = sa.or_(session.opened_at < _written(opened), session.seen_at < _written(seen))
        with self._ledger.recording() as pen:
            pen.connection.execute(sa.delete(schema.attempt).where(attempt.failed_at < _written(failed)))
            pen.connection.execute(sa.delete(schema.session).where(old))

    # --- sessions -----------------------------------------------------------------------------

    def open_session(self, session: Session, event: AuditEvent, passed: Passed | None = None) -> bool:
        """Keep a session, unless the password that was given is no longer the one; return whether it was kept."""
        row = {
            "sha256": session.sha256,
            "account": session.account,
            "principal": _principal_text(session.principal),
            "opened_at": _written(session.opened_at),
            "seen_at": _written(session.seen_at),
        }
        with self._ledger.recording() as pen:
            if passed is not None:
                if _hash(pen.connection, session.account) != passed.hashed:
                    return False
                pen.connection.execute(sa.delete(schema.attempt).filter_by(sha256=passed.forgiven))
            if passed is not None and passed.renewed:
                whose = {"account": session.account}
                pen.connection.execute(sa.update(schema.credential).filter_by(**whose).values(hash=passed.renewed))
                kept = pen.connection.execute(sa.select(schema.credential).filter_by(**whose)).mappings().one()
                event = proving(event, schema.credential, kept)
            pen.connection.execute(sa.insert(schema.session).values(row))
            pen.record(proving(event, schema.session, row))
        return True

    def session(self, sha256: str) -> Session | None:
        """Return a session by the hash of its token."""
        with self._ledger.database.reading() as connection:
            row = connection.execute(sa.select(schema.session).filter_by(sha256=sha256)).first()
        return None if row is None else _session(row)

    def touch_session(self, sha256: str, at: dt.datetime) -> None:
        """Keep when a session was last used."""
        with self._ledger.recording() as pen:
            pen.connection.execute(sa.update(schema.session).filter_by(sha256=sha256).values(seen_at=_written(at)))

    def end_sessions(self, account_id: str, sha256: str, event: AuditEvent) -> None:
        """End every session of an account, or, where it is empty, the one of that hash."""
        whose = {"account": account_id} if account_id else {"sha256": sha256}
        with self._ledger.recording() as pen:
            pen.connection.execute(sa.delete(schema.session).filter_by(**whose))
            pen.record(event)

    # --- API keys -----------------------------------------------------------------------------

    def add_key(self, key: ApiKey, event: AuditEvent) -> None:
        """Keep an API key."""
        row = {
            "id": key.id,
            "sha256": key.sha256,
            "name": key.name,
            "account": key.account,
            "roles": json.dumps(sorted(key.roles)),
            "areas": None if key.areas is None else json.dumps(key.areas),
            "made_at": _written(key.made_at),
            "expires_at": _written(key.expires_at),
        }
        with self._ledger.recording() as pen:
            pen.connection.execute(sa.insert(schema.api_key).values(row))
            pen.record(proving(event, schema.api_key, row))

    def key(self, key_id: str) -> ApiKey | None:
        """Return an API key by its id."""
        with self._ledger.database.reading() as connection:
            row = connection.execute(sa.select(schema.api_key).filter_by(id=key_id)).first()
        return None if row is None else _key(row)

    def keys(self) -> Sequence[ApiKey]:
        """List the API keys, oldest first."""
        key = schema.api_key.c
        with self._ledger.database.reading() as connection:
            return [_key(row) for row in connection.execute(sa.select(schema.api_key).order_by(key.made_at, key.id))]

    def revoke_key(self, key_id: str, at: dt.datetime, event: AuditEvent) -> None:
        """End an API key."""
        with self._ledger.recording() as pen:
            pen.connection.execute(sa.update(schema.api_key).filter_by(id=key_id).values(revoked_at=_written(at)))
            kept = pen.connection.execute(sa.select(schema.api_key).filter_by(id=key_id)).mappings().all()
            pen.record(proving(event, schema.api_key, *kept))


def _hash(connection: sa.Connection, account_id: str) -> str | None:
    found = connection.scalar(sa.select(schema.credential.c.hash).filter_by(account=account_id))
    return None if found is None else str(found)


def _written(at: dt.datetime) -> str:
    """Return a moment as text, in UTC; such texts are ordered as the moments are."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _failures(rows: Iterable[sa.Row[Any]]) -> list[Failures]:
    return [Failures(row.sha256, row.failures, _moment(row.failed_at), _moment(row.locked_until)) for row in rows]


def _roles(words: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(word) for word in words)


def _areas(codes: list[str] | None) -> tuple[str, ...] | None:
    return None if codes is None else tuple(codes)


def _principal_text(principal: Principal) -> str:
    return json.dumps([principal.name, sorted(principal.roles), principal.areas, principal.account])


def _session(row: sa.Row[Any]) -> Session:
    name, roles, areas, account = json.loads(row.principal)
    principal = Principal(name, _roles(roles), _areas(areas), account)
    return Session(row.sha256, row.account, principal, _moment(row.opened_at), _moment(row.seen_at))


def _key(row: sa.Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        sha256=row.sha256,
        name=row.name,
        account=row.account,
        roles=_roles(json.loads(row.roles)),
        areas=_areas(None if row.areas is None else json.loads(row.areas)),
        made_at=_moment(row.made_at),
        expires_at=_moment(row.expires_at),
        revoked_at=None if row.revoked_at is None else _moment(row.revoked_at),
    )
