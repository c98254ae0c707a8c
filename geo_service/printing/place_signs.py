"""Draw the signs of what a Safe Place has; each stands beside its words, never alone."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from geo_service.printing.ink import BLACK, WHITE, box, path, svg

_SIZE: Final = 24.0
_LINES: Final = {
    # A wheelchair seen from the side.
    "step_free": "M10 8.2 L10.4 13 L15 13 L17.4 18.2 L19.4 17.4 M10.2 10.4 L14.4 10.4 "
    "M8.2 11.2 A5 5 0 1 0 14.6 17.4 M9.9 4.6 L9.9 4.8",
    "toilet": "M3 7.6 L5.2 16.4 L7.6 9.6 L10 16.4 L12.2 7.6 M20.6 9.3 A4.4 4.4 0 1 0 20.6 14.7",
    # A chair: somewhere to sit down.
    "quiet_space": "M7.4 4 L7.4 20 M7.4 13 L16.6 13 L16.6 20 M7.4 4.4 L7.4 9",
    # An ear.
    "hearing_loop": "M7.4 9.6 A4.9 4.9 0 1 1 16.9 11.2 C16.2 13.4 13.7 14 13.5 16.6 A2.9 2.9 0 0 1 8.3 18 "
    "M10 9.8 A2.3 2.3 0 0 1 14.4 10.2 C14.2 11.6 12.4 11.6 12 13.2",
}
SIGNS: Final = tuple(_LINES)


def sign_svg(feature: str) -> str:
    """Return the sign of a feature, white on black; one that is not known has a plain square."""
    drawing = svg(_SIZE, _SIZE)
    box(drawing, 0, 0, _SIZE, _SIZE, rx="4", fill=BLACK)
    rounded = {"stroke_linecap": "round", "stroke_linejoin": "round"}
    path(drawing, _LINES.get(feature, ""), fill="none", stroke=WHITE, stroke_width="1.9", **rounded)
    return ET.tostring(drawing, encoding="unicode")
