"""Let streets share a vertex wherever they meet, as those of a real map do: a way is found along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from geo_service.demonstration.curves import Floats, Shapes

REACH_M: Final = 3.0
"""An end that lies nearer than this to another street was drawn up to it."""
_SAME_M: Final = 0.01


def joined(lines: Shapes) -> Shapes:
    """Return the lines with a common vertex at every crossing, and at every end that reaches another line.

    lines: LineStrings in metres (n). An end stays where it is; the line that it reaches bends there, by REACH_M at
    most.
    """
    tree = shapely.STRtree(lines)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    end, reached = tree.query(ends, predicate="dwithin", distance=REACH_M)
    others = end % len(lines) != reached
    one, other = tree.query(lines, predicate="crosses")
    one, other = one[one < other], other[one < other]
    met = shapely.intersection(lines[one], lines[other])
    points, pair = shapely.get_parts(met, return_index=True)
    is_point = shapely.get_type_id(points) == 0
    crossing, pair = points[is_point], pair[is_point]
    at = np.concatenate([reached[others], one[pair], other[pair]])
    vertex = np.concatenate([ends[end[others]], crossing, crossing])
    along_m = shapely.line_locate_point(lines[at], vertex)
    xy = shapely.get_coordinates(vertex)
    made = lines.copy()
    for line in np.unique(at).tolist():
        here = at == line
        made[line] = _with(lines[line], along_m[here], xy[here])
    return made


def _with(line: shapely.LineString, along_m: Floats, xy: Floats) -> shapely.LineString:
    own = shapely.get_coordinates(line)
    own_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(own, axis=0).T))])
    order = np.argsort(np.concatenate([own_m, along_m]), kind="stable")
    points = np.concatenate([own, xy])[order]
    apart = np.concatenate([[True], np.hypot(*np.diff(points, axis=0).T) > _SAME_M])
    # What was put in stays, an own vertex beside it goes: the other line has exactly what was put in.
    added = order >= len(own)
    for at in np.flatnonzero(~apart).tolist():
        if added[at] and not added[at - 1]:
            points[at - 1] = points[at]
    return shapely.LineString(points[apart])
