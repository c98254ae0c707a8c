"""Distances and hours as they are read out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.safe_places.words import hours_words, walk_words


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (350, "about 350 metres, 5 minutes' walk"),
        (80, "about 100 metres, 1 minute's walk"),
        (0, "about 50 metres, 1 minute's walk"),
        (1240, "about 1.2 kilometres, 16 minutes' walk"),
    ],
)
def test_a_distance_is_said_in_metres_and_minutes(metres: float, words: str) -> None:
    assert walk_words(metres) == words


@pytest.mark.parametrize(
    ("hours", "lines"),
    [
        ("Mo-Fr 09:00-17:00; PH off", ("Monday to Friday 09:00 to 17:00", "Bank holidays closed")),
        ("Mo,We 09:00-12:00,13:00-17:00", ("Monday and Wednesday 09:00 to 12:00 and 13:00 to 17:00",)),
        ("Mo - Fr 09:00 - 17:00", ("Monday to Friday 09:00 to 17:00",)),
        ("10:00-16:00", ("Every day 10:00 to 16:00",)),
        ("24/7", ("Day and night, every day",)),
        ("Mo-Fr 9am-5pm", ("Mo-Fr 9am-5pm",)),
        ("Dec 24 10:00-12:00", ("Dec 24 10:00-12:00",)),
    ],
)
def test_hours_are_written_out_and_left_alone_where_they_are_not_simple(hours: str, lines: tuple[str, ...]) -> None:
    assert hours_words(hours) == lines


@given(st.text(max_size=60))
def test_no_rule_is_lost_in_words(hours: str) -> None:
    assert len(hours_words(hours)) == len([rule for rule in hours.split(";") if rule.strip()])
