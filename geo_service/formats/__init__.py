"""Write feature tables in files that other programs read, one format a file.

A member is a module of this folder with a `FORMAT`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.ports import Format


@cache
def formats() -> Mapping[str, Format]:
    """Return the formats by name."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(__path__):
        member = getattr(importlib.import_module(f"{__name__}.{module.name}"), "FORMAT", None)
        if member is not None:
            found[member.name] = member
    return MappingProxyType(found)
