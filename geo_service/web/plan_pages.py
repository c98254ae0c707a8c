"""The pages of patrol plans: make one, look at it, change it by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import shapely
from starlette.responses import RedirectResponse, Response

from geo_service import patrol, spatial
from geo_service.errors import GeoServiceError, LostRaceError, NotFoundError, QueryError
from geo_service.model.access import CONSULTATION, PLANNERS
from geo_service.model.layers import FeatureTable, LayerStyle
from geo_service.patrol import Change
from geo_service.web.basemaps import base_map
from geo_service.web.map_layers import GROUND, map_json, map_layers
from geo_service.web.plan_form import plan_form, problem_of, read_typed
from geo_service.web.staff_pages import nav_of
from geo_service.workflows import tables
from geo_service.workflows.finding import zones
from geo_service.workflows.planning import plan
from geo_service.workflows.planning.plan_keeping import plans_kept
from geo_service.workflows.planning.plan_words import amount, change_words, loops_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from geo_service.model.patrol import PatrolPlan
    from geo_service.web.map_layers import MapLayer
    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Services

_SHOWN = 50
"""Plans that a page lists."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Say why a change was not made, and how it can be made after all."""

    title: str
    message: str
    fields: Mapping[str, str]
    """Of the form, as they were sent."""
    words: str
    """The change in words; empty where it was none."""
    again: bool = False
    """Whether it may be done again on the plan as it is now."""


class PlanPages:
    """Answer with the pages of plans."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def listed(self, services: Services, request: Request) -> Response:
        """List the plans, made last first."""
        del request
        found, more = plan.plans(services, most=_SHOWN), max(plans_kept(services) - _SHOWN, 0)
        return self._page(services, "plans.html", plans=found, more=more, licences=())

    def form(self, services: Services, request: Request) -> Response:
        """Show the form, filled in from the address where it says something."""
        return self._page(services, "plan_form.html", form=plan_form(services, request.query_params, _last(services)))

    def make(self, services: Services, filled: Mapping[str, str]) -> Response:
        """Answer the form: to the plan's page, or back to the form with what is wrong."""
        form = plan_form(services, filled)
        typed = read_typed(form.values)
        if isinstance(typed, list):
            return self._page(services, "plan_form.html", 400, form=form.wrong(*typed))
        try:
            made = plan.plan_shift(services, typed.read(services.today()))
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            return self._page(services, "plan_form.html", problem.http_status, form=form.wrong(problem_of(problem)))
        return RedirectResponse(f"/plans/{made.plan.id}{'' if made.new else '?there=yes'}", 303)

    def again(self, services: Services, plan_id: str) -> Response:
        """Plan the same shift with the next seed that no plan was made with."""
        made = plan.plan_shift(services, plan.find_plan(services, plan_id).request, again=True)
        return RedirectResponse(f"/plans/{made.plan.id}", 303)

    def show(self, services: Services, request: Request) -> Response:
        """Show one plan."""
        found = plan.find_plan(services, request.path_params["plan_id"])
        return self._plan(services, found, f"GET {request.url.path}", there="there" in request.query_params)

    def edit(self, services: Services, plan_id: str, filled: Mapping[str, str]) -> Response:
        """Change a plan on the version that the page showed; else show it as it is, and say why nothing was changed."""
        said = {name: text.strip() for name in _CHANGE if (text := filled.get(name, ""))}
        change = None
        try:
            change = _change_of(said)
            plan.edit_plan(services, plan_id, change, version=_version_of(filled.get("version", "")))
        except NotFoundError:
            raise
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            found = plan.find_plan(services, plan_id)
            refused = _refused(found, change, said, problem)
            return self._plan(services, found, f"POST /plans/{plan_id}/edit", problem.http_status, refused=refused)
        return RedirectResponse(f"/plans/{plan_id}#loops", 303)

    def _plan(  # noqa: PLR0913 - what one page shows
        self,
        services: Services,
        found: PatrolPlan,
        what: str,
        status: int = 200,
        *,
        there: bool = False,
        refused: Refused | None = None,
    ) -> Response:
        drawn = _drawn(services, found)
        services.store.record(CONSULTATION, what, {"plan": found.id, "layers": [layer.table.id for layer in drawn]})
        return self._page(
            services,
            "plan.html",
            status,
            plan=found,
            amount=amount(found),
            differences=_differences(services, found),
            loops=loops_in_words(found),
            stops=[stop for loop in loops_in_words(found) for stop in loop.stops],
            visits={zone.id: sum(visit.zone == zone.id for visit in found.visits) for zone in found.zones},
            edits_allowed=services.principal.may(PLANNERS),
            map_layers=map_json(drawn, base_map(services) if drawn else None),
            there=there,
            refused=refused,
            licences=found.licences,
        )

    def _page(self, services: Services, name: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401
        return self.pages(name, status, nav=nav_of(services.principal), **values)


def _change_of(said: Mapping[str, str]) -> Change:
    crew = said.get("crew", "")
    if crew and not (crew.isascii() and crew.isdecimal() and len(crew) <= _LONG):
        raise QueryError("That is no crew", found=crew, do="Give its number, from 1", field="crew")
    return Change.from_json({**said, "crew": int(crew) if crew else None, "loop": said.get("loop") == "yes"})


def _version_of(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONG else None


def _refused(found: PatrolPlan, change: Change | None, said: Mapping[str, str], problem: GeoServiceError) -> Refused:
    lost, here = isinstance(problem, LostRaceError), {visit.id for visit in found.visits}
    possible = lost and change is not None and change.visit in here and (not change.other or change.other in here)
    words = "" if change is None else change_words(found, change)
    title = "Somebody changed this plan meanwhile" if lost else "The change was not made"
    return Refused(title, problem.message, said, words, again=possible)


_CHANGE = ("change", "visit", "other", "start", "crew", "loop")
"""Fields of the form that changes a plan."""
_LONG = 9


def _differences(services: Services, found: PatrolPlan) -> tuple[str, ...]:
    """Say what is different from the team's last plan; nothing where there is none that may be seen."""
    try:
        return patrol.differences(plan.find_plan(services, found.before), found) if found.before else ()
    except NotFoundError:
        return ()


def _last(services: Services) -> str:
    return next((found.team_name for found in plan.plans(services, most=1)), "")


def _drawn(services: Services, found: PatrolPlan) -> list[MapLayer]:
    """Return the zones of a plan and its station, on the ground."""
    ground = [layer.id for layer in services.registry.layers(services.principal.audience)]
    shown = base_map(services) is not None
    filled = [tables.layer_table(services, GROUND)] if GROUND in ground and not shown else []
    wanted = {zone.id for zone in found.zones}
    try:
        run = zones.zone_run(services, found.run)
        run = replace(run, zones=tuple(zone for zone in run.zones if zone.id in wanted))
        drawn = map_layers(services, run, [*filled, _station(found)])
    except NotFoundError:
        # The data that the run was found in may have been erased: the plan outlives it.
        return []
    return drawn


def _station(found: PatrolPlan) -> FeatureTable:
    lon, lat = spatial.to_lonlat([found.station.east_m], [found.station.north_m])
    return FeatureTable(
        id="parade-station",
        title="Where loops begin and end",
        rows=pl.DataFrame({"id": ["station"], "name": [found.station_name]}),
        geometry=np.array([shapely.Point(lon[0], lat[0])], dtype=object),
        provenance=found.provenance,
        style=LayerStyle(shape="triangle", colour="#003078", letter="B"),
    )
