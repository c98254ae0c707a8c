"""What the pages of the staff site show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from geo_service.errors import GeoServiceError
from geo_service.model.access import AUDITORS, CONSULTATION, KEEPERS, PLANNERS, READERS, Principal, Role
from geo_service.model.layers import UNDRAWN
from geo_service.web.basemaps import base_map
from geo_service.web.find import find_form, problem_of, read_query
from geo_service.web.map_layers import GROUND, map_json, map_layers
from geo_service.web.places import read_places
from geo_service.workflows import tables, words
from geo_service.workflows.finding import zones
from geo_service.workflows.keeping import history
from geo_service.workflows.planning import plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.web.basemaps import BaseMap
    from geo_service.web.map_layers import MapLayer
    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Services

PLACES = "safe-places"
_COMMONEST = 10
"""Offences that a zone page shows at once; the rest is folded."""
_NEWEST = 5
"""Plans that the start page lists."""
NAV = (
    ("/", "Map", READERS),
    ("/find", "Find hotspots", PLANNERS),
    ("/plan", "Plan a shift", PLANNERS),
    ("/plans", "Plans", READERS),
    ("/visits", "Visits", READERS),
    ("/places", "Safe Places", KEEPERS | {Role.COORDINATOR}),
    ("/history", "History", READERS | KEEPERS),
    ("/audit", "Audit", AUDITORS),
)
_NEAR = ("cctv", "cctv-redeployable", PLACES)


class StaffPages:
    """Answer with pages; a page with a map carries its features, and records itself with the layers shown."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def start(self, services: Services, request: Request) -> Response:
        """Show the newest zones, the cameras and the Safe Places on one map and in lists."""
        if not services.principal.may(READERS):
            services.store.record(CONSULTATION, f"{request.method} {request.url.path}")
            return self._page(
                services,
                "home.html",
                who=services.principal.name,
                keeps_accounts=services.principal.may(KEEPERS),
                licences=(),
            )
        runs = zones.zone_runs(services)
        run = runs[0] if runs else None
        snapshot = services.store.snapshot()
        base = base_map(services)
        # What the tiles show need not travel in the page too.
        apart = UNDRAWN if base is None else UNDRAWN | {GROUND}
        layers = [tables.layer_today(services, layer) for layer in _layer_ids(services) if layer not in apart]
        filled = [part for table in layers if table.rows.height for part in tables.drawn(table)]
        now = services.now()
        return self._page(
            services,
            "start.html",
            run=run,
            on_paper=run is not None and zones.has_data(services, run),
            runs=runs[1:6],
            plans=plan.plans(services, most=_NEWEST),
            months=snapshot.months(),
            sources=snapshot.sources(),
            anchors=words.ANCHOR if words.POLICE_UK in snapshot.sources() else "",
            version=snapshot.version,
            boundary_sets=list(snapshot.boundary_sets().values()),
            places=[place for table in filled if table.id == PLACES for place in read_places(table, now)],
            lists=[(table, _rows(table)) for table in filled if table.id not in {PLACES, GROUND}],
            map_layers=_shown(services, request, map_layers(services, run, filled), base),
            licences=_licences(run, filled),
        )

    def find_page(self, services: Services, request: Request) -> Response:
        """Show the form, filled in from the address where it says something."""
        form = find_form(services, zones.zone_runs(services), dict(request.query_params))
        return self._page(services, "find.html", form=form)

    def find(self, services: Services, filled: Mapping[str, str]) -> Response:
        """Answer the form: to the run's page, or back to the form with what is wrong."""
        form = find_form(services, zones.zone_runs(services), filled)
        query = read_query(form.values)
        if isinstance(query, list):
            return self._page(services, "find.html", 400, form=form.wrong(*query))
        try:
            _, run = zones.find_zones(services, query)
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            return self._page(services, "find.html", problem.http_status, form=form.wrong(problem_of(problem)))
        return RedirectResponse(f"/runs/{run.id}", 303)

    def run(self, services: Services, request: Request) -> Response:
        """Show one run."""
        run = zones.zone_run(services, request.path_params["run_id"])
        base = base_map(services)
        return self._page(
            services,
            "run.html",
            run=run,
            on_paper=zones.has_data(services, run),
            map_layers=_shown(services, request, map_layers(services, run, _ground(services, base)), base),
            member=words.member_word(services, run.query.boundary_set),
            formats=[(form.name, form.suffix.lstrip(".")) for form in services.formats.values()],
            today=services.today(),
            licences=run.licences,
        )

    def zone(self, services: Services, request: Request) -> Response:
        """Show one zone: why it is one, its mix, where it is, what is near."""
        run = zones.run_of_zone(services, request.path_params["zone_id"])
        zone = next(zone for zone in run.zones if zone.id == request.path_params["zone_id"])
        near = [tables.layer_today(services, layer) for layer in _NEAR if layer in _layer_ids(services)]
        filled = [part for table in near if table.rows.height for part in tables.drawn(table)]
        base = base_map(services)
        return self._page(
            services,
            "zone.html",
            run=run,
            zone=zone,
            on_paper=zones.has_data(services, run),
            member=words.member_word(services, run.query.boundary_set),
            mix=(mix := _shares(zone)),
            commonest=_COMMONEST if len(mix) > _COMMONEST + 1 else len(mix),
            map_layers=_shown(
                services, request, map_layers(services, run, [*_ground(services, base), *filled], focus=zone.id), base
            ),
            today=services.today(),
            licences=_licences(run, filled),
        )

    def history(self, services: Services, request: Request) -> Response:
        """Show the versions of the data."""
        del request
        return self._page(
            services,
            "history.html",
            versions=list(reversed(history.versions(services))),
            licences=(),
        )

    def _page(self, services: Services, name: str, status: int = 200, **values: object) -> Response:
        return self.pages(name, status, nav=nav_of(services.principal), **values)


def nav_of(principal: Principal) -> list[tuple[str, str]]:
    """Return (address, words) of the main pages that somebody may open."""
    return [(address, words) for address, words, roles in NAV if principal.may(roles)]


def _shown(services: Services, request: Request, drawn: list[MapLayer], base: BaseMap | None) -> str:
    """Write the view and its layers into the ledger and return the layers for the map."""
    services.store.record(
        CONSULTATION, f"{request.method} {request.url.path}", {"layers": [layer.table.id for layer in drawn]}
    )
    return map_json(drawn, base)


def _layer_ids(services: Services) -> list[str]:
    return [layer.id for layer in services.registry.layers(services.principal.audience)]


def _ground(services: Services, base: BaseMap | None) -> list[FeatureTable]:
    """Return the ground, unless a base map shows it."""
    return [tables.layer_table(services, GROUND)] if base is None and GROUND in _layer_ids(services) else []


def _rows(table: FeatureTable) -> list[tuple[str, str]]:
    """Return the name of each feature and its other facts in one line."""
    told = [
        (row, [f"{name.replace('_', ' ')}: {value}" for name, value in row.items() if _worth_telling(name, value)])
        for row in table.rows.iter_rows(named=True)
    ]
    return [(str(row.get("name") or row["id"]), ", ".join(facts)) for row, facts in told]


def _worth_telling(name: str, value: object) -> bool:
    return name not in {"id", "name", "lon", "lat", "position_source"} and value not in (None, "")


def _shares(zone: PatrolZone) -> list[tuple[str, int, float]]:
    """Return each offence of a zone with its count and its share."""
    return [(offence, count, count / zone.events if zone.events else 0.0) for offence, count in zone.mix]


def _licences(run: ZoneRun | None, shown: list[FeatureTable]) -> tuple[str, ...]:
    lines = [*(run.licences if run else ()), *(line for table in shown for line in table.licences)]
    return tuple(dict.fromkeys(lines))
