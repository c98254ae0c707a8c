"""Choose what a sheet of a cocoon may list, so that who finds the paper cannot tell which home it lies around."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats, Ints

SHIFT: Final = 0.25
"""Share of a cocoon's reach that the middle of what is listed may lie from the home that the cocoon is around."""
LEAST_SHIFT_M: Final = 25.0
"""Metres that it may lie from there at least, however dense the homes."""
OWN_HOME_M: Final = 8.0
"""Metres within which an address may be that of the offence: the width of a house."""
LEAST_HIDDEN: Final = 4
"""Places left out that may each be the home: its own, and others in which nothing happened."""


def screened(
    at_m: Floats, places: Geometries, *, reach_m: float, secret: str, own: NDArray[np.bool_] | None = None
) -> Ints:
    """Return the positions of the places of a cocoon that paper may list, the nearest to their own middle first.

    at_m: the offence, metres of a plane (2). places: those that its cocoon visits, in the same plane (n). reach_m: of
    the cocoon. secret: words that a reader of the sheet does not know; the same give the same places, so that sheets of
    two days do not betray together what neither does alone. own: which of the places are known by their name to be the
    home itself (n).

    The middle is moved at random by up to SHIFT of the reach, evenly over the disc ("geomasking", Kwan, M.-P. et al.
    (2004), Cartographica 39), and what is listed lies within the rest of the reach of it: all of it is of the cocoon.
    Of homes (points), those at the offence are left out, and as many as would pass for it at other places of the disc,
    until LEAST_HIDDEN gaps are there. Cells and streets have no gaps: all are listed. Raises QueryError where there are
    too few homes for that, or none is left.
    """
    shift_m = max(SHIFT * reach_m, LEAST_SHIFT_M)
    if reach_m < 2 * shift_m:
        raise _too_few(f"a reach of {reach_m:.0f} m")
    digest = hashlib.sha256(secret.encode()).digest()
    rng = np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
    turn, far = rng.uniform(0, 2 * np.pi), shift_m * np.sqrt(rng.uniform())
    middle = shapely.Point(at_m + far * np.array([np.cos(turn), np.sin(turn)]))
    apart = shapely.distance(places, middle)
    listed = apart <= reach_m - shift_m
    homes = shapely.get_dimensions(places) == 0
    if homes.any():
        victim = homes & (shapely.distance(places, shapely.Point(at_m)) <= OWN_HOME_M)
        if own is not None:
            victim |= homes & own
        around = np.flatnonzero(homes & ~victim & (apart <= shift_m))
        listed &= ~(victim | _decoys(at_m, places, rng.permutation(around)))
    kept = np.flatnonzero(listed)
    if not len(kept):
        raise _too_few(f"{len(places)} places in reach")
    return np.asarray(kept[np.lexsort((kept, apart[kept]))], dtype=np.int64)


def _decoys(at_m: Floats, places: Geometries, candidates: Ints) -> NDArray[np.bool_]:
    """Return which homes are left out though nothing happened there: gaps like that at the offence, apart from it."""
    centres = [shapely.Point(at_m)]
    hidden = np.zeros(len(places), dtype=np.bool_)
    for candidate in candidates.tolist():
        if len(centres) == LEAST_HIDDEN:
            return hidden
        home = places[candidate]
        if all(shapely.distance(home, centre) > 2 * OWN_HOME_M for centre in centres):
            centres.append(home)
            hidden |= (shapely.get_dimensions(places) == 0) & (shapely.distance(places, home) <= OWN_HOME_M)
    if len(centres) < LEAST_HIDDEN:
        raise _too_few(f"{len(centres)} that it could be; at least {LEAST_HIDDEN} are needed")
    return hidden


def _too_few(found: str) -> QueryError:
    return QueryError(
        "So few homes are near that a sheet would tell which one it is about",
        found=found,
        do="Go there without paper, or choose a larger --radius with more --nearest",
        field="sheet",
    )
