"""`geo-service import …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli import import_tables
from geo_service.cli.output import progress_bar, say, table
from geo_service.cli.wiring import Json, day_of, services_of

if TYPE_CHECKING:
    from geo_service.workflows.importing.imported import IncidentImport, RowsImport

app = typer.Typer(help="Import incidents, boundaries, postcodes, layers, tables.", no_args_is_help=True)


@app.command(short_help="Import recorded incidents.")
def incidents(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Files, folders, or a zip as downloaded from data.police.uk."),
    ],
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML that names the columns of a force export.")
    ] = None,
    force: Annotated[
        str, typer.Option(metavar="FORCE", help="Short name of the force that an export belongs to.")
    ] = "",
    json: Json = False,
) -> None:
    """Import recorded incidents; rejected rows are kept and listed by `issues`."""
    from geo_service.workflows.importing.imports import import_incidents

    services = services_of(context, new=True)
    with progress_bar() as progress:
        done = import_incidents(services, paths, mapping=mapping, force=force, progress=progress)
    say(_incident_words(done), _incident_facts(done), as_json=json)


def _incident_words(done: IncidentImport) -> str:
    counts = done.counts
    lines = [
        table(
            ["file", "read", "accepted", "located", "unlocated", "rejected"],
            [
                [f.name, f.counts.read, f.counts.accepted, f.counts.located, f.counts.unlocated, f.counts.rejected]
                for f in done.files
            ],
        ),
        (
            f"Read {counts.read:,} = accepted {counts.accepted:,} "
            f"({counts.located:,} located, {counts.unlocated:,} unlocated) + rejected {counts.rejected:,}."
        ),
    ]
    lines += [f"  rejected {rows:,}: {reason}" for reason, rows in done.reasons.items()]
    lines += [
        f"In no member of {set_id}: {beyond:,} of {located:,} located incidents."
        for set_id, (beyond, located) in done.outside.items()
    ]
    lines += done.notes
    lines.append(
        "Nothing changed: all of it was there already."
        if done.version is None
        else f"Data version {done.version.number}. `geo-service undo {done.version.number}` takes it back."
    )
    return "\n".join(lines)


def _incident_facts(done: IncidentImport) -> dict[str, object]:
    counts = done.counts
    return {
        "version": None if done.version is None else done.version.number,
        "read": counts.read,
        "accepted": counts.accepted,
        "located": counts.located,
        "unlocated": counts.unlocated,
        "rejected": counts.rejected,
        "rejected_by_reason": dict(done.reasons),
        "outside": {set_id: {"in_no_member": o, "located": n} for set_id, (o, n) in done.outside.items()},
        "notes": done.notes,
        "files": [{"name": f.name, "reader": f.reader, "sha256": f.sha256, "read": f.counts.read} for f in done.files],
    }


@app.command(short_help="Import a boundary set.")
def boundaries(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any OGR format, any CRS.")],
    set_id: Annotated[str, typer.Option("--set", metavar="SET", help="Id of the set, for example wards-2025.")],
    code: Annotated[str, typer.Option(metavar="FIELD", help="Field with the members' codes.")] = "",
    name: Annotated[str, typer.Option(metavar="FIELD", help="Field with the members' names.")] = "",
    parent_code: Annotated[
        str, typer.Option(metavar="FIELD", help="Field with the code of the larger area (district).")
    ] = "",
    parent_name: Annotated[str, typer.Option(metavar="FIELD", help="Field with the name of the larger area.")] = "",
    valid_from: Annotated[str | None, typer.Option(metavar="DAY", help="First day of validity, YYYY-MM-DD.")] = None,
    title: Annotated[str, typer.Option(metavar="TITLE", help="Title of the set.")] = "",
    licence: Annotated[str, typer.Option(metavar="LINE", help="Licence line that every map shows.")] = "",
    json: Json = False,
) -> None:
    """Import a boundary set and assign every incident to its members."""
    from geo_service.workflows.importing.imports import import_boundaries

    valid_day = day_of(valid_from, "valid_from")
    services = services_of(context, new=True)
    with progress_bar() as progress:
        done = import_boundaries(
            services,
            file,
            set_id,
            code_field=code,
            name_field=name,
            parent_code_field=parent_code,
            parent_name_field=parent_name,
            valid_from=valid_day,
            title=title,
            licence=licence,
            progress=progress,
        )
    lines = [f"{len(done.boundary_set)} members of {done.boundary_set.title} ({done.boundary_set.vintage})."]
    lines += [f"Overlap: {overlap}" for overlap in done.overlaps] or ["No members overlap."]
    lines += [f"Gap: {gap}" for gap in done.gaps] or ["No gaps between members."]
    if done.outside[1]:
        lines.append(f"In no member: {done.outside[0]:,} of {done.outside[1]:,} located incidents.")
    lines.append("Nothing changed." if done.version is None else f"Data version {done.version.number}.")
    facts = {
        "version": None if done.version is None else done.version.number,
        "set": set_id,
        "members": len(done.boundary_set),
        "overlaps": done.overlaps,
        "gaps": done.gaps,
        "outside": {"in_no_member": done.outside[0], "located": done.outside[1]},
    }
    say("\n".join(lines), facts, as_json=json)


@app.command(short_help="Import postcode centres.")
def postcodes(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Code-Point Open: a CSV, a folder of them, or the zip.")],
    json: Json = False,
) -> None:
    """Import postcode centres, by which Safe Places are put on the map."""
    from geo_service.workflows.importing.imports import import_postcodes

    _say_rows("postcodes", import_postcodes(services_of(context, new=True), file), as_json=json)


@app.command(short_help="Import the features of a layer.")
def layer(
    context: typer.Context,
    layer_id: Annotated[str, typer.Argument(metavar="LAYER", help="Id of the layer, see `geo-service layers`.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or GeoJSON with the layer's columns.")],
    json: Json = False,
) -> None:
    """Import the features of a layer, for example cctv or safe-places."""
    from geo_service.workflows.importing.imports import import_layer

    _say_rows(
        f"features of {layer_id}",
        import_layer(services_of(context, new=True), layer_id, file),
        as_json=json,
    )


def _say_rows(what: str, done: RowsImport, *, as_json: bool) -> None:
    lines = [f"{done.accepted:,} {what} taken, {done.rejected.height:,} rows rejected."]
    lines += [
        f"  row {row['row']}, {row['field']}: {row['reason']} (found {row['value']!r})"
        for row in done.rejected.head(20).iter_rows(named=True)
    ]
    lines.append("Nothing changed." if done.version is None else f"Data version {done.version.number}.")
    facts = {
        "version": None if done.version is None else done.version.number,
        "accepted": done.accepted,
        "rejected": done.rejected.to_dicts(),
    }
    say("\n".join(lines), facts, as_json=as_json)


import_tables.register(app)
