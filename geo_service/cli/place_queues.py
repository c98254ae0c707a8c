"""`geo-service safe-places import`, `reports` and `coverage`: what comes in, and how far the places reach."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import say, table, write_export
from geo_service.cli.places import problem_lines
from geo_service.cli.wiring import Json, Output, check_format, services_of

if TYPE_CHECKING:
    from geo_service.workflows.places.importing import Directory


def import_directory(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or GeoJSON, one row for each place.")],
    check: Annotated[bool, typer.Option("--check", help="Only report what is wrong; write nothing.")] = False,
    json: Json = False,
) -> None:
    """Check a directory row by row, and take its new places in as drafts; nothing goes public by this."""
    from geo_service.errors import InputError
    from geo_service.workflows.places import importing

    services = services_of(context, new=True)
    try:
        if path.is_file() and path.stat().st_size > importing.LARGEST_BYTES:
            raise InputError(f"{path.name} is too large for a directory", do="Split it", field="file")
        data = path.read_bytes()
    except OSError as problem:
        raise InputError(
            f"{path.name} cannot be read", found=problem.strerror, do="Check the path", field="file"
        ) from None
    done = (importing.look if check else importing.take)(services, path.name, data)
    say(_report(done), done.facts, as_json=json)


def _report(done: Directory) -> str:
    words = [done.sentence, *problem_lines(done.report.problems, rows=True)]
    different = done.report.of("differs")
    words += [f"Row {row.row} ({row.id}) says something else here in: {', '.join(row.differing)}." for row in different]
    if done.taken is None:
        words.append("Nothing was written. Import it without --check to make drafts.")
    elif done.taken:
        words.append("Ask for approval of each: geo-service --data-dir DIR safe-places submit ID")
    return "\n".join(words)


def reports(
    context: typer.Context,
    done: Annotated[str, typer.Option(metavar="REPORT", help="Mark this one as done.")] = "",
    outcome: Annotated[str, typer.Option(metavar="WORDS", help="What came of it.")] = "",
    all_of_them: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    json: Json = False,
) -> None:
    """List what people said is wrong with a place; nobody's name is in it."""
    from dataclasses import asdict

    from geo_service.workflows.places import listing, reports

    services = services_of(context)
    if done:
        found = {one.id: one for one in reports.queue(services, all_of_them=True)}
        version = found[done].version if done in found else 1
        reports.settle(services, done, version, outcome)
    queued = reports.queue(services, all_of_them=all_of_them)
    rows: list[list[object]] = [
        [one.id, one.day, one.place, listing.reason_words(one.reason), one.words, "done" if one.done else ""]
        for one in queued
    ]
    words = table(["report", "day", "place", "reason", "words", ""], rows) if rows else "No report waits."
    say(words, {"reports": [asdict(one) for one in queued]}, as_json=json)


def coverage(
    context: typer.Context,
    boundary: Annotated[
        str,
        typer.Option(metavar="AREA", help="A ward or district, by name or code.", show_default="all that is loaded"),
    ] = "",
    output: Output = None,
    json: Json = False,
) -> None:
    """Say whom the public places reach on foot, and where many are out at night with no open place near."""
    from geo_service.workflows import exports
    from geo_service.workflows.places import coverage

    services = services_of(context)
    check_format(services, output)
    found = coverage.coverage(services, boundary)
    gaps: list[list[object]] = [[row["name"], f"{row['night']:g}"] for row in found.gaps.rows.iter_rows(named=True)]
    words = [
        *found.sentences,
        *found.notes,
        table(["no open place within 10 minutes", "counted"], gaps) if gaps else "",
    ]
    facts = dict(found.facts)
    if output is not None:
        path = write_export(output, exports.export(services, found.table, output.suffix))
        words.append(f"Written: {path}")
        facts["file"] = str(path)
    say("\n".join(filter(None, words)), facts, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the commands to the group."""
    app.command("import")(import_directory)
    app.command()(reports)
    app.command()(coverage)
