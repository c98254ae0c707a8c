"""No edge that is left crosses a line, and no cell that is left touches a place."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.overlay import crossing, touching, without

SIDE = 9
CENTRES = np.array([(100.0 * x + 50 * (y % 2), 87.0 * y) for y in range(SIDE) for x in range(SIDE)])
"""Centres of a small hexagon-like lattice."""
FAR = np.hypot(*(CENTRES[:, None] - CENTRES[None, :]).transpose(2, 0, 1))
ADJOINING = (FAR > 0) & (FAR < 110)
INDPTR = np.concatenate([[0], np.cumsum(ADJOINING.sum(axis=1))]).astype(np.int64)
INDICES = np.nonzero(ADJOINING)[1].astype(np.int64)

# To a tenth of a millimetre: on the parts of an atom that a float can tell, no two engines agree what is met.
PLACE = st.tuples(st.integers(-500_000, 9_000_000), st.integers(-500_000, 8_000_000)).map(
    lambda at: (at[0] / 10_000, at[1] / 10_000)
)
LINE = st.lists(PLACE, min_size=2, max_size=5, unique=True).map(shapely.LineString)


@given(lines=st.lists(LINE | st.none(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_an_edge_is_cut_where_and_only_where_its_way_meets_a_line(lines: list[shapely.LineString | None]) -> None:
    crossed = crossing(np.array([*lines, None], dtype=object)[:-1], CENTRES, INDPTR, INDICES)
    row = np.repeat(np.arange(len(CENTRES)), np.diff(INDPTR))
    for each, (start, end) in enumerate(zip(row, INDICES, strict=True)):
        way = shapely.LineString([CENTRES[start], CENTRES[end]])
        assert crossed[each] == any(line is not None and way.intersects(line) for line in lines)
    indptr, indices = without(INDPTR, INDICES, crossed)
    kept = [(int(cell), int(near)) for cell in range(len(CENTRES)) for near in indices[indptr[cell] : indptr[cell + 1]]]
    assert kept == [(int(a), int(b)) for a, b, cut in zip(row, INDICES, crossed, strict=True) if not cut]
    assert {(b, a) for a, b in kept} == set(kept)


def test_without_lines_nothing_is_cut() -> None:
    assert not crossing(np.zeros(0, dtype=object), CENTRES, INDPTR, INDICES).any()


@given(places=st.lists(st.tuples(PLACE, st.floats(1, 120)), max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_cell_is_taken_up_where_it_touches_a_place(places: list[tuple[tuple[float, float], float]]) -> None:
    areas = np.array([shapely.Point(at).buffer(radius) for at, radius in places] + [None], dtype=object)
    outlines = shapely.buffer(shapely.points(CENTRES), 50)
    touched = touching(areas, outlines)
    assert touched.tolist() == [any(area.intersects(cell) for area in areas[:-1]) for cell in outlines]
