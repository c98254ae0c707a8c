"""`geo-service audit`: what was done by whom, as a list or a file, and proof that nothing of it was altered."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.output import check_place, say, table, write_export
from geo_service.cli.wiring import Json, day_of, office_of, refuse_empty

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

app = typer.Typer(invoke_without_command=True)


def _auditor(context: typer.Context) -> Services:
    """Return the services of the data directory for an auditor; nobody may be both that and an operator."""
    from geo_service.model.access import Principal, Role
    from geo_service.settings import actor

    return office_of(context).services(Principal(actor(), frozenset({Role.AUDITOR})))


@app.callback()
def audit(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only this kind, for example disclosure.")] = None,
    actor: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this person or program did.")] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day, YYYY-MM-DD (UTC).")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day, YYYY-MM-DD (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="ROWS", help="Newest events to print.")] = 50,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File with all of them: .csv or .json.")
    ] = None,
    json: Json = False,
) -> None:
    """List what was done by whom, or take it away in a file that can be proved."""
    if context.invoked_subcommand is not None:
        return
    from geo_service.workflows.keeping import audit as audits

    for option, given in (("--kind", kind), ("--actor", actor)):
        refuse_empty(given, option)
    query = audits.query_of(kind or "", actor or "", day_of(first, "from"), day_of(last, "to"))
    if output is not None:
        check_place(output, ".csv", ".json")
        path = write_export(output, audits.export(_auditor(context), query, output.suffix))
        say(f"Wrote {path}.", {"file": str(path)}, as_json=json)
        return
    trail = audits.events(_auditor(context), query, limit)
    rows: list[list[object]] = [
        [entry.number, entry.at[:19], entry.act, entry.actor, entry.what] for entry in trail.entries
    ]
    facts = [_facts(entry) for entry in trail.entries]
    say(
        f"{table(['event', 'at (UTC)', 'act', 'by', 'what'], rows)}\nHead: event {trail.head.number} "
        f"{trail.head.sha256}, {len(rows)} shown.",
        {"store": trail.store, "head": trail.head._asdict(), "events": facts},
        as_json=json,
    )


def _facts(entry: Any) -> dict[str, object]:  # noqa: ANN401 - its type would load what `--help` does not need
    from dataclasses import asdict

    return asdict(entry) | {"detail": json_module.loads(entry.detail)}


@app.command(short_help="Prove an exported file, or the ledger by the system's log.")
def verify(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Exported .csv or .json file.")] = None,
    syslog: Annotated[Path | None, typer.Option(metavar="FILE", help="File that the system's log was kept in.")] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Check the file's own chain only: no ledger is at hand.")
    ] = False,
    json: Json = False,
) -> None:
    """Prove an exported file, or the ledger by the lines of the system's log."""
    from geo_service.errors import FaultError, InputError
    from geo_service.workflows.keeping import audit as audits

    if (file is None) == (syslog is None):
        raise InputError("Nothing to verify", do="Give an exported file, or --syslog with a file of the system's log")
    if file is not None:
        services = None if alone else _auditor(context)
        found = audits.verify(services, _read(file), file.name)
        problems = found.problems
        well = f"Events as they were written: {found.events:,}" + (
            "; whether any is missing only the ledger can tell." if alone else ", and none is missing."
        )
        facts: dict[str, object] = {"events": found.events, "head": found.head}
    else:
        lines, problems = audits.verify_log(
            _auditor(context), _read(syslog or Path()).decode("utf-8", "replace").splitlines()
        )
        well = f"The ledger is what {lines:,} lines of the log say."
        if not lines:
            problems = [*problems, f"{syslog} has no line of this ledger"]
        facts = {"lines": lines}
    say("\n".join(problems) if problems else well, {**facts, "problems": list(problems)}, as_json=json)
    if problems:
        raise typer.Exit(FaultError.exit_code)


def _read(path: Path) -> bytes:
    from geo_service.errors import InputError

    try:
        return path.read_bytes()
    except OSError as problem:
        raise InputError("The file cannot be read", found=f"{path}: {problem.strerror}", do="Check its name") from None
