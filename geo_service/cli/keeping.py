"""`geo-service retention`, `erase` and `ledger`: keeping data where it belongs, and not longer than needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import progress_bar, say, table
from geo_service.cli.wiring import Json, refuse_empty, services_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.retention import BackupCopy, Erased, Toll, Wanted

ledger_app = typer.Typer(help="Copy the ledger to PostgreSQL, or migrate it.")


def retention(context: typer.Context, json: Json = False) -> None:
    """Show how long each kind of data is kept, and what is due."""
    from geo_service.workflows.keeping import retention as keeping

    services = services_of(context)
    found = keeping.retention(services)
    behind = [copy for copy in keeping.backups(services) if copy.behind]
    rows: list[list[object]] = [
        [of.rule.title, of.rule.keep, of.kept.oldest, of.until, f"{of.kept.held:,}", f"{of.kept.due:,}"] for of in found
    ]
    words = table(["kind", "kept for", "oldest", "due before", "held", "due"], rows)
    if any(of.kept.due for of in found):
        words += "\n\nSee what goes with `geo-service erase --due`; then add --reason and --yes."
    if behind:
        words += f"\n\nNot erased in yet (`geo-service erase --backups`):\n{_listed(behind)}"
    facts = [
        {
            "kind": of.rule.kind,
            "title": of.rule.title,
            "keep": of.rule.keep,
            "why": of.rule.why,
            "oldest": of.kept.oldest,
            "due_before": of.until,
            "held": of.kept.held,
            "due": of.kept.due,
        }
        for of in found
    ]
    say(words, {"kinds": facts, "backups": _facts(keeping.backups(services))}, as_json=json)


def erase(
    context: typer.Context,
    crime: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="A crime number; may be given again.")
    ] = None,
    crimes_from: Annotated[
        Path | None, typer.Option("--crimes-from", metavar="FILE", help="Text file with one crime number on each line.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="MONTH", help="First month of incidents to erase, YYYY-MM.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="MONTH", help="Last month of incidents to erase, YYYY-MM.")
    ] = None,
    force: Annotated[
        str | None, typer.Option(metavar="FORCE", help="Only of this force, for example west-mercia.")
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="All that the rules of retention say is due.")] = False,
    backups: Annotated[bool, typer.Option("--backups", help="Go on in backups that were out of reach.")] = False,
    destroyed: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A backup that was destroyed and needs no erasing any more.")
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="WORDS", help="Why; kept with the ledger, and so without a crime number.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without, say exactly what it would take.")] = False,
    json: Json = False,
) -> None:
    """Erase incidents for good: in every version, every cache and every backup."""
    from geo_service.errors import QueryError
    from geo_service.workflows.keeping import retention as keeping

    ways = {
        "--crime": bool(crime or crimes_from),
        "--from and --to": any(value is not None for value in (first, last, force)),
        "--due": due,
        "--backups": backups,
        "--destroyed": destroyed is not None,
    }
    if sum(ways.values()) != 1:
        said = " and ".join(name for name, given in ways.items() if given)
        raise QueryError("Say one thing to erase", found=said, do=f"Use one of {', '.join(ways)}", field="erase")
    services = services_of(context)
    if destroyed is not None:
        keeping.forget_backup(services, destroyed)
        say(f"{destroyed} is off the list.", {"destroyed": str(destroyed)}, as_json=json)
        return
    if backups:
        _say_backups(keeping.reach_backups(services), as_json=json)
        return
    wanted = keeping.due_now(services) if due else _wanted(crime or [], crimes_from, first, last, force)
    old = keeping.old_backups(services, wanted)
    if not yes:
        _say_toll(keeping.look(services, wanted), old, done=False, as_json=json)
        return
    erased = keeping.erase(services, wanted, reason)
    _say_toll(erased, keeping.remove_old_backups(services, wanted), done=True, as_json=json)


def _wanted(
    crime: Sequence[str], crimes_from: Path | None, first: str | None, last: str | None, force: str | None
) -> Wanted:
    from geo_service.errors import QueryError
    from geo_service.model.periods import Period
    from geo_service.workflows.keeping.retention import wanted_months, wanted_numbers

    if crime or crimes_from is not None:
        return wanted_numbers(crime, crimes_from)
    refuse_empty(force, "--force")
    if first is None or last is None:
        raise QueryError(
            "Both ends of the months are needed", do="Add --from and --to", field="from" if first is None else "to"
        )
    return wanted_months(force or "", Period.parse(first, last))


def _say_toll(erased: Erased, old: Sequence[BackupCopy], *, done: bool, as_json: bool) -> None:
    from dataclasses import asdict

    toll = erased.toll
    lines = [_table_of(toll, old, done=done)] if toll.anything or old else []
    lines += _warnings(toll)
    if done:
        lines += [f"Erasure {erased.number} is in the ledger." if erased.number else "Nothing was left to erase."]
        lines += [f"Data version {erased.version} takes the place of those before."] if erased.version else []
    elif lines:
        lines += ["Nothing was changed yet: add --reason and --yes to do it."]
    else:
        lines += ["Nothing of that is held."]
    todo = [copy for copy in erased.backups if copy.behind or not done]
    if todo:
        head = "Still to do, with `geo-service erase --backups`" if done else "These backups would be searched too"
        lines += [f"{head}:", _listed(todo)]
    facts = {
        "erased": done,
        "erasure": erased.number or None,
        "version": erased.version,
        **asdict(toll),
        "backups": _facts(erased.backups),
        "old_backups": [str(copy.path) for copy in old],
    }
    say("\n".join(lines), facts, as_json=as_json)


def _table_of(toll: Toll, old: Sequence[BackupCopy], *, done: bool) -> str:
    """Say in words what goes."""
    months = toll.first_month + (f" to {toll.last_month}" if toll.last_month != toll.first_month else "")
    counted: list[tuple[str, int]] = [
        (f"incidents of {months}", toll.incidents),
        ("rejected rows", toll.rejects),
        ("incidents that stay without a crime number that their words name", toll.texts),
        ("files removed", toll.files),
        ("files written anew", toll.rewritten),
        (f"versions that cannot be asked for any more (the oldest is then {toll.floor})", toll.versions),
        ("sessions", toll.sessions),
        ("refused sign-ins", toll.attempts),
        ("expired API keys", toll.keys),
        ("visits made", toll.visits),
        ("backups that are too old", len(old)),
    ]
    rows: list[list[object]] = [[what, f"{count:,}"] for what, count in counted if count]
    return table(["erased" if done else "would be erased", ""], rows)


def _warnings(toll: Toll) -> list[str]:
    lines = []
    if toll.unknown:
        lines.append(f"Crime numbers that stand nowhere: {toll.unknown:,}. No import will bring them in.")
    if toll.told:
        lines.append(
            f"Rows of the ledger itself that name a crime number: {toll.told:,} (the name of a file, or what somebody "
            f"wrote). They are chained and stay."
        )
    return lines


def _say_backups(copies: Sequence[BackupCopy], *, as_json: bool) -> None:
    words = _listed(copies) if copies else "Every backup that is known has been erased in."
    say(words, {"backups": _facts(copies)}, as_json=as_json)


def _listed(copies: Sequence[BackupCopy]) -> str:
    return table(
        ["backup", "made", "erasures to go", ""], [[c.path, c.at[:10], c.behind, c.said or _there(c)] for c in copies]
    )


def _there(copy: BackupCopy) -> str:
    return "" if copy.there else "it is not there"


def _facts(copies: Sequence[BackupCopy]) -> list[dict[str, object]]:
    return [
        {
            "path": str(copy.path),
            "at": copy.at,
            "version": copy.version,
            "there": copy.there,
            "behind": copy.behind,
            "said": copy.said,
        }
        for copy in copies
    ]


@ledger_app.command("copy", short_help="Copy the ledger to an empty PostgreSQL database.")
def ledger_copy(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Empty database: postgresql://user:password@host/name.")],
    json: Json = False,
) -> None:
    """Copy the SQLite ledger to an empty PostgreSQL database; then set database_url to it."""
    from geo_service.store import copy_ledger

    settings = settings_of(context)
    with progress_bar() as progress:
        head = copy_ledger(settings.data_dir, url, progress)
    say(
        f"The ledger is copied: version {head.version.number}, event {head.event.number}, run {head.run.number}. "
        f"Set database_url to its address; what is written before that goes to the old one only.",
        {"version": head.version.number, "event": head.event.number, "run": head.run.number},
        as_json=json,
    )


@ledger_app.command("migrate", short_help="Lead the ledger to a revision of its tables.")
def ledger_migrate(
    context: typer.Context,
    to: Annotated[
        str | None, typer.Option("--to", metavar="REVISION", help="Revision of the tables; the newest by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Lead the ledger to a revision of its tables: an earlier one before going back to an earlier release."""
    from geo_service.store import migrate_ledger

    settings = settings_of(context)
    refuse_empty(to, "--to")
    given = {} if to is None else {"to": to}
    before, after = migrate_ledger(settings.data_dir, settings.database_url, **given)
    words = f"The ledger is at revision {after}." + (f" It was at {before}." if before != after else "")
    say(words, {"before": before, "after": after}, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Show what is kept how long, and what is due.")(retention)
    app.command(short_help="Erase incidents for good, in every version and backup.")(erase)
    app.add_typer(ledger_app, name="ledger")
