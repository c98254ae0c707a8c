"""`geo-service import basemap|denominator|harm`: maps, and tables of numbers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.output import progress_bar, say, table
from geo_service.cli.wiring import Json, services_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.workflows.importing.imported import BasemapImport

_MOST_NAMED = 5
_MOST_KINDS = 12
_LAYER_WORDS = {
    "streets": "Lines",
    "excluded-places": "Excluded places",
    "ground": "Water, woods and parks",
    "buildings": "Buildings",
    "landmarks": "Landmarks",
}


def basemap(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="OpenStreetMap (.osm.pbf, .osm) or OS OpenMap Local (.gpkg).")
    ],
    clip: Annotated[
        list[str] | None,
        typer.Option(metavar="SET", help="Take what lies in this boundary set; repeat it for more. All by default."),
    ] = None,
    around: Annotated[float, typer.Option(metavar="METRES", help="Take as much around it, too.")] = 2_000.0,
    json: Json = False,
) -> None:
    """Import streets, water, woods, parks, buildings and landmarks from a map extract, in place of what was there."""
    from geo_service.workflows.importing.basemaps import import_basemap

    services = services_of(context, new=True)
    with progress_bar() as progress:
        done = import_basemap(services, file, clip=clip or (), around_m=around, progress=progress)
    say(_basemap_words(done), _basemap_facts(done), as_json=json)


def _basemap_words(done: BasemapImport) -> str:
    area = (
        f"Taken: what lies in {', '.join(done.clipped_to)} and {done.around_m:,.0f} m around."
        if done.clipped_to
        else "Taken: the whole file, for no boundary set is imported."
    )
    lines = [area]
    for layer, counts in done.rows.items():
        named = dict(list(counts.items())[:_MOST_KINDS])
        more = f" and {len(counts) - _MOST_KINDS} more kinds" if len(counts) > _MOST_KINDS else ""
        said = f"{_counted(named)}{more}" or "none"
        lines.append(f"{_LAYER_WORDS[layer]}, {sum(counts.values()):,}: {said}.")
    lines += [f"Left out, {why}: {count:,}." for why, count in done.skipped.items()]
    if done.tile_bytes:
        lines.append(f"Tiles for the screen: {_size_words(done.tile_bytes)}.")
    lines += [*done.notes, done.licence]
    lines.append("Nothing changed." if done.version is None else f"Data version {done.version.number}.")
    return "\n".join(lines)


def _size_words(count: int) -> str:
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 2**10:,.0f} KiB"


def _basemap_facts(done: BasemapImport) -> dict[str, object]:
    return {
        "version": None if done.version is None else done.version.number,
        **{layer.replace("-", "_"): counts for layer, counts in done.rows.items()},
        "left_out": done.skipped,
        "clipped_to": done.clipped_to,
        "around_m": done.around_m if done.clipped_to else None,
        "tile_bytes": done.tile_bytes,
        "notes": done.notes,
        "licence": done.licence,
    }


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
    from geo_service.workflows.importing.denominators import import_denominator

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
    from geo_service.workflows.importing.harm_tables import import_harm

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


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Import a base map.")(basemap)
    app.command(short_help="Import what rates are taken of.")(denominator)
    app.command(short_help="Import a harm table.")(harm)
