"""`geo-service hotspots`, `zones`, `map` and `sheet`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.output import check_place, say, table, write_file
from geo_service.cli.wiring import Json, check_format, day_of, refuse_empty, services_of

if TYPE_CHECKING:
    from geo_service.model.hotspots import Held, HotspotQuery, HotspotSurface, ZoneRun

Boundary = Annotated[str, typer.Option(help="Code or name of a ward, district or policing area.")]
SetId = Annotated[str | None, typer.Option("--set", help="Boundary set to look in.", show_default="by date")]
From = Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")]
To = Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")]
Offences = Annotated[str, typer.Option("--offences", help="Offence set.")]
MeasureOption = Annotated[str, typer.Option(help="count or harm.")]
Proxy = Annotated[str | None, typer.Option(help="On category-only data: low, middle or high.")]
HarmTableOption = Annotated[str | None, typer.Option("--harm-table", help="Harm table by id.")]
Statistic = Annotated[str, typer.Option(help="total or gi_star.")]
Resolution = Annotated[int, typer.Option(help="H3 resolution, 8 to 12.")]
Ring = Annotated[int, typer.Option(help="k-ring of gi_star, 1 to 3.")]
Share = Annotated[float, typer.Option("--area-share", help="Percentage of the area that the best cells may cover.")]
AsOf = Annotated[int | None, typer.Option(help="Data version to ask.", show_default="the newest")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="File to write; its ending chooses the format.")]


def _query(
    boundary: str,
    set_id: str | None,
    first: str,
    last: str,
    offences: str,
    measure: str,
    proxy: str | None,
    harm_table: str | None,
    statistic: str,
    resolution: int,
    ring: int,
    area_share: float,
    as_of: int | None,
) -> HotspotQuery:
    from geo_service.model.hotspots import HotspotQuery
    from geo_service.model.periods import Period

    return HotspotQuery(
        boundary=boundary,
        boundary_set=set_id,
        period=Period.parse(first, last),
        offence_set=offences,
        measure=measure,  # type: ignore[arg-type]  # checked by HotspotQuery
        proxy=proxy,  # type: ignore[arg-type]  # checked by HotspotQuery
        harm_table=harm_table,
        statistic=statistic,
        resolution=resolution,
        ring=ring,
        area_share=area_share / 100,
        as_of=as_of,
    )


def hotspots(
    context: typer.Context,
    boundary: Boundary,
    first: From,
    last: To,
    set_id: SetId = None,
    offences: Offences = "public-place",
    measure: MeasureOption = "count",
    proxy: Proxy = None,
    harm_table: HarmTableOption = None,
    statistic: Statistic = "total",
    resolution: Resolution = 10,
    ring: Ring = 1,
    area_share: Share = 1.4,
    as_of: AsOf = None,
    output: Output = None,
    json: Json = False,
) -> None:
    """Say which small part of an area holds how much, and what it held afterwards."""
    from geo_service.workflows import exports
    from geo_service.workflows.hotspots import ask
    from geo_service.workflows.tables import hotspot_table

    query = _query(
        boundary,
        set_id,
        first,
        last,
        offences,
        measure,
        proxy,
        harm_table,
        statistic,
        resolution,
        ring,
        area_share,
        as_of,
    )
    services = services_of(context)
    check_format(services, output)
    surface = ask(services, query)
    if output is not None:
        write_file(output, exports.export(services, hotspot_table(services, surface), output.suffix))
    say("\n".join(_answer_words(surface)), _answer_facts(surface), as_json=json)


def _answer_words(surface: HotspotSurface) -> list[str]:
    return [
        surface.sentence,
        surface.sentence_after,
        f"{int(surface.chosen.sum())} of {len(surface.table.cells)} cells; {surface.located:,} located incidents.",
        *(f"- {note}" for note in surface.notes),
        _provenance_words(surface.provenance.data_version, dict(surface.provenance.parameters)),
        *surface.licences,
    ]


def _provenance_words(version: int, parameters: dict[str, str]) -> str:
    return f"Data version {version}; " + "; ".join(f"{name} {value}" for name, value in parameters.items()) + "."


def _held_facts(held: Held | None) -> dict[str, object] | None:
    if held is None:
        return None
    return asdict(held) | {
        "period": str(held.period),
        "area_share": held.area_share,
        "events_share": held.events_share,
        "harm_share": held.harm_share,
        "pai": held.pai,
        "pai_harm": held.pai_harm,
    }


def _answer_facts(surface: HotspotSurface) -> dict[str, object]:
    from geo_service import spatial

    return {
        "sentence": surface.sentence,
        "sentence_after": surface.sentence_after,
        "in_sample": _held_facts(surface.in_sample),
        "after": _held_facts(surface.after),
        "cells": spatial.cell_words(surface.table.cells[surface.chosen]),
        "located": surface.located,
        "unlocated": surface.unlocated,
        "notes": surface.notes,
        "licences": surface.licences,
        "provenance": asdict(surface.provenance),
        "vintage": surface.area.vintage,
    }


def zones(
    context: typer.Context,
    boundary: Boundary,
    first: From,
    last: To,
    set_id: SetId = None,
    offences: Offences = "public-place",
    measure: MeasureOption = "count",
    proxy: Proxy = None,
    harm_table: HarmTableOption = None,
    statistic: Statistic = "total",
    resolution: Resolution = 10,
    ring: Ring = 1,
    area_share: Share = 1.4,
    as_of: AsOf = None,
    output: Output = None,
    json: Json = False,
) -> None:
    """Find contiguous patrol zones and keep them, so that `sheet` and `map` can name them."""
    from geo_service.workflows import exports
    from geo_service.workflows.tables import zone_table
    from geo_service.workflows.zones import find_zones

    query = _query(
        boundary,
        set_id,
        first,
        last,
        offences,
        measure,
        proxy,
        harm_table,
        statistic,
        resolution,
        ring,
        area_share,
        as_of,
    )
    services = services_of(context)
    check_format(services, output)
    _, run = find_zones(services, query)
    if output is not None:
        write_file(output, exports.export(services, zone_table(services, run), output.suffix))
    say("\n".join(_run_words(run)), _run_facts(run), as_json=json)


def _run_words(run: ZoneRun) -> list[str]:
    heads = ["no", "id", "name", "events", "ha", "grid reference", "ward"]
    rows: list[list[Any]] = [
        [zone.number, zone.id, zone.name, zone.events, f"{zone.area_ha:.1f}", zone.grid_reference, zone.member_name]
        for zone in run.zones
    ]
    if run.harm_label is not None:
        heads.append(run.harm_label)
        rows = [[*row, f"{zone.harm:,.0f}"] for row, zone in zip(rows, run.zones, strict=True)]
    return [
        run.sentence,
        run.sentence_after,
        table(heads, rows) if rows else "No place qualifies as a patrol zone.",
        f"Rules: {run.rules}.",
        f"Without a qualifying zone: {', '.join(run.without) or 'none'}.",
        *(f"- {note}" for note in run.notes),
        _provenance_words(run.provenance.data_version, dict(run.provenance.parameters)),
        f"Run {run.id}. Print with `geo-service sheet --zone ID -o sheet.pdf`.",
        *run.licences,
    ]


def _run_facts(run: ZoneRun) -> dict[str, object]:
    import json

    from geo_service.workflows import runs

    return dict(json.loads(runs.to_json(run)))


def html_map(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", help="HTML file to write.")],
    run_id: Annotated[str, typer.Option("--run", help="Run of `zones`.")] = "latest",
    json: Json = False,
) -> None:
    """Write the zones of a run with boundaries and layers as one HTML file that opens with no network."""
    from geo_service.workflows.maps import map_html
    from geo_service.workflows.zones import zone_run

    check_place(output, ".html", ".htm")
    services = services_of(context)
    run = zone_run(services, run_id)
    page = map_html(services, run)
    write_file(output, page)
    say(f"{output}: {len(page) / 1e6:.1f} MB, run {run.id}.", {"file": str(output), "run": run.id}, as_json=json)


def sheet(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="PDF to write, or a folder.", show_default="named by its marking"),
    ] = None,
    zone: Annotated[list[str] | None, typer.Option(help="Zone by number or id; up to four times.")] = None,
    boundary: Annotated[str | None, typer.Option(help="Code or name of a ward: the zones of it.")] = None,
    run_id: Annotated[str, typer.Option("--run", help="Run of `zones` that the zones belong to.")] = "latest",
    date: Annotated[
        str | None, typer.Option(help="Day that the sheet is for, YYYY-MM-DD.", show_default="today")
    ] = None,
    marking: Annotated[str, typer.Option(help="OFFICIAL or OFFICIAL-SENSITIVE.")] = "OFFICIAL",
    json: Json = False,
) -> None:
    """Print a patrol sheet for one to four zones."""
    from geo_service.workflows.sheets import choose_zones, print_sheet

    refuse_empty(boundary, "--boundary")
    day = day_of(date, "date")
    if output is not None and not output.is_dir():
        check_place(output, ".pdf")
    services = services_of(context)
    run, chosen = choose_zones(services, zone or [], boundary or "", run_id)
    day = day or services.clock().date()
    name, pdf = print_sheet(services, run, chosen, printed_for=day, marking=marking)
    path = Path(name) if output is None else output / name if output.is_dir() else output
    write_file(path, pdf)
    say(
        f"{path}: {marking}, zones {', '.join(chosen)} of run {run.id}.",
        {"file": str(path), "marking": marking, "zones": chosen, "run": run.id},
        as_json=json,
    )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(short_help="Say which small part of an area holds how much.")(hotspots)
    app.command(short_help="Find patrol zones and keep them for `sheet` and `map`.")(zones)
    app.command("map", short_help="Write zones and layers as one HTML map.")(html_map)
    app.command()(sheet)
