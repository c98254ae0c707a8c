"""What somebody may name to say where they are: postcodes, towns and streets around the Safe Places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_service import spatial
from geo_service.model.release import STREET_SCHEMA, TOWN_SCHEMA, Gazetteer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats

WITHIN_M: Final = 15_000.0
"""How far from a Safe Place somebody may be who looks for one."""
_SAME_STREET_M: Final = 300.0
"""Lines of one name that are this near each other are one street."""
_DECIMALS: Final = 6


def gazetteer(
    postcodes: pl.DataFrame | None,
    places: pl.DataFrame,
    lonlat: Floats,
    streets: Geometries,
    names: Sequence[str],
) -> Gazetteer:
    """Gather the names around some places.

    postcodes: `postcode`, `lon`, `lat`, None where none are loaded. places: `town`. lonlat: (p, 2) of the places,
    degrees, nan where a position is not known. streets, names: lines, EPSG:4326, and the name of each.
    """
    located = np.isfinite(lonlat).all(axis=1)
    at_m = np.column_stack(spatial.to_grid(*lonlat[located].T))
    towns = _towns(places["town"].to_list(), lonlat)
    return Gazetteer(_postcodes(postcodes, at_m), towns, _streets(streets, np.array(names, dtype=object), at_m, towns))


def _postcodes(postcodes: pl.DataFrame | None, at_m: Floats) -> pl.DataFrame:
    if postcodes is None or not len(at_m):
        return Gazetteer().postcodes
    east_m, north_m = spatial.to_grid(postcodes["lon"].to_numpy(), postcodes["lat"].to_numpy())
    near = pl.Series(_near(np.column_stack([east_m, north_m]), at_m))
    kept = postcodes.filter(near).select("postcode", pl.col("lon", "lat").cast(pl.Float64).round(_DECIMALS))
    return kept.unique("postcode", keep="first").sort("postcode")


def _near(points_m: Floats, at_m: Floats) -> NDArray[np.bool_]:
    """Tell which points are within WITHIN_M of a place."""
    boxed = ((points_m >= at_m.min(axis=0) - WITHIN_M) & (points_m <= at_m.max(axis=0) + WITHIN_M)).all(axis=1)
    near = np.zeros(len(points_m), dtype=np.bool_)
    distance_m, _ = cKDTree(at_m).query(points_m[boxed], distance_upper_bound=WITHIN_M)
    near[boxed] = np.isfinite(distance_m)
    return near


def _towns(town_of: Sequence[str | None], lonlat: Floats) -> pl.DataFrame:
    """Return each town that holds a place whose position is known, at the median of its places."""
    rows = [(town, *at) for town, at in zip(town_of, lonlat.tolist(), strict=True) if town and np.isfinite(at).all()]
    frame = pl.DataFrame(rows, schema=TOWN_SCHEMA, orient="row")
    return frame.group_by("name").agg(pl.col("lon", "lat").median().round(_DECIMALS)).sort("name")


def _streets(lines: Geometries, names: NDArray[np.object_], at_m: Floats, towns: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each street: lines of one name that hang together, at a point on the line in their middle."""
    named = np.array([bool(name) for name in names], dtype=np.bool_) & ~shapely.is_missing(lines)
    if not len(at_m) or not named.any():
        return pl.DataFrame(schema=STREET_SCHEMA)
    names, lines_m = names[named], spatial.project_geometry(lines[named], to="grid")
    middle_m = shapely.get_coordinates(
        shapely.line_interpolate_point(shapely.line_merge(lines_m), 0.5, normalized=True)
    )
    near = _near(middle_m, at_m)
    names, lines_m, middle_m = names[near], lines_m[near], middle_m[near]
    chosen = [
        part[np.linalg.norm(middle_m[part] - middle_m[part].mean(axis=0), axis=1).argmin()]
        for of_name in _grouped(names)
        for part in _hanging_together(of_name, lines_m)
    ]
    lon, lat = spatial.to_lonlat(*middle_m[chosen].T)
    columns = {
        "name": names[chosen].tolist(),
        "town": _nearest_town(middle_m[chosen], towns),
        "lon": np.round(lon, _DECIMALS),
        "lat": np.round(lat, _DECIMALS),
    }
    return pl.DataFrame(columns, schema=STREET_SCHEMA).sort("name", "town", "lon", "lat")


def _grouped(names: NDArray[np.object_]) -> list[NDArray[np.int64]]:
    """Return the positions of each name."""
    order = np.argsort(names.astype(str), kind="stable")
    ordered = names[order].astype(str)
    return [part for part in np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1) if len(part)]


def _hanging_together(of_name: NDArray[np.int64], lines_m: Geometries) -> list[NDArray[np.int64]]:
    """Part the lines of one name where a gap is wider than _SAME_STREET_M."""
    if len(of_name) == 1:
        return [of_name]
    mine = lines_m[of_name]
    one, other = shapely.STRtree(mine).query(mine, predicate="dwithin", distance=_SAME_STREET_M)
    linked = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(mine), len(mine)))
    count, of = connected_components(linked, directed=False)
    return [of_name[of == part] for part in range(count)]


def _nearest_town(points_m: Floats, towns: pl.DataFrame) -> list[str]:
    if towns.is_empty():
        return [""] * len(points_m)
    at_m = np.column_stack(spatial.to_grid(towns["lon"].to_numpy(), towns["lat"].to_numpy()))
    _, nearest = cKDTree(at_m).query(points_m)
    return [towns["name"][int(position)] for position in nearest]
