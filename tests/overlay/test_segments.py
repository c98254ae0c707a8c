"""Lines are cut at their junctions, and every point goes to the nearest of the pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service import overlay, spatial

if TYPE_CHECKING:
    from pathlib import Path

CORNER = np.array([400_000.0, 280_000.0])


def on_ground(*paths: list[tuple[float, float]]) -> np.ndarray:
    """Return lines given in metres as EPSG:4326."""
    grid = np.array([shapely.LineString(np.array(path) + CORNER) for path in paths], dtype=object)
    return np.atleast_1d(spatial.project_geometry(grid, "lonlat"))


def degrees(*points: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = spatial.to_lonlat(*(np.array(points) + CORNER).T)
    return lon, lat


CROSS = ([(0, 0), (100, 0), (200, 0)], [(100, -50), (100, 0), (100, 80)])
"""Two streets that share the vertex in the middle."""


def lengths(segments: overlay.Segments) -> list[float]:
    return sorted(np.round(segments.length_m, 1).tolist())


def test_two_streets_that_cross_make_four_segments() -> None:
    segments = overlay.cut(on_ground(*CROSS))
    assert lengths(segments) == [50, 80, 100, 100]
    assert sorted(segments.line.tolist()) == [0, 0, 1, 1]


def test_a_bridge_shares_no_vertex_and_makes_no_junction() -> None:
    assert lengths(overlay.cut(on_ground([(0, 0), (200, 0)], [(100, -50), (100, 80)]))) == [130, 200]


@pytest.mark.parametrize("off_m", [0.0, 0.3, -0.3])
def test_a_street_that_ends_on_another_cuts_it_there(off_m: float) -> None:
    segments = overlay.cut(on_ground([(0, 0), (200, 0)], [(60, off_m), (60, 90)]))
    assert np.allclose(lengths(segments), [60, 90, 140], atol=0.4)


def test_a_street_that_ends_near_another_does_not() -> None:
    assert lengths(overlay.cut(on_ground([(0, 0), (200, 0)], [(60, 1), (60, 90)]))) == [89, 200]


def test_pieces_are_joined_where_nothing_else_meets() -> None:
    """As OpenStreetMap cuts a street in two where its speed limit changes."""
    lines = on_ground([(0, 0), (50, 0)], [(120, 0), (50, 0)], [(120, 0), (120, 40)], [(120, 0), (180, 0)])
    assert lengths(overlay.cut(lines)) == [40, 60, 120]
    names = ["High Street", "Market Place", "Side", None]
    assert lengths(overlay.cut(lines, names)) == [40, 50, 60, 70]
    assert lengths(overlay.cut(lines, ["A", "A", "A", "A"])) == [40, 60, 120]


def test_a_loop_and_a_line_of_several_parts_are_cut_too() -> None:
    ring = on_ground([(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)], [(40, 40), (90, 40)])
    assert lengths(overlay.cut(ring)) == [50, 160]
    parts = np.array([shapely.multilinestrings([on_ground(CROSS[0])[0], on_ground([(0, 9), (7, 9)])[0]])])
    assert lengths(overlay.cut(parts)) == [7, 200]


def test_areas_and_nothing_are_passed_over() -> None:
    water = shapely.box(-2, 52, -1.99, 52.01)
    assert len(overlay.cut(np.array([water, shapely.LineString()])).geometry) == 0
    counts = overlay.segment_counts([-2.0, np.nan], [52.0, 52.0], np.array([], dtype=object), 50)
    assert (counts.ids, counts.counts.tolist(), counts.unassigned) == ((), [], 2.0)


def test_points_count_for_the_nearest_segment_within_reach() -> None:
    """By hand: west arm, north arm twice, 31 m from everything, and no position."""
    lon, lat = degrees((50, 10), (104, 60), (99, 40), (40, 31))
    counts = overlay.segment_counts(
        [*lon, np.nan], [*lat, np.nan], on_ground(*CROSS), 30, weights=[1, 2, 4, 8, 16], ids=["mill", "church"]
    )
    found = {(name, round(size)): count for name, count, size in zip(*counts[:3], strict=True)}
    assert sorted(name for name, _ in found) == ["church.1", "church.2", "mill.1", "mill.2"]
    assert {size: count for (name, size), count in found.items() if name.startswith("church")} == {50: 0, 80: 6}
    assert sorted(count for (name, _), count in found.items() if name.startswith("mill")) == [0, 1]
    assert counts.unassigned == 24


def test_a_point_at_a_junction_counts_once() -> None:
    lon, lat = degrees((100, 0), (100, 0))
    counts = overlay.segment_counts(lon, lat, on_ground(*CROSS), 30)
    assert sorted(counts.counts.tolist()) == [0, 0, 0, 2]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nearest_is_nearest_by_brute_force_and_nothing_is_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    paths = [list(map(tuple, rng.uniform(0, 400, (3, 2)))) for _ in range(8)]
    lon, lat = degrees(*map(tuple, rng.uniform(-50, 450, (60, 2))))
    segments = overlay.cut(on_ground(*paths))
    found = overlay.nearest_segment(lon, lat, segments, 40)
    points = shapely.points(np.column_stack(spatial.to_grid(lon, lat)))
    distance = shapely.distance(points[:, None], segments.geometry[None, :])
    wanted = np.where(distance.min(axis=1) <= 40, distance.argmin(axis=1), -1)
    assert found.tolist() == wanted.tolist()
    assert segments.length_m.sum() == pytest.approx(shapely.length(segments.geometry).sum())
    counts = overlay.segment_counts(lon, lat, on_ground(*paths), 40)
    assert counts.counts.sum() + counts.unassigned == len(lon)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_grid_of_streets_is_cut_as_shapely_nodes_it(seed: int) -> None:
    """Streets that share a vertex wherever they cross: `shapely.node` cuts at every crossing, so both must agree."""
    rng = np.random.default_rng(seed)
    xs, ys = (np.sort(rng.choice(np.arange(0, 900, 20), 4, replace=False)).astype(float) for _ in range(2))
    rows = [[(x, y) for x in xs] for y in ys]
    columns = [[(x, y) for y in ys] for x in xs]
    lines = on_ground(*rows, *columns)
    noded = shapely.get_parts(
        shapely.line_merge(shapely.node(shapely.multilinestrings(spatial.project_geometry(lines, "grid"))))
    )
    assert lengths(overlay.cut(lines)) == pytest.approx(sorted(np.round(shapely.length(noded), 1).tolist()), abs=0.11)


@pytest.mark.shared
def test_a_piece_of_london_is_cut_without_loss(shared: Path) -> None:
    from geo_service.ingest import MapFiles  # noqa: PLC0415

    streets = MapFiles().read(shared / "osm" / "fitzrovia.osm").layers["streets"]
    lines = shapely.from_wkb(np.array(streets["wkb"].to_list(), dtype=object))
    whole = shapely.length(spatial.project_geometry(lines, "grid")).sum()
    segments = overlay.cut(lines, streets["name"].to_list())
    assert segments.length_m.sum() == pytest.approx(whole, rel=1e-6)
    assert len(segments.geometry) > len(lines)
