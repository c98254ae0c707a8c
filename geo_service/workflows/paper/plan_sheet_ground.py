"""The ground below the maps of sheets: loaded and projected once, then asked for one window after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.model.layers import BUILDINGS, GROUND, STREETS
from geo_service.model.sheets import MapShape
from geo_service.workflows.paper.plan_sheet_boxes import Boxes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.layers import FeatureTable
    from geo_service.model.ports import Snapshot
    from geo_service.model.sheets import ShapeKind
    from geo_service.workflows.services import Services

_LARGE: Final = ("motorway", "trunk", "primary", "a road", "primary road")
_MIDDLE: Final = ("secondary", "tertiary", "b road")
_SMALL: Final = (
    "residential", "unclassified", "living_street", "pedestrian", "road", "minor road", "local road", "local street",
    "minor street", "pedestrianised street",
)  # fmt: skip
_PATHS: Final = ("footway", "path", "cycleway", "steps", "bridleway", "track", "corridor")
_RAIL: Final = ("rail", "railway", "light_rail", "narrow_gauge", "tram", "subway")
_WATER: Final = ("river", "canal", "stream", "drain", "ditch")
_SPILL_M: Final = 60.0
"""How far beyond a window shapes are cut, so that no cut edge shows."""
_BUILDINGS_TO: Final = 5_000
"""Smallest scale at which buildings and paths help; beyond it they are specks."""
_LANES_TO: Final = 12_500
"""Smallest scale at which service roads help."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Hold streets, rails, water, woods, parks, buildings and the outlines of wards, in metres, EPSG:27700."""

    shapes: Geometries
    """(n)"""
    about: pl.DataFrame
    """`kind`, `label`, `rank` and `class` of each (n)."""
    tree: shapely.STRtree
    licences: tuple[str, ...]
    missing: tuple[str, ...]
    """What could not be read, in words."""

    @property
    def with_streets(self) -> bool:
        """Return whether any street is loaded."""
        return bool((self.about["kind"] == "street").any())

    def within(self, box: shapely.Polygon, scale: int) -> tuple[MapShape, ...]:
        """Return what a map of that window and scale shows, cut a little beyond it, by kind and name."""
        about, shapes = self._there(box)
        left_out = [] if scale <= _BUILDINGS_TO else ["building", "path"]
        keep = ~about["kind"].is_in(left_out)
        if scale > _LANES_TO:
            keep &= (about["kind"] != "street") | (about["rank"] > 0)
        about, shapes = about.filter(keep), shapes[keep.to_numpy()]
        cut = shapely.clip_by_rect(shapes, *shapely.buffer(box, _SPILL_M, join_style="mitre").bounds)
        groups = (
            about.with_row_index("at")
            .filter(pl.Series(~shapely.is_empty(cut), dtype=pl.Boolean))
            .group_by("kind", "label", "rank", maintain_order=True)
            .agg("at")
        )
        return tuple(
            MapShape(cast("ShapeKind", kind), cut[at], label, rank) for kind, label, rank, at in groups.iter_rows()
        )

    def street_names(self, outline: shapely.Geometry, most: int) -> tuple[str, ...]:
        """Name the streets within an outline, the longest there first."""
        about, shapes = self._there(outline)
        named = ((about["kind"] == "street") & (about["label"] != "")).to_numpy()
        inside = shapely.length(shapely.intersection(shapes[named], outline))
        return tuple(
            about.filter(pl.Series(named, dtype=pl.Boolean))
            .with_columns(pl.Series("inside", inside, dtype=pl.Float64))
            .group_by("label")
            .agg(pl.col("inside").sum())
            .filter(pl.col("inside") >= 1.0)
            .sort(["inside", "label"], descending=[True, False])["label"]
            .head(most)
        )

    def lines(self, box: shapely.Polygon) -> tuple[Geometries, list[str]]:
        """Return the streets and paths that meet a window, whole, with their classes: what people move along."""
        about, shapes = self._there(box)
        moved = about["kind"].is_in(["street", "path"])
        return shapes[moved.to_numpy()], about.filter(moved)["class"].to_list()

    def _there(self, box: shapely.Geometry) -> tuple[pl.DataFrame, Geometries]:
        at = np.sort(self.tree.query(box, predicate="intersects"))
        return self.about[at], self.shapes[at]


def load_ground(services: Services, places: Snapshot, data: Snapshot | None, boundary_set: str) -> Ground:
    """Read everything that maps of sheets are drawn on, each layer in a guard of its own.

    places: snapshot of streets and ground. data: snapshot of the outlines of wards, those that the zones were found
    with; None where it is gone.
    """
    boxes, licences = Boxes("the ground"), dict[str, None]()
    offered = {layer.id for layer in services.registry.layers(services.principal.audience)}
    parts: list[tuple[pl.DataFrame, Geometries]] = []
    readers = (
        (STREETS, "Streets on the map", _streets),
        (GROUND, "Water, parks and woods on the map", _ground),
        (BUILDINGS, "Buildings on the map", _buildings),
    )
    for layer, box, sort in readers:
        if layer not in offered:
            continue
        table = boxes.fill(box, partial(_features, services, layer, places))
        read = None if table is None else boxes.fill(box, partial(_read, table, sort))
        if table is not None and read is not None and len(read[1]):
            parts.append(read)
            licences |= dict.fromkeys(table.licences)
    wards = boxes.fill("Outlines of areas on the map", lambda: _wards(data, boundary_set))
    parts += [] if wards is None else [wards]
    about, shapes = _together(parts)
    return Ground(shapes, about.drop("from"), shapely.STRtree(shapes), tuple(licences), boxes.missing)


def _features(services: Services, layer: str, snapshot: Snapshot) -> FeatureTable:
    return services.registry.features(layer, services.principal.audience, snapshot)


def _read(table: FeatureTable, sort: Callable[[pl.DataFrame], pl.DataFrame]) -> tuple[pl.DataFrame, Geometries]:
    about = sort(table.rows).with_columns(pl.lit(table.id).alias("from"))
    good = ~shapely.is_missing(table.geometry) & ~shapely.is_empty(table.geometry)
    good &= about["kind"].is_not_null().to_numpy()
    return about.filter(pl.Series(good, dtype=pl.Boolean)), spatial.project_geometry(table.geometry[good], to="grid")


def _streets(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort lines by their class, as OpenStreetMap or Ordnance Survey write it."""
    named = pl.col("class").fill_null("").str.to_lowercase().str.strip_suffix("_link")
    kind = (
        pl.when(named.is_in(_RAIL))
        .then(pl.lit("rail"))
        .when(named.is_in(_WATER))
        .then(pl.lit("water"))
        .when(named.is_in(_PATHS))
        .then(pl.lit("path"))
        .otherwise(pl.lit("street"))
    )
    rank = (
        pl.when(named.is_in(_LARGE))
        .then(3)
        .when(named.is_in(_MIDDLE))
        .then(2)
        .when(named.is_in(_SMALL))
        .then(1)
        .otherwise(0)
    )
    return rows.select(
        kind.alias("kind"),
        pl.col("name").fill_null("").alias("label"),
        pl.when(kind == "street").then(rank).otherwise(0).cast(pl.Int64).alias("rank"),
        pl.col("class").fill_null("").alias("class"),
    )


def _ground(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col("kind"),
        pl.col("name").fill_null("").alias("label"),
        pl.when(pl.col("kind") == "street").then(1).otherwise(0).cast(pl.Int64).alias("rank"),
        pl.col("class").fill_null("").alias("class"),
    )


def _buildings(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.lit("building").alias("kind"),
        pl.lit("").alias("label"),
        pl.lit(0, pl.Int64).alias("rank"),
        pl.lit("").alias("class"),
    )


def _wards(data: Snapshot | None, boundary_set: str) -> tuple[pl.DataFrame, Geometries] | None:
    found = None if data is None else data.boundary_sets().get(boundary_set)
    if found is None:
        return None
    return _about("ward", found.names), spatial.project_geometry(found.geometry, to="grid")


def _about(kind: str, labels: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame({"label": list(labels)}, schema={"label": pl.String}).select(
        pl.lit(kind).alias("kind"),
        "label",
        pl.lit(0, pl.Int64).alias("rank"),
        pl.lit("").alias("class"),
        pl.lit("").alias("from"),
    )


def _together(parts: Sequence[tuple[pl.DataFrame, Geometries]]) -> tuple[pl.DataFrame, Geometries]:
    if not parts:
        return _about("", []), np.empty(0, dtype=object)
    columns = ["kind", "label", "rank", "class", "from"]
    about = pl.concat([about.select(columns) for about, _ in parts])
    shapes: NDArray[np.object_] = np.concatenate([geometry for _, geometry in parts])
    # Where lines have a layer of their own, the streets of the ground are the same again.
    street, of_ground = about["kind"] == "street", about["from"] == GROUND
    keep = ~(street & of_ground) if (street & ~of_ground).any() else pl.Series([True] * about.height, dtype=pl.Boolean)
    return about.filter(keep), shapes[keep.to_numpy()]
