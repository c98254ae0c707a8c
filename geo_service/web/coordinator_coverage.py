"""The page of how far the Safe Places reach: a map, a list, and a file of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import GeoServiceError
from geo_service.model.access import READERS
from geo_service.web.basemaps import base_map
from geo_service.web.downloads import file_answer
from geo_service.web.map_layers import MapLayer, map_json
from geo_service.web.staff_pages import nav_of
from geo_service.workflows import exports, tables
from geo_service.workflows.places import coverage
from geo_service.workflows.places.approved import PLACES
from geo_service.workflows.places.finding import COORDINATORS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Services


class CoordinatorCoverage:
    """Answer with the page and the file of the coverage."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def show(self, services: Services, request: Request) -> Response:
        """Show an area, or all that is loaded."""
        boundary = request.query_params.get("boundary", "").strip()[:200]
        nav, keeps = nav_of(services.principal), services.principal.may(COORDINATORS)
        whole = services.principal.areas is None
        try:
            found = coverage.coverage(services, boundary)
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            return self.pages(
                "places_coverage.html", problem.http_status, nav=nav, found=None, boundary=boundary, whole_force=whole,
                problem=problem.message, keeps=keeps, map_layers="[]",
            )  # fmt: skip
        drawn = [MapLayer(found.members, "outline", "Areas"), MapLayer(found.gaps, "features", found.gaps.title)]
        places = tables.drawn(tables.layer_today(services, PLACES))
        drawn += [MapLayer(part, "features", part.title) for part in places]
        base = base_map(services) if services.principal.may(READERS) else None
        return self.pages(
            "places_coverage.html", nav=nav, found=found, boundary=boundary, problem="", keeps=keeps, whole_force=whole,
            map_layers=map_json([layer for layer in drawn if layer.table.rows.height], base),
        )  # fmt: skip

    def csv(self, services: Services, request: Request) -> Response:
        """Hand the members and the gaps out as CSV."""
        boundary = request.query_params.get("boundary", "").strip()[:200]
        return file_answer(exports.export(services, coverage.coverage(services, boundary).table, ".csv"))
