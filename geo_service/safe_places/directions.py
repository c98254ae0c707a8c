"""The way to a place as a short list of plain sentences."""

from __future__ import annotations

from gettext import NullTranslations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cells import Floats

ENGLISH = NullTranslations()


def directions(
    coords: Floats,
    names: Sequence[str],
    classes: Sequence[str] = (),
    *,
    goal: tuple[float, float] | None = None,
    tongue: NullTranslations = ENGLISH,
) -> tuple[str, ...]:
    """Say the way in at most LINES sentences; empty where there is no way of two points.

    coords: (k, 2) corners of the way in metres, EPSG:27700. names, classes: (k - 1) name of the street that each piece
    goes along, empty for a path without one, and its kind as OpenStreetMap writes it. goal: the place itself, to say on
    which side it is. tongue: translations of the sentences; street names stay as they are.
    """
    raise NotImplementedError
