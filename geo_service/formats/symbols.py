"""Draw what a layer looks like, as inline SVG: the shape and the letter tell layers apart without colour."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from geo_service.model.layers import LayerStyle

SIZE: Final = 26
"""Width and height of a symbol in pixels."""

_OUTLINES: Final = {
    "circle": '<circle cx="13" cy="13" r="11"/>',
    "square": '<rect x="2.5" y="2.5" width="21" height="21"/>',
    "triangle": '<path d="M13 1.5 25 24H1z"/>',
    "diamond": '<path d="M13 1 25 13 13 25 1 13z"/>',
    "cross": '<path d="M8.5 1.5h9v7h7v9h-7v7h-9v-7h-7v-9h7z"/>',
    "line": '<path d="M2 21 10 9l6 7 8-12" fill="none" stroke-width="4"/>',
    "area": '<path d="M4 6 15 2l8 9-4 12-14-2z" fill-opacity="0.3" stroke-width="3"/>',
}
_DASHES: Final = ("", "7 4", "2 4", "10 4 2 4")


def dash(position: int) -> str:
    """Return the dash pattern of the nth table of lines or areas, so that outlines differ in grey too."""
    return _DASHES[position % len(_DASHES)]


def symbol(style: LayerStyle, *, dashes: str = "") -> str:
    """Return a symbol as SVG: white letter on the colour for points, coloured outline for lines and areas."""
    colour = escape(style.colour, quote=True)
    outline = _OUTLINES.get(style.shape, _OUTLINES["circle"])
    flat = style.shape in ("line", "area")
    stroke = colour if flat else "#ffffff"
    letter = style.letter[:1]
    base = 21 if style.shape == "triangle" else 18
    written = (
        f'<text x="13" y="{base}" text-anchor="middle" font-size="14" font-weight="700"'
        f' font-family="sans-serif" fill="{"#0b0c0c" if flat else "#ffffff"}" stroke="none">{escape(letter)}</text>'
        if letter
        else ""
    )
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<svg viewBox="0 0 26 26" width="{SIZE}" height="{SIZE}" aria-hidden="true" fill="{colour}" stroke="{stroke}"'
        f' stroke-width="2"{dashed}>{outline}{written}</svg>'
    )
