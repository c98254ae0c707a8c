"""`geo-service issues`, `versions`, `undo`, `layers` and `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.output import check_place, progress_bar, say, table, write_export
from geo_service.cli.wiring import Json, KeepDays, Marking, handling_of, services_of, settings_of


def issues(
    context: typer.Context,
    version: Annotated[
        int | None, typer.Option(metavar="VERSION", help="Only the rows that this import refused.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, metavar="ROWS", help="Rows to print; 0 for all.")] = 50,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="CSV with all of them, or a folder.")
    ] = None,
    keep_days: KeepDays = None,
    marking: Marking = None,
    json: Json = False,
) -> None:
    """List the rejected rows: file, row, field, value, reason."""
    from geo_service.workflows.keeping.history import export_rejected, rejected_rows

    handling = handling_of(marking, keep_days)
    if output is not None and not output.is_dir():
        check_place(output, ".csv")
    services = services_of(context)
    rows = rejected_rows(services, version)
    path = None if output is None else write_export(output, export_rejected(services, version, handling))
    shown = rows.head(limit) if limit else rows
    words = table(shown.columns, [[_brief(value) for value in row] for row in shown.iter_rows()])
    say(
        f"{words}\n{shown.height:,} of {rows.height:,} rejected rows." + ("" if path is None else f"\nWritten: {path}")
        if rows.height
        else "No row was rejected.",
        {"total": rows.height, "rows": shown.to_dicts(), "file": path and str(path)},
        as_json=json,
    )


def _brief(value: object) -> str:
    said = "" if value is None else " ".join(str(value).split())
    return said if len(said) <= 60 else f"{said[:59]}…"  # noqa: PLR2004 - width of a column


def versions(context: typer.Context, json: Json = False) -> None:
    """List the versions of the data."""
    from geo_service.workflows.keeping.history import versions as listed

    found = listed(services_of(context))
    rows: list[list[object]] = [[v.number, f"{v.at:%Y-%m-%d %H:%M}", v.act, v.actor, len(v.changed)] for v in found]
    facts = [
        {"number": v.number, "at": v.at, "act": v.act, "actor": v.actor, "changed": v.changed, "detail": dict(v.detail)}
        for v in found
    ]
    say(
        table(["version", "at", "act", "by", "parts changed"], rows) if rows else "No data yet.",
        {"versions": facts},
        as_json=json,
    )


def undo(
    context: typer.Context,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="Version to take back, see `versions`.")],
    month: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Only this month of data.police.uk files, YYYY-MM.")
    ] = None,
    json: Json = False,
) -> None:
    """Take back what a version changed, as a new version; undoing that brings it back."""
    from geo_service.model.periods import Month
    from geo_service.workflows.keeping.history import undo as take_back

    only = "" if month is None else str(Month.parse(month))
    made = take_back(services_of(context), version, only=only)
    say(
        f"Version {version} is undone{f' for {month}' if month else ''}: data version {made.number}, "
        f"{len(made.changed)} part{'' if len(made.changed) == 1 else 's'} put back.",
        {"version": made.number, "undone": version, "changed": made.changed},
        as_json=json,
    )


def layers(context: typer.Context, json: Json = False) -> None:
    """List the layers with their audience and how many features they have."""
    from geo_service.workflows.tables import layer_table

    services = services_of(context)
    rows: list[list[object]] = []
    for layer in services.registry.layers(services.principal.audience):
        found = layer_table(services, layer.id)
        located = sum(geometry is not None for geometry in found.geometry)
        rows.append([layer.id, layer.title, layer.audience.word, found.rows.height, located])
    heads = ["id", "title", "audience", "features", "on the map"]
    keys = [head.replace(" ", "_") for head in heads]
    say(table(heads, rows), {"layers": [dict(zip(keys, row, strict=True)) for row in rows]}, as_json=json)


def doctor(context: typer.Context, json: Json = False) -> None:
    """Check all that is stored and say what to do."""
    from geo_service.errors import FaultError
    from geo_service.workflows.keeping.history import check

    services = services_of(context)
    with progress_bar() as progress:
        problems = check(services, progress)
    where = settings_of(context).data_dir
    release, reports = services.releases.number(), len(services.reports.waiting())
    words = list(problems) or [f"All is well in {where}."]
    words += [] if release is None else [f"The public site shows release {release}."]
    words += [f"Reports that a place is wrong, to be taken in by `geo-service safe-places reports`: {reports}."][
        :reports
    ]
    say(
        "\n".join(words),
        {"data_dir": str(where), "problems": list(problems), "release": release, "reports": reports},
        as_json=json,
    )
    if problems:
        raise typer.Exit(FaultError.exit_code)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(issues)
    app.command()(versions)
    app.command(short_help="Take back what a version changed.")(undo)
    app.command(short_help="List the layers, their audience and features.")(layers)
    app.command()(doctor)
