"""What a plan is printed as; the workflows write each into the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import NotFoundError
from geo_service.web.downloads import file_answer
from geo_service.workflows.paper import plan_sheets, wall_maps
from geo_service.workflows.paper.plan_list import plan_list
from geo_service.workflows.planning import plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.markings import Export
    from geo_service.workflows.services import Services

_PDFS: dict[str, Callable[[Services, PatrolPlan], Export]] = {
    "sheets": plan_sheets.print_plan,
    "sheets-by-crew": lambda services, found: plan_sheets.print_plan(services, found, per_crew=True),
    "large-print": lambda services, found: plan_sheets.print_plan(services, found, large_print=True),
    "wall-map": wall_maps.print_wall_map,
}


def pdf(services: Services, request: Request) -> Response:
    """Return a plan on paper: its sheets, for each crew or in large print, or the wall map."""
    found = plan.find_plan(services, request.path_params["plan_id"])
    wanted = request.path_params["paper"]
    if wanted not in _PDFS:
        raise NotFoundError("A plan is not printed so", found=wanted, do=f"Ask for {', '.join(_PDFS)}")
    return file_answer(_PDFS[wanted](services, found))


def table(services: Services, request: Request) -> Response:
    """Return the visits of a plan in one of the formats."""
    found = plan.find_plan(services, request.path_params["plan_id"])
    return file_answer(plan_list(services, found, request.path_params["suffix"]))
