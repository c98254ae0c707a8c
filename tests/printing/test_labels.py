"""Words find room on the map."""

from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.printing.labels import Board, along, around, inside, text_box, text_width_em

WINDOW = shapely.box(0, 0, 100, 100)


def test_a_label_takes_the_first_place_that_is_free() -> None:
    board = Board(WINDOW)
    board.take([shapely.box(0, 0, 50, 100)])
    assert board.first_free([shapely.box(10, 10, 20, 20), shapely.box(60, 10, 70, 20)]) == 1
    assert board.first_free([shapely.box(60, 10, 70, 20), shapely.box(60, 40, 70, 50)]) == 1
    assert board.first_free([shapely.box(95, 10, 105, 20)]) is None
    assert board.first_free([]) is None


def test_where_nothing_is_free_the_least_covered_place_is_taken() -> None:
    board = Board(WINDOW)
    board.take([WINDOW, shapely.box(0, 0, 20, 20)])
    assert board.least_crowded([shapely.box(0, 0, 10, 10), shapely.box(50, 50, 60, 60)]) == 1


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=30))
def test_labels_that_found_room_never_overlap(points: list[tuple[float, float]]) -> None:
    board = Board(WINDOW)
    taken = []
    for x, y in points:
        boxes, _ = around(x, y, 8, 3, (2, 4))
        chosen = board.first_free(boxes)
        if chosen is not None:
            taken.append(boxes[chosen])
    for k, box in enumerate(taken):
        assert WINDOW.covers(box)
        assert not any(box.intersects(other) for other in taken[:k])


def test_the_places_around_a_point_leave_the_point_free() -> None:
    boxes, centres = around(50, 50, 10, 3, (2, 5))
    assert len(boxes) == len(centres) == 16
    assert all(box.distance(shapely.Point(50, 50)) >= 1.5 for box in boxes)


def test_a_street_name_runs_along_its_street_and_is_never_upside_down() -> None:
    for line in ([(0, 0), (100, 50)], [(100, 50), (0, 0)], [(0, 50), (100, 0)], [(50, 0), (50, 90)]):
        street = shapely.LineString(line)
        x, y, degrees = along(street, 30)[0]
        assert street.distance(shapely.Point(x, y)) < 0.01
        assert -90 < degrees <= 90


def test_a_street_name_takes_no_bend_and_no_street_shorter_than_itself() -> None:
    bend = shapely.LineString([(0, 0), (40, 0), (40, 40)])
    assert len(along(bend, 90)) == 0
    for x, y, _ in along(bend, 30):
        assert not text_box(x, y, 1, 1).contains(shapely.Point(40, 0))


def test_points_of_a_polygon_lie_in_it_and_the_middle_comes_first() -> None:
    ring = shapely.Point(0, 0).buffer(10).difference(shapely.Point(0, 0).buffer(8))
    places = inside(ring)
    assert all(ring.distance(shapely.Point(place)) < 1e-9 for place in places)
    assert inside(shapely.box(0, 0, 10, 10))[0] == (5.0, 5.0)


def test_width_grows_with_the_words_and_wide_letters_count_more() -> None:
    assert text_width_em("iii") < text_width_em("nnn") < text_width_em("mmm") < text_width_em("中中中")
    assert text_width_em("e\u0301") == text_width_em("e")
