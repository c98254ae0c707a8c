"""Which groups of the organisation have which roles and areas here: a TOML file in the data directory.

claim = "groups"            # claim of the ID token that lists somebody's groups; `a.b` looks into an object
[roles]
"Patrol sergeants" = ["sergeant"]
[areas]
"Patrol sergeants" = ["WMK-REDDITCH"]
"Force analysts" = "all"    # the whole force; whoever has no areas sees none
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geo_service.accounts.sessions import ELSEWHERE
from geo_service.errors import AccessError, GeoServiceError, InputError, SignInError
from geo_service.model.access import Principal, Role
from geo_service.model.accounts import refuse_both, roles_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ALL: Final = "all"
_KNOWN: Final = ("claim", "roles", "areas")
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class GroupMap:
    """Know what the groups of the organisation may do here."""

    claim: str = "groups"
    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    areas: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """None for the whole force."""

    def principal(self, claims: Mapping[str, Any]) -> Principal:
        """Return who the claims of an ID token name, with what their groups have together.

        Raises SignInError where none of their groups has a role, or where they would be both admin and auditor.
        """
        groups = self._groups(claims)
        roles: frozenset[Role] = frozenset().union(*(self.roles[name] for name in groups if name in self.roles))
        if not roles:
            raise SignInError("None of your groups has a role here", do="Ask whoever keeps the accounts")
        try:
            refuse_both(roles)
        except AccessError:
            raise SignInError(
                "Your groups would make you both admin and auditor", do="Ask whoever keeps the accounts"
            ) from None
        held = [self.areas[name] for name in groups if name in self.areas]
        whole = any(codes is None for codes in held)
        areas = None if whole else tuple(sorted({code for codes in held for code in codes or ()}))
        return Principal(_name(claims), roles, areas, f"{ELSEWHERE}{claims['sub']}")

    def _groups(self, claims: Mapping[str, Any]) -> list[str]:
        found: object = claims
        for part in [self.claim] if self.claim in claims else self.claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        listed = [found] if isinstance(found, str) else found
        return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


def _name(claims: Mapping[str, Any]) -> str:
    """Return the name that events write down: what people know them by, and what nobody else has."""
    subject = f"{ELSEWHERE}{claims['sub']}"
    for claim in ("preferred_username", "email"):
        shown = claims.get(claim)
        if isinstance(shown, str) and shown.isprintable() and 0 < len(shown) <= _LONGEST_NAME:
            return f"{shown} ({subject})"
    return subject


def read_groups(path: Path) -> GroupMap:
    """Read the file; raise InputError that names what is wrong with it."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise _wrong(path, "it is not there", "Write it, so that somebody may come in") from None
    except (OSError, ValueError) as problem:
        raise _wrong(path, str(problem), "Mend it") from None
    unknown = sorted(said.keys() - set(_KNOWN))
    if unknown:
        raise _wrong(path, unknown[0], f"Use {', '.join(_KNOWN)}")
    claim = said.get("claim", "groups")
    if not isinstance(claim, str) or not claim:
        raise _wrong(path, "claim", 'Write claim = "groups"')
    roles = {group: _roles(path, group, given) for group, given in _table(path, said, "roles").items()}
    if not roles:
        raise _wrong(path, "no group has a role", 'Write [roles], and below it "NAME OF A GROUP" = ["sergeant"]')
    areas = {group: _areas(path, group, given) for group, given in _table(path, said, "areas").items()}
    return GroupMap(claim, roles, areas)


def _table(path: Path, said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = said.get(name, {})
    if not isinstance(table, dict):
        raise _wrong(path, name, f"Write [{name}] on a line of its own, and the groups below it")
    return table


def _roles(path: Path, group: str, given: object) -> frozenset[Role]:
    try:
        return roles_of(_words(given))
    except (GeoServiceError, TypeError) as problem:
        raise _wrong(path, f"{group}: {problem}", f'Write "{group}" = ["sergeant"]') from None


def _areas(path: Path, group: str, given: object) -> tuple[str, ...] | None:
    try:
        return None if given == ALL else tuple(_words(given))
    except TypeError as problem:
        raise _wrong(path, f"{group}: {problem}", f'Write "{group}" = ["CODE"] or "{group}" = "{ALL}"') from None


def _words(given: object) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(word, str) and word for word in given):
        msg = "not a list of words"
        raise TypeError(msg)
    return given


def _wrong(path: Path, found: str, do: str) -> InputError:
    return InputError(f"The file {path.name} with the organisation's groups cannot be used", found=found, do=do)
