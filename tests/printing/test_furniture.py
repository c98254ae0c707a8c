"""Scale bar, check line and north arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.printing.furniture import CHECK_WORDS
from geo_service.printing.map_svg import draw_map

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize("width_mm", [60.0, 100.0, 186.0])
def test_bar_and_check_line_keep_apart_and_on_the_drawing(
    sheets: ModuleType, reading: ModuleType, width_mm: float
) -> None:
    root = reading.drawing(draw_map(sheets.example_map(width_mm=width_mm, scale_bar_m=200)))
    left, top, width, height = (float(number) for number in root.get("viewBox").split())
    bar, check = (reading.part(root, name) for name in ("scale-bar-length", "check-length"))
    for line in (bar, check):
        assert left <= float(line.get("x1")) <= float(line.get("x2")) <= left + width
        assert top < float(line.get("y1")) < top + height
    apart = float(check.get("x1")) - float(bar.get("x2"))
    below = abs(float(check.get("y1")) - float(bar.get("y1")))
    assert apart > 5 or below > 5


def test_the_check_line_says_what_it_is_for(sheets: ModuleType, reading: ModuleType) -> None:
    assert CHECK_WORDS in reading.texts(reading.drawing(draw_map(sheets.example_map())))


@pytest.mark.parametrize("bar_m", [0, -5, 5000])
def test_a_bar_that_has_no_room_is_left_out(sheets: ModuleType, reading: ModuleType, bar_m: int) -> None:
    root = reading.drawing(draw_map(sheets.example_map(scale_bar_m=bar_m)))
    assert root.findall(".//*[@class='scale-bar']") == []
    assert reading.length_mm(reading.part(root, "check-length")) == pytest.approx(50)


def test_an_odd_bar_has_no_half_metre_in_its_middle(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(scale_bar_m=125)))
    assert reading.texts(reading.part(root, "scale-bar")) == ["0", "125 m"]


def test_north_is_up_in_the_upper_right_corner(sheets: ModuleType, reading: ModuleType) -> None:
    arrow = reading.part(reading.drawing(draw_map(sheets.example_map())), "north")
    assert reading.texts(arrow) == ["N"]
    plate = arrow.find(f"{reading.SVG}rect")
    assert float(plate.get("x")) > 170
    assert float(plate.get("y")) < 10
