"""API keys: for programs, shown once, hashed, with an end, never more than their owner."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import TYPE_CHECKING, Final

from geo_service.accounts.sessions import token_hash
from geo_service.errors import ConflictError, InputError, NotFoundError
from geo_service.model.access import ALTERATION, AuditEvent, Principal
from geo_service.model.accounts import Account, ApiKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo_service.model.accounts import KeyRequest
    from geo_service.model.ports import AccountRows

PREFIX: Final = "gsk_"
"""How every key begins, so that one that was left lying about is recognised."""
MOST_DAYS: Final = 366
_KEY: Final = re.compile(PREFIX + r"([0-9a-f]{12})_[A-Za-z0-9_-]{43}", re.ASCII)
_LONGEST_NAME: Final = 100


class Keys:
    """Make, find and end API keys."""

    def __init__(self, rows: AccountRows, clock: Callable[[], dt.datetime]) -> None:
        """Keep them in `rows`."""
        self._rows = rows
        self._clock = clock

    def make(self, wanted: KeyRequest, actor: Principal) -> tuple[str, ApiKey]:
        """Return a new key and what is kept of it; raise InputError where it would be more than its owner."""
        found = self._rows.account(wanted.account)
        if found is None:
            raise NotFoundError(
                "No account of that id", found=wanted.account, do="See `geo-service accounts list`", field="account"
            )
        owner = Account.of(found)
        _refuse(wanted, owner)
        now, key_id = self._clock(), secrets.token_hex(6)
        secret = f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}"
        ends = now + dt.timedelta(days=wanted.days)
        key = ApiKey(key_id, token_hash(secret), wanted.name.strip(), owner.id, wanted.roles, wanted.areas, now, ends)
        detail: dict[str, object] = {
            "account": owner.id,
            "roles": sorted(key.roles),
            "areas": key.areas,
            "expires": f"{ends:%Y-%m-%d}",
        }
        self._rows.add_key(key, AuditEvent(f"{ALTERATION}: API key made", actor.name, f"key {key_id}", now, detail))
        return secret, key

    def holder(self, key: str) -> Principal | None:
        """Return whose key it is, with what key and account both have; None for one that opens nothing."""
        shape = _KEY.fullmatch(key)
        held = self._rows.key(shape[1]) if shape else None
        if held is None or not secrets.compare_digest(held.sha256, token_hash(key)):
            return None
        if held.revoked_at is not None or not held.made_at <= self._clock() < held.expires_at:
            return None
        found = self._rows.account(held.account)
        owner = None if found is None else Account.of(found)
        if owner is None or not owner.active or not held.roles & owner.roles:
            return None
        name = f"{owner.id}, API key {held.id}"
        return Principal(name, held.roles & owner.roles, _common(held.areas, owner.areas), owner.id)

    def all(self) -> Sequence[ApiKey]:
        """List the keys, oldest first."""
        return self._rows.keys()

    def revoke(self, key_id: str, actor: Principal) -> ApiKey:
        """End a key; raise NotFoundError for an unknown one, ConflictError for one that has ended so already."""
        held, now = self._rows.key(key_id), self._clock()
        if held is None:
            raise NotFoundError("No API key of that id", found=key_id, do="See `geo-service keys list`", field="id")
        if held.revoked_at is not None:
            raise ConflictError("The API key was revoked already", found=key_id, field="id")
        event = AuditEvent(
            f"{ALTERATION}: API key revoked", actor.name, f"key {key_id}", now, {"account": held.account}
        )
        self._rows.revoke_key(key_id, now, event)
        return held


def _refuse(wanted: KeyRequest, owner: Account) -> None:
    name = wanted.name.strip()
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise InputError("A key needs a name", found=name, do="Say in a few words what it is for", field="name")
    if not 1 <= wanted.days <= MOST_DAYS:
        raise InputError(
            "A key lasts a whole number of days", found=wanted.days, do=f"Use 1 to {MOST_DAYS}", field="days"
        )
    if not wanted.roles or not wanted.roles <= owner.roles:
        raise InputError(
            "A key has roles of its owner, at least one",
            found=", ".join(sorted(wanted.roles)),
            do=f"{owner.id} has {', '.join(sorted(owner.roles)) or 'none'}",
            field="roles",
        )
    if wanted.areas is not None and owner.areas is not None and not _plain(wanted.areas) <= _plain(owner.areas):
        raise InputError(
            "A key has areas of its owner",
            found=", ".join(wanted.areas),
            do=f"{owner.id} has {', '.join(owner.areas) or 'none'}",
            field="areas",
        )


def _common(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the areas that both have; None stands for all."""
    if first is None or second is None:
        return second if first is None else first
    return tuple(code for code in first if code.casefold() in _plain(second))


def _plain(codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(code.casefold() for code in codes)
