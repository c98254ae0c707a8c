"""What the pages of the staff site show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from geo_service.errors import GeoServiceError
from geo_service.model.access import OPERATOR, Audience, AuditEvent, Principal
from geo_service.safe_places.opening import LONDON
from geo_service.web.find import find_form, problem_of, read_query
from geo_service.web.map_layers import GROUND, map_json, map_layers
from geo_service.web.places import read_places
from geo_service.workflows import history, tables, zones
from geo_service.workflows.policy import CONSULTATION, PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.web.map_layers import MapLayer
    from geo_service.web.pages import Pages
    from geo_service.workflows.services import Services

PLACES = "safe-places"
_MOST_EVENTS = 100
_COMMONEST = 10
"""Offences that a zone page shows at once; the rest is folded."""
_NEAR = ("cctv", "cctv-redeployable", PLACES)


class StaffPages:
    """Answer with pages; a page with a map carries its features, and records itself with the layers shown."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self.services = services
        self.pages = pages

    def start(self, request: Request) -> Response:
        """Show the newest zones, the cameras and the Safe Places on one map and in lists."""
        runs = zones.zone_runs(self.services)
        run = runs[0] if runs else None
        snapshot = self.services.store.snapshot()
        layers = [self._layer(layer.id) for layer in self.services.registry.layers(Audience.FORCE)]
        filled = [table for table in layers if table.rows.height]
        now = self.services.clock().astimezone(LONDON)
        return self.pages(
            "start.html",
            run=run,
            runs=runs[1:6],
            months=snapshot.months(),
            sources=snapshot.sources(),
            version=snapshot.version,
            boundary_sets=list(snapshot.boundary_sets().values()),
            places=[place for table in filled if table.id == PLACES for place in read_places(table, now)],
            lists=[(table, _rows(table)) for table in filled if table.id not in {PLACES, GROUND}],
            map_layers=self._shown(request, map_layers(self.services, run, filled)),
            licences=_licences(run, filled),
        )

    def find_page(self, request: Request) -> Response:
        """Show the form, filled in from the address where it says something."""
        form = find_form(self.services, zones.zone_runs(self.services), dict(request.query_params))
        return self.pages("find.html", form=form)

    def find(self, filled: Mapping[str, str]) -> Response:
        """Answer the form: to the run's page, or back to the form with what is wrong."""
        form = find_form(self.services, zones.zone_runs(self.services), filled)
        query = read_query(form.values)
        if isinstance(query, list):
            return self.pages("find.html", 400, form=form.wrong(*query))
        try:
            _, run = zones.find_zones(self.services, query, Principal("staff site, one-time link", OPERATOR))
        except GeoServiceError as problem:
            if problem.exit_code == 1:
                raise
            return self.pages("find.html", problem.http_status, form=form.wrong(problem_of(problem)))
        return RedirectResponse(f"/runs/{run.id}", 303)

    def run(self, request: Request) -> Response:
        """Show one run."""
        run = zones.zone_run(self.services, request.path_params["run_id"])
        return self.pages(
            "run.html",
            run=run,
            map_layers=self._shown(request, map_layers(self.services, run, self._ground())),
            formats=[(form.name, form.suffix.lstrip(".")) for form in self.services.formats.values()],
            today=self.services.clock().astimezone(LONDON).date(),
            licences=run.licences,
        )

    def zone(self, request: Request) -> Response:
        """Show one zone: why it is one, its mix, where it is, what is near."""
        run = zones.run_of_zone(self.services, request.path_params["zone_id"])
        zone = next(zone for zone in run.zones if zone.id == request.path_params["zone_id"])
        near = [self._layer(layer) for layer in _NEAR if layer in self._layer_ids()]
        filled = [table for table in near if table.rows.height]
        return self.pages(
            "zone.html",
            run=run,
            zone=zone,
            mix=(mix := _shares(zone)),
            commonest=_COMMONEST if len(mix) > _COMMONEST + 1 else len(mix),
            map_layers=self._shown(request, map_layers(self.services, run, [*self._ground(), *filled], focus=zone.id)),
            today=self.services.clock().astimezone(LONDON).date(),
            licences=_licences(run, filled),
        )

    def history(self, request: Request) -> Response:
        """Show the versions of the data and the newest events of the ledger."""
        del request
        return self.pages(
            "history.html",
            versions=list(reversed(history.versions(self.services))),
            events=history.events(self.services, _MOST_EVENTS),
            licences=(),
        )

    def _shown(self, request: Request, drawn: list[MapLayer]) -> str:
        """Write the view and its layers into the ledger and return the layers for the map."""
        principal: Principal = request.scope[PRINCIPAL]
        what = f"{request.method} {request.url.path}"
        layers = [layer.table.id for layer in drawn]
        self.services.store.record(
            AuditEvent(CONSULTATION, principal.name, what, self.services.clock(), {"layers": layers})
        )
        return map_json(drawn)

    def _layer_ids(self) -> list[str]:
        return [layer.id for layer in self.services.registry.layers(Audience.FORCE)]

    def _layer(self, layer_id: str) -> FeatureTable:
        return tables.layer_table(self.services, layer_id, Audience.FORCE)

    def _ground(self) -> list[FeatureTable]:
        return [self._layer(GROUND)] if GROUND in self._layer_ids() else []


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
