"""Incidents along the street segments of an area, where streets are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import harm, overlay
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import CellTable, Floats, Ints
    from geo_service.model.offences import Weights
    from geo_service.workflows.finding.hotspots import Question
    from geo_service.workflows.services import Services

LAYER: Final = "streets"
NO_STREETS: Final = ("rail", "railway", "light_rail", "tram", "river", "canal", "stream", "motorway", "motorway_link")
"""Classes of lines that nobody walks along."""
WITHIN_M: Final = 50.0
"""How far an incident may lie from its street."""


@dataclass(frozen=True, slots=True)
class Along:
    """Hold the segments of an area and which of them each incident lies nearest to."""

    length_m: Floats
    """Of each segment (s)."""
    segment: Ints
    """Of each incident that lies near one (r)."""
    group: pl.DataFrame
    """Offence group of the same incidents (r)."""
    beyond: int
    """Incidents that lie near none."""
    licences: tuple[str, ...]
    lonlat: Geometries
    """Lines of the segments, EPSG:4326 (s)."""
    line: pl.DataFrame
    """`id`, `name` and `class` of the street that each was cut from (s)."""

    def kinds(self, question: Question, weights: Weights | None) -> tuple[Ints, Floats]:
        """Count the incidents of each worth by segment: (k, s), and the worth of one (k)."""
        days = np.ones(len(self.segment))
        if weights is not None:
            weighed = question.cube.groups.select(*GROUP_COLUMNS).with_columns(days=pl.Series(weights.days))
            joined = self.group.join(
                weighed, on=list(GROUP_COLUMNS), how="left", nulls_equal=True, maintain_order="left"
            )
            days = joined["days"].fill_null(0.0).to_numpy()
        worth, kind = np.unique(days, return_inverse=True)
        if not len(worth):
            return np.zeros((1, len(self.length_m)), dtype=np.int64), np.ones(1)
        at = kind * len(self.length_m) + self.segment
        size = len(worth) * len(self.length_m)
        return np.bincount(at, minlength=size).reshape(len(worth), -1).astype(np.int64), worth


def along(services: Services, question: Question, table: CellTable) -> Along | None:
    """Find the nearest street segment of each located incident of a question; None where no streets are loaded there.

    A segment belongs to the area where its middle lies in it.
    """
    streets = services.registry.features(LAYER, services.principal.audience, question.snapshot)
    area = overlay.area_geometry(question.area)
    shapely.prepare(area)
    walked = ~streets.rows["class"].fill_null("").is_in(NO_STREETS).to_numpy()
    there = walked & ~shapely.is_missing(streets.geometry) & shapely.intersects(area, streets.geometry)
    if not there.any():
        return None
    segments = overlay.cut(streets.geometry[there], streets.rows["name"].to_numpy()[there].tolist())
    middle = shapely.line_interpolate_point(segments.lonlat, 0.5, normalized=True)
    inside = shapely.contains(area, middle)
    query, column = question.query, CELL_COLUMNS[question.query.resolution]
    rows = question.snapshot.incidents(
        ["lon", "lat", column, *GROUP_COLUMNS], period=query.period, cells=table.cells, resolution=query.resolution
    )
    rows = rows.filter(harm.select(rows, question.offence_set, proactive=query.proactive))
    lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    rows = rows.filter(pl.Series(shapely.contains_xy(area, lon, lat)))
    found = overlay.nearest_segment(rows["lon"].to_numpy(), rows["lat"].to_numpy(), segments, WITHIN_M)
    place = np.full(len(inside) + 1, -1, dtype=np.int64)
    place[:-1][inside] = np.arange(inside.sum())
    segment = place[found]
    near = segment >= 0
    return Along(
        length_m=segments.length_m[inside],
        segment=segment[near],
        group=rows.filter(pl.Series(near)).select(*GROUP_COLUMNS),
        beyond=int((~near).sum()),
        licences=streets.licences,
        lonlat=segments.lonlat[inside],
        line=streets.rows.filter(pl.Series(there)).select("id", "name", "class")[segments.line[inside]],
    )
