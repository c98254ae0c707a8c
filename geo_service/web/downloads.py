"""Files that leave the staff site; the workflows write each into the ledger."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from starlette.responses import Response

from geo_service.errors import NotFoundError, QueryError
from geo_service.workflows import exports, maps, sheets, tables
from geo_service.workflows.finding import hotspots, zones

if TYPE_CHECKING:
    from starlette.requests import Request

    from geo_service.model.hotspots import ZoneRun
    from geo_service.workflows.markings import Export
    from geo_service.workflows.services import Services

SHEET_ZONES = 4


def table(services: Services, request: Request) -> Response:
    """Return the zones or the best cells of a run in one of the formats."""
    run = zones.zone_run(services, request.path_params["run_id"])
    wanted, suffix = request.path_params["table"], request.path_params["suffix"]
    if wanted == "zones":
        table = tables.zone_table(services, run)
    elif wanted == "cells":
        table = tables.hotspot_table(services, hotspots.ask(services, run.query))
    else:
        raise NotFoundError("No such table of a run", found=wanted, do="Ask for zones or cells")
    return file_answer(exports.export(services, table, suffix))


def map_html(services: Services, request: Request) -> Response:
    """Return a map file that opens with no network."""
    run = zones.zone_run(services, request.path_params["run_id"])
    return file_answer(maps.map_html(services, run))


def run_sheet(services: Services, request: Request) -> Response:
    """Return the sheet of chosen zones (`zone`, repeated), else of the first four."""
    run = zones.zone_run(services, request.path_params["run_id"])
    chosen = request.query_params.getlist("zone") or [zone.id for zone in run.zones[:SHEET_ZONES]]
    return _sheet(services, request, run, chosen)


def zone_sheet(services: Services, request: Request) -> Response:
    """Return the sheet of one zone."""
    zone_id = request.path_params["zone_id"]
    return _sheet(services, request, zones.run_of_zone(services, zone_id), [zone_id])


def _sheet(services: Services, request: Request, run: ZoneRun, zone_ids: list[str]) -> Response:
    day = _day(services, request.query_params.get("for", ""))
    return file_answer(sheets.print_sheet(services, run, zone_ids, printed_for=day))


def _day(services: Services, text: str) -> dt.date:
    if not text:
        return services.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise QueryError(
            "Not a date", found=text, do="Write the day that the sheet is for as 2025-06-30", field="for"
        ) from None


def file_answer(made: Export) -> Response:
    """Return a download under its own name, which is plain ASCII."""
    disposition = f'attachment; filename="{made.name}"'
    return Response(made.content, media_type=made.media_type, headers={"Content-Disposition": disposition})
