"""The grid can be read off the frame."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from geo_service.model.places import EastNorth
from geo_service.printing.map_svg import draw_map

if TYPE_CHECKING:
    from types import ModuleType
    from xml.etree import ElementTree as ET


def _figures(root: ET.Element, reading: ModuleType) -> dict[str, tuple[float, float]]:
    words = reading.part(root, "figures").iter(f"{reading.SVG}text")
    return {element.text: (float(element.get("x")), float(element.get("y"))) for element in words}


def test_hundreds_of_metres_stand_where_the_grid_says(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(centre=EastNorth(404_350.0, 267_820.0))))
    figures = _figures(root, reading)
    # The window is 930 m wide and starts at 403,885 m east; 404,000 m is 23 mm further at 1:5,000.
    assert figures["040"][0] == pytest.approx(23.0)
    assert figures["048"][0] == pytest.approx(183.0)
    # The window ends at 268,120 m north; 267,800 m is 64 mm below.
    assert figures["678"][1] == pytest.approx(64.0, abs=1.0)
    assert "681" in figures
    assert "675" not in figures


def test_whole_kilometres_have_two_figures(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(scale=25_000, grid_step_m=1000)))
    assert {"03", "04", "05", "06", "67", "68"} <= set(_figures(root, reading))


def test_figures_thin_out_before_they_touch(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(scale=25_000, grid_step_m=100)))
    x = sorted(place[0] for place in _figures(root, reading).values() if place[0] > 0)
    assert min(b - a for a, b in itertools.pairwise(x)) >= 7


@pytest.mark.parametrize("step_m", [0, -100, 1])
def test_a_grid_that_cannot_be_read_is_left_out(sheets: ModuleType, reading: ModuleType, step_m: int) -> None:
    root = reading.drawing(draw_map(sheets.example_map(grid_step_m=step_m)))
    assert root.findall(".//*[@class='grid']") == []
