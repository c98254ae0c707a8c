"""`geo-service accounts` and `geo-service keys`: who may come in, and what programs may."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.output import say, table
from geo_service.cli.wiring import Json, office_of, principal

if TYPE_CHECKING:
    from geo_service.model.ports import Accounts
    from geo_service.workflows.services import Services

accounts = typer.Typer()
keys = typer.Typer()

Id = Annotated[str, typer.Argument(metavar="NAME", help="Name to sign in with.")]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE",
        help="officer, sergeant, analyst, coordinator, admin or auditor; more than once for more.",
    ),
]
Areas = Annotated[
    list[str] | None, typer.Option("--area", metavar="CODE", help="Area to look into; more than once for more.")
]
Whole = Annotated[bool, typer.Option("--whole-force", help="All areas.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Subject = Annotated[
    str | None, typer.Option(metavar="SUBJECT", help="Who they are at the organisation's own sign-in (its `sub`).")
]


def _open(context: typer.Context, *, new: bool = False) -> tuple[Services, Accounts]:
    office = office_of(context, new=new)
    return office.services(principal()), office.authority()


def _password(account_id: str, *, from_input: bool) -> str:
    """Return a password that was typed twice without being shown, or one line of standard input."""
    from geo_service.errors import InputError

    if from_input:
        # One more than the most that is taken, so that a longer one is refused and not cut.
        return sys.stdin.readline(1_026).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError(
            "There is nobody to type the password", do="Send it with --password-stdin", field="--password-stdin"
        )
    said: str = typer.prompt(f"Password for {account_id}", hide_input=True, confirmation_prompt=True, err=True)
    return said


def _given_areas(areas: list[str] | None, *, whole: bool) -> list[str] | None:
    """Return the areas that options name, None for the whole force."""
    from geo_service.errors import InputError

    if whole and areas:
        raise InputError("--whole-force and --area exclude each other", do="Give one of them", field="areas")
    if not whole and not areas:
        raise InputError("No areas", do="Give --area CODE, more than once for more, or --whole-force", field="areas")
    return None if whole else areas


def _facts(account: Any) -> dict[str, object]:  # noqa: ANN401 - its type would load what `--help` does not need
    return {"id": account.id, **account.content(), "version": account.version}


@accounts.command()
def add(
    context: typer.Context,
    account_id: Id,
    name: Annotated[str, typer.Option(metavar="PERSON", help="Name that people call them by.")],
    role: Roles = None,
    area: Areas = None,
    whole_force: Whole = False,
    subject: Subject = None,
    no_password: Annotated[bool, typer.Option("--no-password", help="They sign in elsewhere, or not at all.")] = False,
    password_stdin: FromInput = False,
    json: Json = False,
) -> None:
    """Add an account."""
    from geo_service.workflows.keeping.people import Wanted, add_with_password

    wanted = Wanted(name, role or (), _given_areas(area, whole=whole_force), subject=subject or "")
    password = None if no_password else _password(account_id, from_input=password_stdin)
    made = add_with_password(*_open(context, new=True), account_id, wanted, password)
    say(f"{made.id} may sign in as {', '.join(sorted(made.roles))}.", _facts(made), as_json=json)


@accounts.command("list")
def list_accounts(context: typer.Context, json: Json = False) -> None:
    """List the accounts."""
    from geo_service.workflows.keeping.people import accounts as listed

    services, _ = _open(context)
    found = listed(services)
    rows: list[list[object]] = [
        [
            one.id,
            one.name,
            ", ".join(sorted(one.roles)),
            "whole force" if one.areas is None else ", ".join(one.areas) or "none",
            "yes" if one.active else "no",
            one.version,
        ]
        for one in found
    ]
    heads = ["name", "person", "roles", "areas", "active", "version"]
    say(
        table(heads, rows) if rows else "There are no accounts. Add one with `geo-service accounts add`.",
        {"accounts": [_facts(one) for one in found]},
        as_json=json,
    )


@accounts.command()
def change(
    context: typer.Context,
    account_id: Id,
    name: Annotated[str | None, typer.Option(metavar="PERSON", help="Another name that people call them by.")] = None,
    role: Roles = None,
    area: Areas = None,
    whole_force: Whole = False,
    subject: Subject = None,
    enable: Annotated[bool, typer.Option("--enable", help="Let them in again.")] = False,
    version: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Only where this is still the version, see `list`.")
    ] = None,
    json: Json = False,
) -> None:
    """Change an account; what is not given stays. It works at once, in open sessions too."""
    from dataclasses import replace

    from geo_service.workflows.keeping import people

    services, authority = _open(context)
    held = people.account(services, account_id)
    wanted = people.wanted_of(held)
    if area or whole_force:
        wanted = replace(wanted, areas=_given_areas(area, whole=whole_force))
    wanted = replace(
        wanted,
        name=wanted.name if name is None else name,
        roles=role or wanted.roles,
        subject=wanted.subject if subject is None else subject,
        active=wanted.active or enable,
    )
    made = people.put(services, authority, held.id, wanted, version=held.version if version is None else version)
    say(f"{made.id} is changed, version {made.version}.", _facts(made), as_json=json)


@accounts.command()
def disable(context: typer.Context, account_id: Id, json: Json = False) -> None:
    """Let an account in no more, and end its sessions."""
    from geo_service.workflows.keeping import people

    made = people.disable(*_open(context), account_id)
    say(f"{made.id} is disabled.", _facts(made), as_json=json)


@accounts.command()
def password(context: typer.Context, account_id: Id, password_stdin: FromInput = False, json: Json = False) -> None:
    """Set a password and end the account's sessions."""
    from geo_service.workflows.keeping import people

    services, authority = _open(context)
    held = people.account(services, account_id)
    people.set_password(services, authority, held.id, _password(held.id, from_input=password_stdin))
    say(f"The password of {held.id} is set; its sessions have ended.", {"id": held.id}, as_json=json)


@keys.command("add")
def add_key(
    context: typer.Context,
    account_id: Annotated[str, typer.Argument(metavar="NAME", help="Account that it belongs to.")],
    name: Annotated[str, typer.Option(metavar="WORDS", help="What it is for.")],
    role: Roles = None,
    area: Areas = None,
    days: Annotated[int, typer.Option(metavar="DAYS", help="Days until it ends, at most 366.")] = 90,
    json: Json = False,
) -> None:
    """Make a key for a program. It is shown this once, and opens no more than its account does."""
    from geo_service.workflows.keeping import people

    wanted = people.WantedKey(account_id, name, role or (), area or None, days)
    secret, key = people.make_key(*_open(context), wanted)
    said = f"Send it as the header `Authorization: Bearer KEY`. Until {key.expires_at:%Y-%m-%d}, never shown again:"
    say(f"{said}\n{secret}", {"key": secret, **_key_facts(key)}, as_json=json)


@keys.command("list")
def list_keys(context: typer.Context, json: Json = False) -> None:
    """List the keys; they themselves are stored nowhere."""
    from geo_service.workflows.keeping import people

    found = people.keys(*_open(context))
    rows: list[list[object]] = [
        [
            one.id,
            one.account,
            one.name,
            ", ".join(sorted(one.roles)),
            f"{one.expires_at:%Y-%m-%d}",
            "" if one.revoked_at is None else f"{one.revoked_at:%Y-%m-%d}",
        ]
        for one in found
    ]
    heads = ["key", "account", "for", "roles", "until", "revoked"]
    say(
        table(heads, rows) if rows else "There are no keys.",
        {"keys": [_key_facts(one) for one in found]},
        as_json=json,
    )


@keys.command()
def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="Its id, see `keys list`.")],
    json: Json = False,
) -> None:
    """End a key at once."""
    from geo_service.workflows.keeping import people

    key = people.revoke_key(*_open(context), key_id)
    say(f"The key {key.id} of {key.account} is revoked.", {"id": key.id, "account": key.account}, as_json=json)


def _key_facts(key: Any) -> dict[str, object]:  # noqa: ANN401 - its type would load what `--help` does not need
    return {
        "id": key.id,
        "account": key.account,
        "name": key.name,
        "roles": sorted(key.roles),
        "areas": key.areas,
        "made_at": key.made_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(accounts, name="accounts", help="Keep the accounts of people.", no_args_is_help=True)
    app.add_typer(keys, name="keys", help="Keep the keys of programs.", no_args_is_help=True)
