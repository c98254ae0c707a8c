"""Accounts in a store of their own, and a clock that stands still until it is told to go on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from argon2 import Parameters
from argon2.low_level import Type

from geo_service.accounts.authority import LocalAuthority
from geo_service.accounts.passwords import Passwords
from geo_service.model.access import OPERATOR, AuditEvent, Principal, Role
from geo_service.model.accounts import ACCOUNT, Account, KeyRequest
from geo_service.store import DiskStore, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.store.items import LedgerItems

KEEPER = Principal("keeper", OPERATOR)
PASSWORD = "three odd penguins"  # noqa: S105 - of nobody
_LIGHT = Parameters(Type.ID, 19, 16, 32, 1, 64, 1)
"""As little work as there can be: what is tried is not how hard it is to guess."""


@dataclass
class StandingClock:
    """Tell a time that stands still."""

    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC).replace(microsecond=0))

    def __call__(self) -> dt.datetime:
        """Return it."""
        return self.now

    def wait(self, **span: float) -> None:
        """Let time pass, in the words of `timedelta`."""
        self.now += dt.timedelta(**span)


@dataclass
class House:
    """Hold accounts, who lets people in, and what was written down."""

    store: DiskStore
    authority: LocalAuthority
    clock: StandingClock

    @property
    def items(self) -> LedgerItems:
        """Return the accounts as rows."""
        return self.store.items(ACCOUNT, KEEPER)

    def add(
        self,
        account_id: str,
        *roles: Role,
        password: str = PASSWORD,
        areas: tuple[str, ...] | None = None,
        active: bool = True,
        subject: str = "",
    ) -> Account:
        """Add somebody, an analyst by default."""
        held = frozenset(roles or {Role.ANALYST})
        account = Account(account_id, account_id.title(), held, areas, active, subject)
        self.items.put(account_id, account.content(), version=0)
        if password:
            self.authority.set_password(account_id, password, KEEPER)
        return account

    def change(self, account_id: str, **fields: object) -> None:
        """Change fields of an account."""
        item = self.items.get(account_id)
        self.items.put(account_id, {**item.content, **fields}, version=item.version)

    def key(
        self, account_id: str, *roles: Role, areas: tuple[str, ...] | None = None, days: int = 30
    ) -> tuple[str, str]:
        """Make an API key, an analyst's by default; return it and its id."""
        wanted = KeyRequest(account_id, "a script", frozenset(roles or {Role.ANALYST}), areas, days)
        secret, key = self.authority.make_key(wanted, KEEPER)
        return secret, key.id

    def events(self) -> list[AuditEvent]:
        """List what was written down, oldest first."""
        return list(self.store.events(None))[::-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()


def open_house(folder: Path) -> House:
    """Open a store in a folder, whose accounts are cheap to check."""
    clock = StandingClock()
    store = open_store(folder, clock)
    return House(store, LocalAuthority(store.people(), clock, Passwords(_LIGHT)), clock)
