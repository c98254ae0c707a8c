"""Features of a synthetic force: parade stations, cameras, orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.spatial.projection import project_geometry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

ORDER_RADIUS_M = 400.0
CAMERAS = 2
"""At each hot place."""


def layers(
    codes: Sequence[str], names: Sequence[str], team: np.ndarray, east_north_m: np.ndarray, rng: Generator
) -> dict[str, dict[str, object]]:
    """Return id of the layer -> GeoJSON.

    codes, names: of the teams. team: number of the team of each hot place (n). east_north_m: (n, 2), EPSG:27700. Each
    team has a parade station amid its hot places, each place cameras, every third team an order around one of them.
    """
    middles = np.array([np.median(east_north_m[team == number], axis=0) for number in range(len(codes))])
    at = np.repeat(east_north_m, CAMERAS, axis=0)
    ordered = range(0, len(codes), 3)
    around = shapely.buffer(shapely.points([east_north_m[team == number][0] for number in ordered]), ORDER_RADIUS_M)
    return {
        "parade-stations": _collection(
            [
                {"id": f"PS-{number:02d}", "name": f"{name} station", "team": code}
                for number, (code, name) in enumerate(zip(codes, names, strict=True), start=1)
            ],
            shapely.points(middles),
        ),
        "cctv": _collection(
            [
                {"id": f"CAM-{number:04d}", "name": f"Synthetic camera {number}", "operator": "Synthetic"}
                for number in range(1, len(at) + 1)
            ],
            shapely.points(at + rng.normal(0, 60, at.shape)),
        ),
        "pspo": _collection(
            [
                {
                    "id": f"PSPO-{number + 1:02d}", "name": f"Synthetic order {number + 1}", "status": "in force",
                    "prohibitions": "Drinking alcohol in the street when an officer asks to stop",
                    "valid_from": "2025-06-01", "valid_to": "2028-05-31", "council": "Synthetic",
                }
                for number in ordered
            ],
            around,
        ),
    }  # fmt: skip


def _collection(rows: Sequence[dict[str, str]], shapes_m: np.ndarray) -> dict[str, object]:
    lonlat = project_geometry(shapes_m, "lonlat")
    rounded = shapely.transform(lonlat, lambda degrees: np.round(degrees, 7))
    features = [
        {"type": "Feature", "properties": row, "geometry": shapely.geometry.mapping(shape)}
        for row, shape in zip(rows, rounded, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}
