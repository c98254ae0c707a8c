"""What lies around the Safe Places of a release: names to find one's way from, streets to walk along, the base map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import spatial
from geo_service.model.layers import STREETS
from geo_service.model.release import Ways
from geo_service.patrol.streets import NO_STREETS
from geo_service.safe_places.gazetteer import gazetteer
from geo_service.workflows.importing import basemaps

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.layers import FeatureTable
    from geo_service.model.ports import Snapshot
    from geo_service.model.release import Gazetteer
    from geo_service.workflows.services import Services

WAYS_WITHIN_M: Final = 2_000.0
"""Around each place: further than somebody walks who looks for the nearest one."""
POSTCODES_LICENCE: Final = (
    "Postcodes: contains OS data © Crown copyright and database right; contains Royal Mail data © Royal Mail "
    "copyright and database right; contains National Statistics data © Crown copyright and database right."
)
_NOT_WALKED: Final = (*sorted(NO_STREETS), "rail", "motorway", "motorway_link")


def ground(
    services: Services, snapshot: Snapshot, places: FeatureTable
) -> tuple[Gazetteer, Ways | None, Path | None, tuple[str, ...]]:
    """Return the gazetteer, the streets for directions, the tiles of the base map, and their licence lines."""
    postcodes = snapshot.postcodes()
    lines, classes, names, street_licences = _streets(services, snapshot)
    positions = np.array(
        [(shape.x, shape.y) if shape is not None else (np.nan, np.nan) for shape in places.geometry]
    ).reshape(-1, 2)
    found = gazetteer(postcodes, places.rows, positions, lines, names)
    near = _near(lines, positions)
    ways = None
    if near.any():
        on_grid = spatial.project_geometry(lines[near], to="grid")
        # To the centimetre: finer is not known, and would only be carried.
        on_grid = shapely.transform(on_grid, lambda corners: np.round(corners, 2))
        ways = Ways(on_grid, *(tuple(np.array(column, dtype=object)[near].tolist()) for column in (classes, names)))
    drawn = basemaps.basemap(services)
    licences = [line for line in street_licences if near.any() or not found.streets.is_empty()]
    if not found.postcodes.is_empty() and not services.demonstration:
        licences.append(POSTCODES_LICENCE)
    if drawn is not None:
        licences += drawn[1]
    return found, ways, None if drawn is None else drawn[0].path, tuple(dict.fromkeys(licences))


def _streets(services: Services, snapshot: Snapshot) -> tuple[Geometries, list[str], list[str], list[str]]:
    """Return the lines that people walk along, EPSG:4326, their classes and names, and the licence lines of them."""
    features = snapshot.features(STREETS)
    if features is None or features.is_empty():
        return np.array([], dtype=object), [], [], []
    features = features.filter(~features["class"].fill_null("").is_in(_NOT_WALKED))
    lines = np.asarray(shapely.from_wkb(np.array(features["wkb"].to_list(), dtype=object)), dtype=object)
    licences = features["licence"].drop_nulls().unique().sort().to_list() if "licence" in features.columns else []
    if services.demonstration:
        licences = []
    return lines, features["class"].fill_null("").to_list(), features["name"].fill_null("").to_list(), licences


def _near(lines: Geometries, positions: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which lines come within WAYS_WITHIN_M of a place; each is kept whole, so that ways hang together."""
    located = positions[np.isfinite(positions).all(axis=1)]
    if not len(located) or not len(lines):
        return np.zeros(len(lines), dtype=np.bool_)
    around = shapely.union_all(
        shapely.buffer(shapely.points(np.column_stack(spatial.to_grid(*located.T))), WAYS_WITHIN_M)
    )
    window = spatial.project_geometry(np.array([around], dtype=object), to="lonlat")[0]
    shapely.prepare(window)
    return np.asarray(shapely.intersects(window, lines), dtype=np.bool_)
