"""The layers of a staff map, lowest first. Their features travel in the page, so that one view is one act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import orjson
import shapely

from geo_service.web.geojson import feature_collection
from geo_service.workflows import tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.web.basemaps import BaseMap
    from geo_service.workflows.services import Services

    Role: TypeAlias = Literal["ground", "outline", "zones", "features"]

GROUND = "ground"
_COLUMNS: dict[str, tuple[str, ...] | None] = {
    "ground": ("kind",),
    "outline": ("id", "name"),
    "zones": ("id", "number", "name", "events", "area_ha", "grid_reference", "stability"),
    "features": None,
}
"""Properties that the map needs of each role; None for all."""
_AROUND_DEGREES = 0.02
"""How far around what is shown outlines are drawn: one to two kilometres."""


@dataclass(frozen=True, slots=True)
class MapLayer:
    """Draw one table in one way."""

    table: FeatureTable
    role: Role
    title: str
    focus: str = ""
    """Id of the feature that the map is about."""


def map_layers(
    services: Services, run: ZoneRun | None, filled: Sequence[FeatureTable], focus: str = ""
) -> list[MapLayer]:
    """Return what a map draws: the ground, outlines around what is shown, the zones of a run, then features."""
    drawn = [MapLayer(table, "ground", table.title) for table in filled if table.id == GROUND]
    features = [MapLayer(table, "features", table.title) for table in filled if table.id != GROUND]
    zones = []
    if run is not None and run.zones:
        zones = [MapLayer(tables.zone_table(services, run), "zones", "Patrol zones", focus)]
    sets = list(services.store.snapshot().boundary_sets())
    outline = run.query.boundary_set if run and run.query.boundary_set in sets else next(iter(sets), None)
    if outline is not None:
        table = nearby_outlines(tables.boundary_table(services, outline), [layer.table for layer in zones or features])
        drawn.append(MapLayer(table, "outline", "Boundaries"))
    return [*drawn, *zones, *features]


def map_json(layers: Sequence[MapLayer], base: BaseMap | None = None) -> str:
    """Return the layers as the map's script takes them: JSON, features as GeoJSON (EPSG:4326).

    base: the map below them, where one is loaded.
    """
    below = [] if base is None else [{"role": "basemap", "url": base.url, "licences": base.licences}]
    return orjson.dumps(
        [
            *below,
            *(
                {
                    "title": layer.title,
                    "role": layer.role,
                    "focus": layer.focus,
                    "style": {
                        "shape": layer.table.style.shape,
                        "colour": layer.table.style.colour,
                        "letter": layer.table.style.letter if layer.role == "features" else "",
                    },
                    "data": feature_collection(layer.table, _COLUMNS[layer.role]),
                }
                for layer in layers
            ),
        ]
    ).decode()


def nearby_outlines(outlines: FeatureTable, shown: Sequence[FeatureTable]) -> FeatureTable:
    """Return the outlines near what is shown, all where nothing has a position: a county's are many times a district's.

    Geometry of all tables: EPSG:4326.
    """
    bounds = [box for box in (shapely.total_bounds(table.geometry) for table in shown) if np.isfinite(box).all()]
    if not bounds:
        return outlines
    corners = np.array(bounds)
    window = shapely.box(*corners[:, :2].min(axis=0), *corners[:, 2:].max(axis=0)).buffer(_AROUND_DEGREES)
    near = shapely.intersects(outlines.geometry, window)
    return replace(outlines, rows=outlines.rows.filter(near), geometry=outlines.geometry[near])
