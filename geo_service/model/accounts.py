"""Accounts, their sessions and API keys, as the store keeps them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo_service.errors import AccessError, InputError
from geo_service.model.access import Principal, Role

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from geo_service.model.access import Item

ACCOUNT: Final = "account"
"""Kind of the editable rows that accounts are."""
ELSEWHERE: Final = "oidc:"
"""How the ids of accounts begin that only the organisation's own sign-in knows; the subject follows."""

_ID: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_LONGEST_NAME: Final = 200


def sign_in_name(typed: str) -> str:
    """Return the id of the account that somebody means: case, width of letters and blanks around do not matter."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def refuse_bad_name(account_id: str) -> None:
    """Raise InputError for what cannot be a sign-in name."""
    if not _ID.fullmatch(account_id):
        raise InputError(
            "That cannot be a sign-in name",
            found=account_id,
            do="Use 1 to 64 small letters, digits and . _ @ + -, beginning with a letter or digit",
            field="id",
        )


def roles_of(words: Iterable[str]) -> frozenset[Role]:
    """Read the names of roles; raise InputError for an unknown one, AccessError for admin and auditor together."""
    found = set()
    for word in words:
        try:
            found.add(Role(word.strip().casefold()))
        except ValueError:
            raise InputError("No such role", found=word, do=f"Use {', '.join(Role)}", field="roles") from None
    refuse_both(frozenset(found))
    return frozenset(found)


def refuse_both(roles: frozenset[Role], found: object = None) -> None:
    """Raise AccessError for admin and auditor together: nobody audits their own acts."""
    if {Role.ADMIN, Role.AUDITOR} <= roles:
        raise AccessError(
            "Nobody may be both admin and auditor", found=found, do="Give the two roles to two people", field="roles"
        )


@dataclass(frozen=True, slots=True)
class Account:
    """Know one person: what they may do, and where."""

    id: str
    """Name that they sign in with, in small letters."""
    name: str
    """Name that people call them by."""
    roles: frozenset[Role]
    areas: tuple[str, ...] | None = None
    """Codes of the areas that they may look into; None for the whole force, () for none."""
    active: bool = True
    subject: str = ""
    """Who they are at the organisation's own sign-in (`sub` of OpenID Connect); empty for none."""
    version: int = 0
    """Counts the edits of the account; 0 before the first."""

    def __post_init__(self) -> None:
        """Refuse an auditor who is also an admin, and a name that is none."""
        refuse_both(self.roles, self.id)
        if not self.name.strip() or not self.name.isprintable() or len(self.name) > _LONGEST_NAME:
            raise InputError(
                "That cannot be a person's name", found=self.name, do="Give the name that they go by", field="name"
            )

    def is_of(self, principal: Principal) -> bool:
        """Tell whether it is somebody's own, whether they came in by it or through the organisation."""
        own = {self.id, f"{ELSEWHERE}{self.subject}"} if self.subject else {self.id}
        return principal.account in own

    def content(self) -> dict[str, object]:
        """Return what the editable row holds."""
        return {
            "name": self.name,
            "roles": sorted(self.roles),
            "areas": None if self.areas is None else list(self.areas),
            "active": self.active,
            "subject": self.subject,
        }

    @classmethod
    def of(cls, item: Item) -> Account:
        """Read an editable row of the kind `account`."""
        held: Mapping[str, Any] = item.content
        return cls(
            id=item.id,
            name=held["name"],
            roles=roles_of(held["roles"]),
            areas=None if held["areas"] is None else tuple(held["areas"]),
            active=held["active"] is True,
            subject=held.get("subject", ""),
            version=item.version,
        )

    @property
    def principal(self) -> Principal:
        """Return who acts when they do; events name the account, because names of people are not unique."""
        return Principal(self.id, self.roles, self.areas, self.id)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Describe a key of a program; the key itself is stored nowhere."""

    id: str
    sha256: str
    """Hash of the whole key."""
    name: str
    """What it is for, in its owner's words."""
    account: str
    """Who it belongs to: it never opens more than that account does."""
    roles: frozenset[Role]
    areas: tuple[str, ...] | None
    """None for all areas of its owner."""
    made_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Describe a session; its token is stored nowhere."""

    sha256: str
    """Hash of the token."""
    account: str
    """Id of the account, `oidc:` and the subject for somebody who has none here, empty for a one-time link."""
    principal: Principal
    """Who it lets in, where that is known by nothing else."""
    opened_at: dt.datetime
    seen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Failures:
    """Count the refused sign-ins of one name or from one address."""

    sha256: str
    """Hash of the name or address: what somebody typed there may be their password."""
    failures: int
    failed_at: dt.datetime
    locked_until: dt.datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """Say which password was given: the session is opened only while that is still the one."""

    hashed: str
    forgiven: str
    """Hash of the name whose refused sign-ins are forgotten."""
    renewed: str = ""
    """New hash of the same password, where the way of hashing has grown."""


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """Ask for an API key."""

    account: str
    name: str
    roles: frozenset[Role]
    areas: tuple[str, ...] | None
    """None for all areas of its owner."""
    days: int
