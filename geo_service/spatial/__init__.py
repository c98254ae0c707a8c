"""Cells, projection, cover, neighbours and binning: the only door to h3 and pyproj."""

from geo_service.spatial.binning import CubeBuilder
from geo_service.spatial.cells import (
    cell_areas_m2,
    cell_centres,
    cell_polygons,
    cell_words,
    cells_from_words,
    index_all,
    index_cells,
    parents,
)
from geo_service.spatial.cover import LEAST_SHARE, area_m2, cover
from geo_service.spatial.graph import components, halo, least_step_m, neighbours
from geo_service.spatial.grid import grid_reference, parse_grid_reference
from geo_service.spatial.projection import (
    GRID_SIZE_M,
    in_grid,
    metres_between,
    project_geometry,
    reproject,
    to_grid,
    to_lonlat,
)

__all__ = [
    "GRID_SIZE_M",
    "LEAST_SHARE",
    "CubeBuilder",
    "area_m2",
    "cell_areas_m2",
    "cell_centres",
    "cell_polygons",
    "cell_words",
    "cells_from_words",
    "components",
    "cover",
    "grid_reference",
    "halo",
    "in_grid",
    "index_all",
    "index_cells",
    "least_step_m",
    "metres_between",
    "neighbours",
    "parents",
    "parse_grid_reference",
    "project_geometry",
    "reproject",
    "to_grid",
    "to_lonlat",
]
