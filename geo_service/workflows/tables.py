"""Feature tables of everything that can be mapped, exported or served."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.model.access import Audience
    from geo_service.model.hotspots import HotspotSurface, ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services


def zone_table(services: Services, run: ZoneRun) -> FeatureTable:
    """Return the zones of a run as polygons."""
    raise NotImplementedError


def hotspot_table(services: Services, surface: HotspotSurface, *, chosen_only: bool = True) -> FeatureTable:
    """Return the cells of an answer as polygons, the best ones by default."""
    raise NotImplementedError


def boundary_table(services: Services, boundary_set: str) -> FeatureTable:
    """Return the members of an imported boundary set; raise NotFoundError."""
    raise NotImplementedError


def layer_table(services: Services, layer: str, audience: Audience) -> FeatureTable:
    """Return the features of a layer that an audience may see; raise NotFoundError."""
    raise NotImplementedError


def collections(services: Services, audience: Audience) -> list[tuple[str, str, str]]:
    """List (id, title, description) of every table that `collection` can give."""
    raise NotImplementedError


def collection(services: Services, collection_id: str, audience: Audience) -> FeatureTable:
    """Return one collection: a layer id, `boundaries-<set>`, `zones` or `hotspot-cells`; raise NotFoundError."""
    raise NotImplementedError
