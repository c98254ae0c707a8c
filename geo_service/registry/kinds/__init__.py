"""Source kinds: where the features of a layer come from, one file each.

A member is a module of this folder with a `KIND`; its file name is the kind's name.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from geo_service.model.ports import Snapshot
    from geo_service.registry.described import LayerDescriptor
    from geo_service.registry.strict import Keys


class Kind(Protocol):
    """Fetch the features of a layer."""

    importable: bool
    """Whether a user may import features into layers of this kind."""

    def options(self, keys: Keys) -> Mapping[str, Any]:
        """Read the kind's own keys of `[source]`; raise InputError for a wrong one."""

    def serves(self, described: LayerDescriptor, *, demonstration: bool) -> bool:
        """Say whether a layer belongs to real areas, or to the demonstration area."""

    def read(self, described: LayerDescriptor, snapshot: Snapshot | None) -> pl.DataFrame | None:
        """Return the features (schema columns and `wkb`), None where there are none."""


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the source kinds by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            found[module.name] = importlib.import_module(f"{__name__}.{module.name}").KIND
    return MappingProxyType(found)
