"""What a zone may be named after: the words of its incidents, and the named streets that they are nearest to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service import harm, spatial
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Cells, Floats
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.finding.hotspots import Question

REACH_M: Final = 40.0
"""How far from the middle of a street an incident may be that names it."""
NOT_WALKED: Final = ("motorway", "motorway_link", "railway", "rail", "river", "canal", "stream")
"""Classes of lines that no zone is named after."""
_AROUND_DEGREES: Final = 0.002
"""Metres beyond the incidents, more than REACH_M, within which streets are looked at."""


class NamedLines(NamedTuple):
    """Hold the named streets of the data, EPSG:4326."""

    names: tuple[str, ...]
    lines: Geometries


class Said(NamedTuple):
    """Hold what one zone may be named after, most first."""

    places: list[tuple[str, int]]
    """Words of the source with their incidents."""
    streets: list[tuple[str, int]]
    """Named streets with the incidents that are nearest to them."""
    incidents: int


def named_lines(table: FeatureTable | None) -> NamedLines:
    """Return the lines that have a name and that somebody walks along; none where no streets are loaded."""
    if table is None or table.rows.is_empty():
        return NamedLines((), np.zeros(0, dtype=np.object_))
    named = table.rows.select(
        pl.col("name").is_not_null() & ~pl.col("class").fill_null("").str.to_lowercase().is_in(NOT_WALKED)
    )
    kept = named.to_series().to_numpy() & (shapely.get_dimensions(table.geometry) == 1)
    return NamedLines(tuple(table.rows["name"].filter(pl.Series(kept)).to_list()), table.geometry[kept])


def said_of(question: Question, zones: list[Cells], streets: NamedLines) -> list[Said]:
    """Count the words of each zone's incidents, such as `On or near …`, and the streets that these are nearest to."""
    if not zones:
        return []
    column = CELL_COLUMNS[question.query.resolution]
    rows = question.snapshot.incidents(
        ["place", "lon", "lat", column, *GROUP_COLUMNS],
        period=question.query.period,
        cells=np.concatenate(zones),
        resolution=question.query.resolution,
    )
    rows = rows.filter(harm.select(rows, question.offence_set, proactive=question.query.proactive))
    rows = rows.select("place", column, street=_nearest(streets, rows["lon"].to_numpy(), rows["lat"].to_numpy()))
    cell = rows[column].to_numpy()
    inside = [rows.filter(np.isin(cell, cells)) for cells in zones]
    return [Said(_counted(own["place"]), _counted(own["street"]), own.height) for own in inside]


def _counted(words: pl.Series) -> list[tuple[str, int]]:
    counts = words.drop_nulls().rename("word").value_counts().sort(["count", "word"], descending=[True, False])
    return [(word, count) for word, count in counts.iter_rows()]


def _nearest(streets: NamedLines, lon: Floats, lat: Floats) -> pl.Series:
    """Return the name of the street that each point is nearest to, null where none is within reach."""
    found = pl.Series("street", [None] * len(lon), dtype=pl.String)
    if not (len(streets.names) and len(lon)):
        return found
    around = shapely.box(*shapely.bounds(shapely.multipoints(np.column_stack([lon, lat]))))
    near = np.flatnonzero(shapely.intersects(streets.lines, shapely.buffer(around, _AROUND_DEGREES)))
    if not len(near):
        return found
    lines = spatial.project_geometry(streets.lines[near], "grid")
    points = shapely.points(np.column_stack(spatial.to_grid(lon, lat)))
    # Of lines that are equally near, as where streets meet, the first: a name for every point, the same every time.
    point, line = shapely.STRtree(lines).query_nearest(points, max_distance=REACH_M, all_matches=True)
    first = np.unique(point, return_index=True)[1]
    names = np.full(len(lon), None, dtype=object)
    names[point[first]] = np.array(streets.names, dtype=object)[near[line[first]]]
    return pl.Series("street", names.tolist(), dtype=pl.String)
