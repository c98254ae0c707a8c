"""Mark places by shape, and put their labels where nothing else is."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geo_service.printing import ink
from geo_service.printing.labels import LINE_EM, around, text_box, text_width_em
from geo_service.printing.style import SHEET
from geo_service.printing.words import short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree import ElementTree as ET

    from geo_service.model.sheets import MapPin
    from geo_service.printing.frame import Frame
    from geo_service.printing.labels import Board
    from geo_service.printing.style import MapStyle

_LONGEST_LABEL = 16
_SAME_PLACE_MM = 0.5
_DISTANCES_MM = (2.1, 3.5, 6.0, 9.0)
_LEADER_FROM_MM = 3.0
_NUMBERED = re.compile(r"(\D*)(\d{1,6})\Z")


class Spot(NamedTuple):
    """Join the pins of one shape at one place, in millimetres."""

    shape: str
    label: str
    x: float
    y: float

    def box(self, style: MapStyle) -> shapely.Polygon:
        """Return the square that the symbol takes."""
        reach = style.pin + 0.3
        return shapely.box(self.x - reach, self.y - reach, self.x + reach, self.y + reach)


def group_pins(pins: Sequence[MapPin], frame: Frame) -> list[Spot]:
    """Return what to draw: pins in the window, those of one postcode centre joined to one symbol."""
    if not pins:
        return []
    at = frame.points(np.array([pin.at for pin in pins], dtype=np.float64))
    spots: dict[tuple[str, int, int], list[int]] = {}
    for k, (x, y) in enumerate(at.tolist()):
        if 0 <= x <= frame.width_mm and 0 <= y <= frame.height_mm:
            spots.setdefault((pins[k].shape, round(x / _SAME_PLACE_MM), round(y / _SAME_PLACE_MM)), []).append(k)
    return [
        Spot(shape, short(join_labels([pins[k].label for k in members]), _LONGEST_LABEL), *at[members[0]].tolist())
        for (shape, _, _), members in spots.items()
    ]


def join_labels(labels: Sequence[str]) -> str:
    """Join labels, runs shortened: S1, S2, S3, S7 gives `S1-S3, S7` with a dash."""
    runs: list[list[str]] = []
    for _, run in itertools.groupby(enumerate(sorted(labels, key=_label_key)), key=_run_key):
        runs.append([label for _, label in run])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}\u2013{run[-1]}" for run in runs)


def _label_key(label: str) -> tuple[str, int, str]:
    found = _NUMBERED.match(label)
    return (found[1], int(found[2]), "") if found else (label, 0, label)


def _run_key(item: tuple[int, str]) -> tuple[str, int, str]:
    place, label = item
    prefix, number, rest = _label_key(label)
    return prefix, number - place, rest


def place_labels(board: Board, spots: Sequence[Spot], style: MapStyle = SHEET) -> list[tuple[float, float] | None]:
    """Return where each label is centred, in millimetres; None where there is no room for it in all the window."""
    places: list[tuple[float, float] | None] = []
    for spot in spots:
        width, height = text_width_em(spot.label) * style.label + 0.4, style.label * LINE_EM * 0.85
        boxes, centres = around(spot.x, spot.y, width, height, [far * style.pin / SHEET.pin for far in _DISTANCES_MM])
        chosen = board.first_free(boxes)
        if chosen is None:
            centres = _everywhere(board, spot, width, height)
            chosen = board.first_free([text_box(*centre, width, height) for centre in centres])
        places.append(None if chosen is None else centres[chosen])
    return places


def _everywhere(board: Board, spot: Spot, width: float, height: float) -> list[tuple[float, float]]:
    """Return places all over the window, the nearest to the pin first."""
    x0, y0, x1, y1 = board.window.bounds
    x, y = np.meshgrid(np.arange(x0 + width / 2, x1, width / 2), np.arange(y0 + height / 2, y1, height))
    order = np.argsort(np.hypot(x - spot.x, y - spot.y).ravel(), kind="stable")
    return list(zip(x.ravel()[order].tolist(), y.ravel()[order].tolist(), strict=True))


def draw_pins(
    drawing: ET.Element,
    spots: Sequence[Spot],
    places: Sequence[tuple[float, float] | None],
    style: MapStyle = SHEET,
) -> None:
    """Draw symbols with a white halo, and their labels."""
    layer = ink.group(drawing, "pins")
    said = [(spot, place) for spot, place in zip(spots, places, strict=True) if place is not None]
    for spot, (x, y) in said:
        half, up = text_width_em(spot.label) * style.label / 2, style.label * 0.4
        label = shapely.box(x - half, y - up, x + half, y + up)
        leader = shapely.shortest_line(shapely.Point(spot.x, spot.y), label)
        if leader.length > _LEADER_FROM_MM * style.pin / SHEET.pin:
            ink.line(layer, *leader.coords, stroke=ink.BLACK, stroke_width=0.25)
    for spot in spots:
        data = ink.symbol(spot.shape, spot.x, spot.y, style.pin)
        ink.path(layer, data, fill=ink.WHITE, stroke=ink.WHITE, stroke_width=1.3, stroke_linejoin="round")
        ink.path(layer, data, fill=ink.BLACK)
    for spot, (x, y) in said:
        ink.text(layer, spot.label, x, y, style.label, plate=True, font_weight="bold", fill=ink.BLACK)
