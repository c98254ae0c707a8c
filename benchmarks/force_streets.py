"""Lay the streets of a small town under a whole region: a tile, mirrored so that roads run on from tile to tile."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import pyogrio
import shapely

from geo_service.spatial import to_lonlat
from geo_service.spatial.projection import project_geometry

if TYPE_CHECKING:
    from pathlib import Path

TILE_M: Final = (484_900.0, 307_400.0, 487_900.0, 310_400.0)
"""Oakham, in the extract of Rutland: west, south, east, north, EPSG:27700."""
SIDE_M: Final = TILE_M[2] - TILE_M[0]
HOUSE_EVERY_M: Final = 18.0
_HOUSE_M: Final = (13.0, 9.0)
"""Wide and deep: two homes under one roof."""
_SET_BACK_M: Final = 14.0
_LIVED_IN: Final = '<tag k="highway" v="residential"/>'
_TAG: Final = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_NOT_TAGS: Final = ("osm_id", "osm_way_id", "z_order", "type", "other_tags", "geometry")


class Town(NamedTuple):
    """Hold the features of one tile with their tags, in metres from its south-west corner."""

    shapes: np.ndarray
    """Points, lines and rings."""
    tags: list[str]
    """As OpenStreetMap's XML writes them."""
    street: np.ndarray
    """Whether a feature is a street that somebody may stand in."""


def read_town(extract: Path) -> Town:
    """Cut the tile out of the extract."""
    shapes, tags, street = [], [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the extract has rings that are not closed
        for layer in ("points", "lines", "multipolygons"):
            frame = pyogrio.read_dataframe(extract, layer=layer)
            metres = project_geometry(frame.geometry.to_numpy(), "grid")
            sound = shapely.is_valid(metres)
            cut = shapely.intersection(np.where(sound, metres, None), shapely.box(*TILE_M))
            for record, shape in zip(frame.to_dict("records"), cut, strict=True):
                if shape is None or shape.is_empty:
                    continue
                said = _tags(record)
                if not said:
                    continue
                for part in shapely.get_parts(shape):
                    if part.geom_type not in {"Point", "LineString", "Polygon"}:
                        continue
                    shapes.append(part.exterior if part.geom_type == "Polygon" else part)
                    tags.append("".join(f'<tag k="{_xml(key)}" v="{_xml(value)}"/>' for key, value in said.items()))
                    street.append(layer == "lines" and said.get("highway") in {"residential", "tertiary", "secondary"})
    homes = houses(np.array(shapes, dtype=object), np.array([_LIVED_IN in said for said in tags]))
    shapes += list(homes)
    tags += ['<tag k="building" v="house"/>'] * len(homes)
    street += [False] * len(homes)
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: np.round(xy - TILE_M[:2], 2))
    return Town(moved, tags, np.array(street))


def houses(shapes: np.ndarray, lived_in: np.ndarray) -> np.ndarray:
    """Stand a house every HOUSE_EVERY_M on both sides of the streets that people live in, for the extract has few."""
    lines = shapes[lived_in & (shapely.get_type_id(shapes) == 1)]
    places = [np.arange(HOUSE_EVERY_M / 2, line.length - HOUSE_EVERY_M / 4, HOUSE_EVERY_M) for line in lines]
    line = np.repeat(np.arange(len(lines)), [len(each) for each in places])
    along = np.concatenate(places)
    here, there = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along + ahead)) for ahead in (0, 1)
    )
    course = there - here
    course /= np.maximum(np.hypot(*course.T), 1e-9)[:, None]
    aside = np.column_stack([-course[:, 1], course[:, 0]])
    made = []
    for side in (-1, 1):
        middle = here + side * _SET_BACK_M * aside
        corners = [
            middle + wide * _HOUSE_M[0] / 2 * course + deep * _HOUSE_M[1] / 2 * aside
            for wide, deep in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
        ]
        made.append(shapely.linearrings(np.stack(corners, axis=1)))
    homes = np.concatenate(made)
    # None on a street, none where a real building stands, none on another.
    near, _ = shapely.STRtree(shapes).query(shapely.polygons(homes), predicate="dwithin", distance=3.0)
    homes = np.delete(homes, np.unique(near))
    one, other = shapely.STRtree(shapely.polygons(homes)).query(shapely.polygons(homes), predicate="intersects")
    return np.delete(homes, np.unique(other[one < other]))


def _tags(record: dict[str, object]) -> dict[str, str]:
    said = {key: str(value) for key, value in record.items() if key not in _NOT_TAGS and isinstance(value, str)}
    other = record.get("other_tags")
    return {**said, **dict(_TAG.findall(other))} if isinstance(other, str) else said


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def tiles_under(region: shapely.Geometry) -> list[tuple[int, int]]:
    """Return the column and row of each tile that a region touches, EPSG:27700."""
    west, south, east, north = region.bounds
    shapely.prepare(region)
    columns = range(int(west // SIDE_M), int(east // SIDE_M) + 1)
    rows = range(int(south // SIDE_M), int(north // SIDE_M) + 1)
    return [
        (column, row)
        for column in columns
        for row in rows
        if region.intersects(
            shapely.box(column * SIDE_M, row * SIDE_M, (column + 1) * SIDE_M, (row + 1) * SIDE_M)
        )
    ]  # fmt: skip


def on_tile(town: Town, column: int, row: int) -> np.ndarray:
    """Return the town's shapes on one tile, mirrored in every other column and row, EPSG:27700."""
    turn = np.array([column % 2, row % 2], dtype=bool)
    corner = np.array([column, row]) * SIDE_M
    return shapely.transform(town.shapes, lambda xy: np.where(turn, SIDE_M - xy, xy) + corner)


def write_osm(path: Path, town: Town, tiles: list[tuple[int, int]]) -> int:
    """Write the town on every tile as an .osm file; return how many streets, buildings and the like it holds."""
    sizes = shapely.get_num_coordinates(town.shapes)
    single = sizes == 1
    points = np.concatenate([shapely.get_coordinates(on_tile(town, *tile)) for tile in tiles])
    # What lies on a seam is written by the tiles on both sides and must be one node.
    centimetres = np.round(points * 100).astype(np.int64)
    _, first, node = np.unique(centimetres[:, 0] * 10**9 + centimetres[:, 1], return_index=True, return_inverse=True)
    lon, lat = (np.round(degrees, 7) for degrees in to_lonlat(points[first, 0], points[first, 1]))
    feature = np.repeat(np.arange(len(sizes) * len(tiles)), np.tile(sizes, len(tiles)))
    which, alone = feature % len(sizes), np.tile(single, len(tiles))[feature]
    # Two points at one place are one node, with the tags of the first.
    at, which_point = np.unique(node[alone], return_index=True)
    tagged = np.full(len(first), "", dtype=object)
    tagged[at] = np.array(town.tags, dtype=object)[which[alone][which_point]]
    nodes = pl.DataFrame({"id": np.arange(1, len(first) + 1), "lat": lat, "lon": lon, "tags": tagged.tolist()})
    ways = (
        pl.DataFrame({"feature": feature[~alone], "ref": node[~alone] + 1})
        .group_by("feature", maintain_order=True)
        .agg(pl.format('<nd ref="{}"/>', "ref").str.join(""))
    )
    ways = ways.with_columns(tags=pl.Series(town.tags).gather(ways["feature"] % len(sizes)))
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="benchmark">\n')
        lines = nodes.select(
            pl.format('<node id="{}" version="1" lat="{}" lon="{}">{}</node>', "id", "lat", "lon", "tags")
        )
        file.write("\n".join(lines.to_series().to_list()))
        lines = ways.select(pl.format('<way id="{}" version="1">{}{}</way>', pl.col("feature") + 1, "ref", "tags"))
        file.write("\n" + "\n".join(lines.to_series().to_list()) + "\n</osm>\n")
    return ways.height
