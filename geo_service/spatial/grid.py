"""Grid references of the British National Grid, such as `SP 045 677`."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from geo_service.errors import QueryError
from geo_service.model.places import EastNorth
from geo_service.spatial.projection import GRID_SIZE_M

_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # the grid leaves I out
_SQUARE_M: Final = 100_000
_SIDE: Final = 5
_FALSE_ORIGIN: Final = (10, 5)
"""Squares of 100 km from the corner of square A to the grid's own origin: two letters of 500 km east, one up."""
_WRITTEN: Final = re.compile(r"([A-HJ-Z])([A-HJ-Z])(\d*)")
_MOST_DIGITS: Final = 10


def grid_reference(east_m: float, north_m: float, digits: int = 6) -> str:
    """Name the grid square that holds a position.

    east_m, north_m: EPSG:27700. digits: 0, 2, 4, 6 (a square of 100 m), 8 or 10. The square is named by its
    south-west corner: figures are cut off, never rounded. Raises QueryError off the grid. Source: Ordnance Survey,
    "Using the National Grid".
    """
    if digits not in range(0, _MOST_DIGITS + 1, 2):
        raise QueryError(
            "A grid reference has an even number of digits",
            found=digits,
            do="Use 0, 2, 4, 6, 8 or 10",
            field="digits",
        )
    width, height = GRID_SIZE_M
    if not (0 <= east_m < width and 0 <= north_m < height):
        raise QueryError(
            "The position is off the British National Grid",
            found=f"east {east_m:.0f} m, north {north_m:.0f} m",
            do=f"East must be from 0 to {width} m, north from 0 to {height} m",
            field="grid reference",
        )
    column, along_m = divmod(int(np.floor(east_m)), _SQUARE_M)
    row, up_m = divmod(int(np.floor(north_m)), _SQUARE_M)
    letters = _letters_of(column, row)
    half = digits // 2
    if half == 0:
        return letters
    unit = 10 ** (5 - half)
    return f"{letters} {along_m // unit:0{half}d} {up_m // unit:0{half}d}"


def parse_grid_reference(text: str) -> EastNorth:
    """Return the south-west corner (EPSG:27700, metres) of the square that a grid reference names.

    Blanks and case do not matter: `SP 045 677`, `sp045677`. Raises QueryError on anything else.
    """
    found = _WRITTEN.fullmatch("".join(text.split()).upper())
    if found and len(found[3]) % 2 == 0 and len(found[3]) <= _MOST_DIGITS:
        column, row = _square_of(found[1], found[2])
        half = len(found[3]) // 2
        unit = 10 ** (5 - half)
        along_m, up_m = (int(part or "0") * unit for part in (found[3][:half], found[3][half:]))
        corner = EastNorth(float(column * _SQUARE_M + along_m), float(row * _SQUARE_M + up_m))
        if 0 <= corner.east_m < GRID_SIZE_M[0] and 0 <= corner.north_m < GRID_SIZE_M[1]:
            return corner
    raise QueryError(
        "Not a British National Grid reference",
        found=text,
        do="Write two letters and an even number of figures, for example SP 045 677",
        field="grid reference",
    )


def _letters_of(column: int, row: int) -> str:
    """Name a 100 km square by the letter of its 500 km square and its own."""
    x, y = column + _FALSE_ORIGIN[0], row + _FALSE_ORIGIN[1]
    outer = (_SIDE - 1 - y // _SIDE) * _SIDE + x // _SIDE
    inner = (_SIDE - 1 - y % _SIDE) * _SIDE + x % _SIDE
    return _LETTERS[outer] + _LETTERS[inner]


def _square_of(outer: str, inner: str) -> tuple[int, int]:
    down_500, along_500 = divmod(_LETTERS.index(outer), _SIDE)
    down_100, along_100 = divmod(_LETTERS.index(inner), _SIDE)
    x = along_500 * _SIDE + along_100
    y = (_SIDE - 1 - down_500) * _SIDE + (_SIDE - 1 - down_100)
    return x - _FALSE_ORIGIN[0], y - _FALSE_ORIGIN[1]
