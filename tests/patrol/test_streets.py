"""Streets become a graph that is joined where they share a vertex, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geo_service.errors import FaultError
from geo_service.patrol import near_places, street_graph
from geo_service.patrol.streets import allowed

if TYPE_CHECKING:
    from geo_service.model.patrol import Mode


def lines(*points: list[tuple[float, float]]) -> np.ndarray:
    return np.array([shapely.LineString(each) for each in points])


def joined(graph_lines: np.ndarray, mode: Mode = "foot") -> int:
    graph = street_graph(graph_lines, ["residential"] * len(graph_lines), mode)
    return int(graph.component.max()) + 1


def test_streets_are_joined_at_shared_ends_and_shared_vertices() -> None:
    along, on_its_end, on_its_middle = [(0, 0), (50, 0), (100, 0)], [(100, 0), (100, 80)], [(50, 0), (50, -60)]
    assert joined(lines(along, on_its_end)) == 1
    assert joined(lines(along, on_its_middle)) == 1


def test_streets_that_merely_cross_are_not_joined() -> None:
    below, bridge = [(0, 0), (100, 0)], [(50, -50), (50, 50)]
    assert joined(lines(below, bridge)) == 2


def test_ends_that_are_a_hair_apart_are_one_node_and_those_a_step_apart_are_two() -> None:
    assert joined(lines([(0, 0), (10, 0)], [(10.001, 0), (20, 0)])) == 1
    assert joined(lines([(0, 0), (10, 0)], [(10.5, 0), (20, 0)])) == 2


def test_the_graph_is_as_long_as_its_streets_and_its_matrix_is_symmetric() -> None:
    graph = street_graph(lines([(0, 0), (30, 40), (30, 100)], [(30, 100), (0, 100)]), ["road", "footway"], "foot")
    assert graph.length_m.sum() == pytest.approx(50 + 60 + 30)
    matrix = graph.lengths().toarray()
    assert matrix.sum() == pytest.approx(2 * graph.length_m.sum())
    np.testing.assert_array_equal(matrix, matrix.T)


def test_a_street_that_is_given_twice_counts_once() -> None:
    twice = lines([(0, 0), (100, 0)], [(100, 0), (0, 0)])
    assert street_graph(twice, ["road", "road"], "foot").length_m.tolist() == [100.0]


def test_points_areas_and_what_is_missing_are_passed_over() -> None:
    shapes = np.array([
        shapely.Point(0, 0), shapely.box(0, 0, 1, 1), None, shapely.LineString(),
        shapely.MultiLineString([[(0, 0), (5, 0)], [(5, 0), (9, 0)]]), shapely.LineString([(3, 3), (3, 3)]),
    ])  # fmt: skip
    assert street_graph(shapes, ["road"] * len(shapes), "car").length_m.tolist() == [5.0, 4.0]


def test_no_street_at_all_makes_an_empty_graph() -> None:
    graph = street_graph(np.array([], dtype=object), [], "foot")
    assert (len(graph.nodes_m), len(graph.ends)) == (0, 0)
    assert graph.lengths().shape == (0, 0)


def test_each_street_needs_its_class() -> None:
    with pytest.raises(FaultError, match="2 streets, 1 classes"):
        street_graph(lines([(0, 0), (1, 0)], [(0, 0), (0, 1)]), ["road"], "foot")


@pytest.mark.parametrize(
    ("mode", "refused"),
    [
        ("foot", {"motorway", "motorway_link", "railway", "river", "canal", "busway"}),
        ("cycle", {"motorway", "motorway_link", "railway", "river", "canal", "busway", "steps"}),
        ("car", {"railway", "river", "canal", "busway", "steps", "footway", "path", "cycleway", "pedestrian", "track"}),
    ],
)
def test_each_mode_keeps_to_its_streets(mode: Mode, refused: set[str]) -> None:
    classes = [
        "motorway", "motorway_link", "trunk", "primary", "residential", "service", "footway", "path", "steps",
        "cycleway", "pedestrian", "track", "railway", "river", "canal", "busway",
    ]  # fmt: skip
    kept = allowed(classes, mode)
    assert {kind for kind, may in zip(classes, kept, strict=True) if not may} == refused


def test_a_cycle_is_pushed_on_footways_only() -> None:
    ways = lines([(0, 0), (1, 0)], [(1, 0), (2, 0)], [(2, 0), (3, 0)])
    classes = ["footway", "cycleway", "residential"]
    graph = street_graph(ways, classes, "cycle")
    pushed = {float(graph.nodes_m[ends].min()) for ends in graph.ends[graph.pushed][:, :]}
    assert graph.pushed.sum() == 1
    assert pushed == {0.0}
    assert not street_graph(ways, classes, "foot").pushed.any()


def test_the_longest_connected_part_comes_first() -> None:
    graph = street_graph(lines([(0, 0), (1, 0)], [(0, 9), (50, 9)]), ["road", "road"], "foot")
    assert graph.component[graph.nodes_m[:, 1] == 9].tolist() == [0, 0]


def test_only_lines_that_reach_into_the_window_are_near() -> None:
    near, far, through = [(0, 0), (9, 0)], [(5000, 0), (5009, 0)], [(-9000, 10), (9000, 10)]
    shapes = np.append(lines(near, far, through), None)
    assert near_places(shapes, [(0.0, 0.0), (100.0, 100.0)], 1000).tolist() == [True, False, True, False]
    assert near_places(shapes, []).tolist() == [False] * 4
