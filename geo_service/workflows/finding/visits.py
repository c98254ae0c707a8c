"""What can be visited around offences: cells, or the homes or streets of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.errors import NotFoundError, QueryError

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Cells, Floats
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

CELLS: Final = "cells"
"""What is visited unless a layer is named."""
_NO_WAY: Final = ("railway", "river", "canal", "stream", "motorway", "motorway_link")
"""Classes of lines that nobody is visited along."""


class Visitable(NamedTuple):
    """Hold what can be visited."""

    names: tuple[str, ...]
    shapes: Geometries
    """EPSG:4326, of each (n)."""
    licences: tuple[str, ...] = ()


def places_around(services: Services, question: Question, places: str, at_m: Floats, radius_m: float) -> Visitable:
    """Return what can be visited around some offences.

    places: CELLS, or a layer. at_m: the offences, EPSG:27700 (k, 2). Raises NotFoundError for an unknown layer and
    QueryError for one that holds nothing to visit.
    """
    if places == CELLS:
        cells = _cells_around(at_m, question.query.resolution, radius_m)
        return Visitable(tuple(spatial.cell_words(cells)), spatial.cell_polygons(cells))
    known = {layer.id for layer in services.registry.layers(services.principal.audience)}
    if places not in known:
        raise NotFoundError(
            "No such layer of places to visit",
            found=places,
            do=f"Use {CELLS}, or a layer of homes or streets: {', '.join(sorted(known))}",
            field="places",
        )
    table = services.registry.features(places, services.principal.audience, question.snapshot)
    kept = ~shapely.is_missing(table.geometry)
    if "class" in table.rows.columns:
        kept &= ~table.rows["class"].is_in(_NO_WAY).fill_null(value=False).to_numpy()
    if not kept.any():
        raise QueryError(
            "The layer has no place that could be visited",
            found=places,
            do=f"Import some: `geo-service import layer {places} FILE`, or visit {CELLS}",
            field="places",
        )
    rows = table.rows.filter(pl.Series(kept))
    named = rows["name"].fill_null(rows["id"]) if "name" in rows.columns else rows["id"]
    return Visitable(tuple(named.to_list()), table.geometry[kept], table.licences)


def _cells_around(at_m: Floats, resolution: int, radius_m: float) -> Cells:
    """Return the cells that may lie within some metres of some places."""
    lon, lat = spatial.to_lonlat(at_m[:, 0], at_m[:, 1])
    own = np.unique(spatial.index_cells(lon, lat, resolution))
    steps = int(np.ceil(radius_m / spatial.least_step_m(resolution))) + 1
    return np.unique(np.concatenate([own, spatial.halo(own, steps)])) if len(own) else own
