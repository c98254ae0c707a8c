"""Find the statistics that lie in this folder: one file each, found by being there.

A statistic is a module with `NAME`, `REFERENCE` and `surface`; nothing else needs to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.hotspots import Observed, Surface


class Statistic(Protocol):
    """Score the cells of an area."""

    NAME: str
    """What a query calls it."""
    REFERENCE: str
    """Where the method is written down."""

    def surface(self, observed: Observed, ring: int) -> Surface:
        """Score each cell of the area; higher is hotter.

        observed: n cells, those of the area first, with the graph of the neighbours within `ring` steps.
        """


@cache
def statistics() -> Mapping[str, Statistic]:
    """Return every statistic by name."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return MappingProxyType({module.NAME: cast("Statistic", module) for module in modules})
