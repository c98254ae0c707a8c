"""Sides of a comparison as a table of zones, or of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.model.layers import FeatureTable, LayerStyle

if TYPE_CHECKING:
    from geo_service.workflows.validating.compare import Comparison


def zone_table(found: Comparison) -> FeatureTable:
    """Return the zones of every side as polygons, each with who chose it."""
    shapes = [shapely.union_all(spatial.cell_polygons(found.table_cells[zone.cells])) for zone in found.zones]
    columns: dict[str, object] = {
        "id": [zone.id for zone in found.zones],
        "side": [zone.side for zone in found.zones],
        "led_by": [zone.led_by for zone in found.zones],
        "grid_reference": [zone.grid_reference for zone in found.zones],
        "area_ha": [zone.area_ha for zone in found.zones],
    }
    for at, side in enumerate(found.sides):
        columns[f"share of best cells, {side.label}"] = [zone.shares[at] for zone in found.zones]
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return FeatureTable(
        id="compared-zones",
        title=f"Zones of {found.area_name} by {', '.join(side.label for side in found.sides)}",
        rows=pl.DataFrame(columns, schema_overrides={"id": pl.String}),
        geometry=geometry,
        provenance=found.provenance,
        licences=found.licences,
        notes=(*found.sentences, *found.notes),
        style=LayerStyle(shape="area", colour="#912b88"),
    )
