"""Which member of a boundary set each point lies in, and totals by member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from geo_service.model.cells import OUTSIDE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.cells import Floats


def assign(lon: ArrayLike, lat: ArrayLike, boundary_set: BoundarySet) -> NDArray[np.int32]:
    """Find the member that each point lies in, as `geopandas.sjoin(predicate="intersects")` would.

    lon, lat: degrees, EPSG:4326, shape (n). Returns int32 (n): position in the boundary set; OUTSIDE where the
    point is nan or in no member. The rule for ties: a point on a border belongs to the area that it bounds, and a
    point that several members claim, on a shared edge or in an overlap, goes to the one whose code sorts first.
    """
    points = pl.DataFrame({"lon": np.asarray(lon, dtype=np.float64), "lat": np.asarray(lat, dtype=np.float64)})
    points = points.with_columns(pl.col("lon", "lat").fill_nan(None))
    distinct = points.drop_nulls().unique()
    found = distinct.with_columns(member=pl.Series(_members_at(distinct, boundary_set), dtype=pl.Int32))
    joined = points.join(found, on=["lon", "lat"], how="left", maintain_order="left")
    return joined["member"].fill_null(OUTSIDE).to_numpy()


def _members_at(points: pl.DataFrame, boundary_set: BoundarySet) -> NDArray[np.int32]:
    """Return the member of each distinct point."""
    by_code = np.argsort(np.array(boundary_set.codes, dtype=np.str_), kind="stable")
    # Our own copies: a prepared polygon answers many points fast, but two threads must not prepare the same one.
    polygons = shapely.from_wkb(shapely.to_wkb(boundary_set.geometry[by_code]))
    shapely.prepare(polygons)
    lon, lat = points["lon"].to_numpy(), points["lat"].to_numpy()
    point, rank = shapely.STRtree(polygons).query(shapely.points(lon, lat))
    inside = shapely.intersects_xy(polygons[rank], lon[point], lat[point])
    first = np.full(points.height, len(boundary_set), dtype=np.int64)
    np.minimum.at(first, point[inside], rank[inside])
    return np.append(by_code, OUTSIDE)[first].astype(np.int32)


@dataclass(frozen=True, slots=True)
class MemberTotals:
    """Hold totals by member of a boundary set; `inside` and `outside` together lose nothing."""

    inside: Floats
    """Total of each member, in the order of the set."""
    outside: float
    """Total of what lies in no member, or has no position."""


def summarise(member: NDArray[np.int32], boundary_set: BoundarySet, weights: ArrayLike | None = None) -> MemberTotals:
    """Add up by member.

    member: int32 (n) of `assign`. weights: (n), by default 1 each.
    """
    size = len(boundary_set)
    place = np.where(member == OUTSIDE, size, member)
    totals = np.bincount(
        place, weights=None if weights is None else np.asarray(weights, dtype=np.float64), minlength=size + 1
    )
    return MemberTotals(totals[:size].astype(np.float64), float(totals[size]))
