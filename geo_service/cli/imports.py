"""`geo-service import …`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import progress_bar, say, table
from geo_service.cli.wiring import Json, day_of, services_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.workflows.imported import IncidentImport, RowsImport

app = typer.Typer(help="Import incidents, boundaries, postcodes, layers, tables.", no_args_is_help=True)
_MOST_NAMED = 5


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
    from geo_service.workflows.imports import import_incidents

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
    from geo_service.workflows.imports import import_boundaries

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
    from geo_service.workflows.imports import import_postcodes

    _say_rows("postcodes", import_postcodes(services_of(context, new=True), file), as_json=json)


@app.command(short_help="Import the features of a layer.")
def layer(
    context: typer.Context,
    layer_id: Annotated[str, typer.Argument(metavar="LAYER", help="Id of the layer, see `geo-service layers`.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or GeoJSON with the layer's columns.")],
    json: Json = False,
) -> None:
    """Import the features of a layer, for example cctv or safe-places."""
    from geo_service.workflows.imports import import_layer

    _say_rows(
        f"features of {layer_id}",
        import_layer(services_of(context, new=True), layer_id, file),
        as_json=json,
    )


@app.command(short_help="Import streets and excluded places.")
def basemap(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OpenStreetMap extract: .osm.pbf or .osm.")],
    json: Json = False,
) -> None:
    """Import the layers streets and excluded-places from an OpenStreetMap extract, in place of what they held."""
    from geo_service.workflows.basemaps import import_basemap

    done = import_basemap(services_of(context, new=True), file)
    lines = [f"Lines, {sum(done.streets.values()):,}: {_counted(done.streets)}."]
    lines.append(f"Excluded places, {sum(done.places.values()):,}: {_counted(done.places) or 'none'}.")
    lines += [f"Left out, {why}: {count:,}." for why, count in done.skipped.items()]
    lines += [done.licence, "Nothing changed." if done.version is None else f"Data version {done.version.number}."]
    facts = {
        "version": None if done.version is None else done.version.number,
        "streets": done.streets,
        "excluded_places": done.places,
        "left_out": done.skipped,
        "licence": done.licence,
    }
    say("\n".join(lines), facts, as_json=json)


@app.command(short_help="Import what rates are taken of.")
def denominator(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or workbook with a row for each area.")],
    boundary_set: Annotated[str, typer.Option("--set", metavar="SET", help="Boundary set whose members it counts.")],
    code: Annotated[str, typer.Option(metavar="FIELD", help="Column with the members' codes.")],
    value: Annotated[str, typer.Option(metavar="FIELD", help="Column with the numbers.")],
    denominator_id: Annotated[str, typer.Option("--id", metavar="ID", help="What --per calls it: residents …")],
    sheet: Annotated[str, typer.Option(metavar="SHEET", help="Sheet of a workbook.")] = "",
    title: Annotated[str, typer.Option(metavar="TITLE", help="What it counts, in words.")] = "",
    licence: Annotated[str, typer.Option(metavar="LINE", help="Licence line that every answer shows.")] = "",
    json: Json = False,
) -> None:
    """Import residents, households … of the members of a boundary set, for `--per`."""
    from geo_service.workflows.denominators import import_denominator

    done = import_denominator(
        services_of(context),
        file,
        denominator_id,
        boundary_set=boundary_set,
        code=code,
        value=value,
        sheet=sheet,
        title=title,
        licence=licence,
    )
    made = done.denominator
    lines = [
        f"{made.title}: {made.values.sum():,.0f} in {len(made.codes):,} of {done.members:,} members of {boundary_set}."
    ]
    if done.lacking:
        lines.append(f"Members without a number, {len(done.lacking):,}: {_first(done.lacking)}.")
    if done.beyond:
        lines.append(f"Rows passed over, no member of {boundary_set}: {done.beyond:,}.")
    if done.without:
        lines.append(f"Rows passed over, without a number: {done.without:,}.")
    lines.append("Nothing changed." if done.version is None else f"Data version {done.version.number}.")
    facts = {
        "version": None if done.version is None else done.version.number,
        "id": made.id,
        "set": boundary_set,
        "total": float(made.values.sum()),
        "members": done.members,
        "with_a_number": len(made.codes),
        "lacking": done.lacking,
        "rows_of_no_member": done.beyond,
        "rows_without_a_number": done.without,
        "licence": made.licence,
    }
    say("\n".join(lines), facts, as_json=json)


@app.command(short_help="Import a harm table.")
def harm(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The index as it was published: workbook or CSV.")],
    table_id: Annotated[str, typer.Option("--table", metavar="TABLE", help="chi, css, or an id of your own.")],
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML that names the columns, see data/mappings/harm.")
    ] = None,
    sheet: Annotated[str, typer.Option(metavar="SHEET", help="Sheet of a workbook.")] = "",
    json: Json = False,
) -> None:
    """Import a harm table from your own copy, for `--harm-table`; it stays in the data directory."""
    from geo_service.workflows.harm_tables import import_harm

    done = import_harm(services_of(context, new=True), file, table_id, mapping=mapping, sheet=sheet)
    read = done.read
    lines = [f"{read.table.title}: {read.offences:,} offences with a weight, {done.codes:,} codes ({read.where})."]
    if read.without:
        lines.append(f"Rows passed over, without code or weight: {read.without:,}.")
    if done.several:
        lines.append(f"Codes with several weights, which only the description tells apart: {len(done.several)}.")
        rows = [[one.code, f"{one.lowest:g}", f"{one.highest:g}", one.rows] for one in done.several]
        lines.append(table(["code", "lowest", "highest", "rows"], rows))
        lines.append(
            "Where no description fits, such an offence counts as 0 and is named, unless --harm-score says how."
        )
    lines += [*read.table.notes, f"Source: {read.table.source}."]
    lines.append("Nothing changed." if done.version is None else f"Data version {done.version.number}.")
    facts = {
        "version": None if done.version is None else done.version.number,
        "table": table_id,
        "title": read.table.title,
        "source": read.table.source,
        "notes": read.table.notes,
        "offences": read.offences,
        "codes": done.codes,
        "without": read.without,
        "several_weights": [asdict(one) for one in done.several],
    }
    say("\n".join(lines), facts, as_json=json)


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())


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
