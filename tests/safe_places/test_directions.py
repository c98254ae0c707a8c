"""The way in words: on crossings drawn by hand, and by laws."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.safe_places.directions import LINES, Step, directions, rounded_m, side_of, steps

TURNS = {"left": "right", "right": "left", "straight": "straight", "first": "first"}


def corner(degrees: float, first: str = "High Street", second: str = "Church Lane") -> tuple[np.ndarray, list[str]]:
    """Go 100 m north, then turn (to the left positive) and go 60 m."""
    turn = math.radians(90 + degrees)
    return np.array([(0, 0), (0, 100), (60 * math.cos(turn), 100 + 60 * math.sin(turn))]), [first, second]


@pytest.mark.parametrize(
    ("degrees", "said"),
    [
        (90, "Turn left into"), (-90, "Turn right into"), (0, "Go straight on into"), (20, "Go straight on into"),
        (-20, "Go straight on into"), (50, "Turn left into"), (-50, "Turn right into"), (150, "Turn left into"),
        (-150, "Turn right into"),
    ],
)  # fmt: skip
def test_a_crossing_is_left_right_or_straight_on(degrees: float, said: str) -> None:
    assert directions(*corner(degrees)) == (
        "Go along High Street towards Church Lane. About 100 metres.",
        f"{said} Church Lane. About 60 metres. The place is near there.",
    )


@pytest.mark.parametrize(
    ("goal", "side"),
    [((-20, 105), "left"), ((20, 105), "right"), ((0, 130), "ahead"), ((1, 101), "ahead"), ((-9, 90), "left")],
)
def test_the_place_is_on_the_side_where_it_is(goal: tuple[float, float], side: str) -> None:
    coords = np.array([(0.0, 0.0), (0.0, 100.0)])
    assert side_of(coords, goal) == side
    words = {"left": "on the left", "right": "on the right", "ahead": "straight ahead"}[side]
    assert directions(coords, ["Mill Lane"], goal=goal) == (
        f"Go along Mill Lane. About 100 metres. The place is {words}.",
    )


def test_a_bend_of_one_street_is_no_turn() -> None:
    coords, _ = corner(90)
    assert directions(coords, ["High Street", "High Street"]) == (
        "Go along High Street. About 150 metres. The place is near there.",
    )


def test_paths_and_steps_and_roads_without_a_name_are_said_as_such() -> None:
    coords = np.array([(0, 0), (0, 100), (50, 100), (50, 160), (0, 160)], dtype=float)
    assert directions(coords, ["", "Mill Lane", "", ""], ["footway", "residential", "steps", "service"]) == (
        "Go along a path towards Mill Lane. About 100 metres.",
        "Turn right into Mill Lane. About 50 metres.",
        "Turn left, along steps. About 60 metres.",
        "Turn left into a road without a name. About 50 metres. The place is near there.",
    )


def test_a_path_that_turns_is_another_path() -> None:
    coords = np.array([(0, 0), (0, 100), (80, 100)], dtype=float)
    assert directions(coords, ["", ""]) == (
        "Go along a path. About 100 metres.",
        "Turn right onto a path. About 80 metres. The place is near there.",
    )


def test_a_crossing_between_two_streets_is_not_said_and_does_not_bend_the_way() -> None:
    # Straight over a staggered crossing: nobody turns left and right there.
    coords = np.array([(0, 0), (0, 100), (-6, 100), (-6, 108), (-6, 200)], dtype=float)
    assert [step[:2] for step in turned(coords, ["High Street", "", "", "Mill Lane"])] == [
        ("first", "High Street"), ("straight", "Mill Lane"),
    ]  # fmt: skip
    same = steps(coords, ["High Street", "", "", "High Street"])
    assert [(step.name, round(step.metres)) for step in same] == [("High Street", 206)]


def test_a_short_path_at_either_end_is_said() -> None:
    coords = np.array([(0, 0), (0, 20), (90, 20), (90, 40)], dtype=float)
    assert [(step.kind, step.turn) for step in steps(coords, ["", "Mill Lane", ""])] == [
        ("path", "first"), ("street", "right"), ("path", "left"),
    ]  # fmt: skip


def test_a_long_way_is_cut_and_says_how_much_is_left() -> None:
    coords = np.array([((number + 1) // 2, number // 2) for number in range(21)], dtype=float) * 100
    said = directions(coords, [f"Street {number}" for number in range(20)])
    assert len(said) == LINES
    assert said[10] == "Turn right into Street 10. About 100 metres."
    assert said[11] == "The way goes on from there. About 900 metres. The place is near there."


def test_kilometres_are_said_from_one_thousand_metres_on() -> None:
    assert directions(np.array([(0.0, 0.0), (0.0, 1234.0)]), ["Mill Lane"])[0].startswith(
        "Go along Mill Lane. About 1.2 kilometres."
    )


def test_no_way_has_no_words() -> None:
    assert directions(np.zeros((1, 2)), []) == directions(np.zeros((0, 2)), []) == ()


def turned(coords: np.ndarray, names: list[str], classes: list[str] | None = None) -> list[tuple[str, str, float]]:
    return [(step.turn, step.name, round(step.metres, 6)) for step in steps(coords, names, classes or [])]


@st.composite
def ways(draw: Any) -> tuple[np.ndarray, list[str], list[str]]:  # noqa: ANN401 - hypothesis
    count = draw(st.integers(1, 25))
    lengths = draw(st.lists(st.integers(3, 400), min_size=count, max_size=count))
    bends = np.cumsum(draw(st.lists(st.floats(-2.5, 2.5), min_size=count, max_size=count)))
    # No sum of them is one of the lengths that something depends on.
    moves = (np.array(lengths) + 0.377)[:, None] * np.column_stack([np.cos(bends), np.sin(bends)])
    names = draw(
        st.lists(st.sampled_from(["", "", "High Street", "Mill Lane", "Oak Road"]), min_size=count, max_size=count)
    )
    classes = draw(st.lists(st.sampled_from(["footway", "steps", "service", ""]), min_size=count, max_size=count))
    return np.concatenate([np.zeros((1, 2)), np.cumsum(moves, axis=0)]), names, classes


@given(ways())
def test_parts_make_up_the_whole_way_and_no_street_comes_twice_in_a_row(
    way: tuple[np.ndarray, list[str], list[str]],
) -> None:
    coords, names, classes = way
    found = steps(coords, names, classes)
    whole_m = np.hypot(*np.diff(coords, axis=0).T).sum()
    assert sum(step.metres for step in found) == pytest.approx(whole_m)
    assert all(before.end_m == after.start_m for before, after in pairwise(found))
    assert all(before.along != after.along or _a_path_turns(before, after) for before, after in pairwise(found))
    assert [step.turn == "first" for step in found] == [True] + [False] * (len(found) - 1)
    said = directions(coords, names, classes)
    assert 1 <= len(said) <= LINES
    off_m = abs(sum(rounded_m(step.metres) for step in found) - whole_m)
    assert off_m <= sum(25 if step.metres >= 100 else 9 for step in found)
    assert {name for name in names if name} >= {step.name for step in found if step.name}


def _a_path_turns(before: Step, after: Step) -> bool:
    return before.kind == after.kind == "path" and after.turn in {"left", "right"}


@given(ways(), st.floats(0, 6.28), st.floats(-1e5, 1e5))
def test_turning_the_map_changes_no_word_and_a_mirror_changes_sides(
    way: tuple[np.ndarray, list[str], list[str]], angle: float, moved: float
) -> None:
    coords, names, classes = way
    angles = [abs(a) for a in _angles(coords)]
    if any(abs(a - limit) < 1e-3 for a in angles for limit in (35, 55, 180)):
        return
    plain = steps(coords, names, classes)
    spin = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    again = steps(coords @ spin.T + moved, names, classes)
    assert [(s.turn, s.along) for s in again] == [(s.turn, s.along) for s in plain]
    mirrored = steps(coords * [-1, 1], names, classes)
    assert [(TURNS[s.turn], s.along) for s in mirrored] == [(s.turn, s.along) for s in plain]


def _angles(coords: np.ndarray) -> list[float]:
    bearings = np.degrees(np.arctan2(*np.diff(coords, axis=0).T[::-1]))
    return [(after - before + 180) % 360 - 180 for before, after in pairwise(bearings.tolist())]
