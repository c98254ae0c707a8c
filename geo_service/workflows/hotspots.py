"""From a question to hotspots and patrol zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.model.access import Principal
    from geo_service.model.hotspots import HotspotQuery, HotspotSurface, ZoneRun
    from geo_service.workflows.services import Services


def ask(services: Services, query: HotspotQuery) -> HotspotSurface:
    """Answer a question cell by cell.

    Raises QueryError for a parameter that cannot be answered, NotFoundError for an unknown boundary or set.
    """
    raise NotImplementedError


def find_zones(services: Services, query: HotspotQuery, principal: Principal) -> tuple[HotspotSurface, ZoneRun]:
    """Answer a question with patrol zones and keep the run, so that a sheet or map can name it."""
    raise NotImplementedError


def zone_runs(services: Services) -> list[ZoneRun]:
    """List the kept runs, newest first."""
    raise NotImplementedError


def zone_run(services: Services, run_id: str) -> ZoneRun:
    """Return one run by its id, or the newest for `latest`; raise NotFoundError."""
    raise NotImplementedError


def run_of_zone(services: Services, zone_id: str) -> ZoneRun:
    """Return the newest run that holds a zone; raise NotFoundError."""
    raise NotImplementedError
