"""Find the statistics that lie in this folder: one file each, found by being there.

A statistic is a module with the names of `Statistic`; nothing else needs to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.surfaces import Observed, Surface, Tuning


class Statistic(Protocol):
    """Score the cells of an area."""

    NAME: str
    """What a query calls it."""
    TITLE: str
    """What a form and a table call it, in a few words."""
    REFERENCE: str
    """Where the method is written down."""
    TUNED_BY: tuple[str, ...]
    """Fields of `Tuning` that change the answer."""
    NEEDS: frozenset[str]
    """Optional fields of `Observed` that it looks at: `denominator`, `points`."""
    REACH_M: float
    """How far beyond the border of the area it looks, apart from the neighbours within the ring."""

    def surface(self, observed: Observed, tuning: Tuning) -> Surface:
        """Score each cell of the area; higher is hotter.

        observed: n cells, those of the area first, with the graph of the neighbours within `tuning.ring` steps. Raises
        QueryError where the data cannot carry the statistic.
        """


@cache
def statistics() -> Mapping[str, Statistic]:
    """Return every statistic by name."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return MappingProxyType({module.NAME: cast("Statistic", module) for module in modules})
