"""Accounts and API keys: who keeps them may add, change and disable; nobody is both admin and auditor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.errors import AccessError, ConflictError, GeoServiceError, InputError, NotFoundError
from geo_service.model.access import Role
from geo_service.model.accounts import ACCOUNT, Account, KeyRequest, refuse_bad_name, roles_of, sign_in_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.model.accounts import ApiKey
    from geo_service.model.ports import Credentials, Items
    from geo_service.workflows.services import Services

_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say what an account is to be, in words that are not checked yet."""

    name: str
    roles: Sequence[str]
    areas: Sequence[str] | None = None
    """Codes of areas, `CODE` or `SET:CODE`; None for the whole force, empty for none."""
    active: bool = True
    subject: str = ""


def accounts(services: Services) -> list[Account]:
    """List the accounts by id."""
    return [Account.of(item) for item in _items(services).all()]


def account(services: Services, account_id: str) -> Account:
    """Return an account; raise NotFoundError."""
    for found in _held(_items(services), sign_in_name(account_id)):
        return found
    do = "List them with `geo-service accounts list`"
    raise NotFoundError("No account of that id", found=account_id, do=do, field="id")


def put(
    services: Services, credentials: Credentials, account_id: str, wanted: Wanted, *, version: int | None
) -> Account:
    """Add an account (version 0) or change the one of that version; disabling it ends its sessions.

    Raises InputError for roles, areas or names that cannot be, AccessError for admin and auditor together and for an
    account of one's own, ConflictError where it is there already or somebody else has the subject, LostRaceError where
    it was changed meanwhile, UnconditionalError where no version is given.
    """
    items, account_id = _items(services), sign_in_name(account_id)
    refuse_bad_name(account_id)
    made = Account(
        id=account_id,
        name=" ".join(wanted.name.split()),
        roles=_roles(wanted.roles),
        areas=None if wanted.areas is None else _areas(services, wanted.areas),
        active=wanted.active,
        subject=_subject(items, account_id, wanted.subject),
    )
    if any(one.is_of(services.principal) for one in (made, *_held(items, account_id))):
        raise AccessError("Nobody changes an account of their own", found=account_id, do="Ask another admin")
    item = items.put(account_id, made.content(), version=version)
    if not made.active:
        credentials.end_sessions(account_id, services.principal)
    return Account.of(item)


def wanted_of(account: Account) -> Wanted:
    """Return what an account is, to be changed in part."""
    return Wanted(account.name, sorted(account.roles), account.areas, account.active, account.subject)


def disable(services: Services, credentials: Credentials, account_id: str) -> Account:
    """Let an account in no more, and end its sessions; its keys open nothing from then on."""
    held = account(services, account_id)
    return put(services, credentials, held.id, replace(wanted_of(held), active=False), version=held.version)


def set_password(services: Services, credentials: Credentials, account_id: str, password: str) -> None:
    """Set the password of an account and end its sessions; raise NotFoundError, InputError for a weak one."""
    credentials.set_password(account(services, account_id).id, password, services.principal)


def add_with_password(
    services: Services, credentials: Credentials, account_id: str, wanted: Wanted, password: str | None
) -> Account:
    """Add an account and set its password; a weak one adds nothing. None: it is of somebody who signs in elsewhere."""
    if password is not None:
        credentials.refuse_weak(sign_in_name(account_id), password)
    made = put(services, credentials, account_id, wanted, version=0)
    if password is not None:
        credentials.set_password(made.id, password, services.principal)
    return made


def keys(services: Services, credentials: Credentials) -> Sequence[ApiKey]:
    """List the API keys, oldest first."""
    _items(services)
    return credentials.keys()


@dataclass(frozen=True, slots=True)
class WantedKey:
    """Say what an API key is to be, in words that are not checked yet."""

    owner: str
    name: str
    roles: Sequence[str] = ()
    """Some of its owner's; all of them for none."""
    areas: Sequence[str] | None = None
    """Some of its owner's; all of them for None."""
    days: int = 90


def make_key(services: Services, credentials: Credentials, wanted: WantedKey) -> tuple[str, ApiKey]:
    """Return a new API key, which is never shown again, and what is kept of it; raise InputError, NotFoundError."""
    held = account(services, wanted.owner)
    areas = None if wanted.areas is None else _areas(services, wanted.areas)
    roles = _roles(wanted.roles) if wanted.roles else held.roles
    return credentials.make_key(KeyRequest(held.id, wanted.name, roles, areas, wanted.days), services.principal)


def revoke_key(services: Services, credentials: Credentials, key_id: str) -> ApiKey:
    """End an API key; raise NotFoundError, ConflictError where it was ended already."""
    _items(services)
    return credentials.revoke_key(key_id, services.principal)


def _items(services: Services) -> Items:
    """Return the accounts as rows; raise AccessError for who does not keep them."""
    return services.store.items(ACCOUNT)


def _held(items: Items, account_id: str) -> list[Account]:
    """Return the account as it is now, where it is there."""
    try:
        return [Account.of(items.get(account_id))]
    except NotFoundError:
        return []


def _roles(words: Sequence[str]) -> frozenset[Role]:
    if not words:
        raise InputError("An account needs a role", do=f"Use {', '.join(Role)}", field="roles")
    return roles_of(words)


def _subject(items: Items, account_id: str, subject: str) -> str:
    """Return the subject of an account; raise ConflictError where another one has it: it is one person."""
    if subject and not (subject.isprintable() and len(subject) <= _LONGEST_SUBJECT):
        raise InputError(
            "That cannot be a subject", found=subject, do="Give the `sub` of OpenID Connect", field="subject"
        )
    other = next((item.id for item in items.all() if subject and item.content.get("subject") == subject), account_id)
    if other != account_id:
        raise ConflictError(
            "Another account has that subject",
            found=other,
            do="Change that one: it is the same person",
            field="subject",
        )
    return subject


def _areas(services: Services, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return codes of areas that exist, each once; raise InputError naming what comes close."""
    return tuple(dict.fromkeys(_area(services, words.strip()) for words in wanted))


def _area(services: Services, words: str) -> str:
    set_id, _, code = words.rpartition(":")
    try:
        found = services.store.snapshot().area(code, boundary_set=set_id or None, on=services.today())
    except GeoServiceError as problem:
        # A policing area may be given before the boundaries that it consists of are imported.
        for described in services.registry.boundaries().values():
            for area in described.areas if set_id in {"", described.id} else ():
                if isinstance(problem, NotFoundError) and code.casefold() == area.code.casefold():
                    return f"{described.id}:{area.code}" if set_id else area.code
        raise InputError(
            "Not an area that somebody can be given", found=words, do=f"{problem.what}. {problem.do}", field="areas"
        ) from None
    return f"{set_id}:{found.code}" if set_id else found.code
