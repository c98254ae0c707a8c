"""Boundary sets with a vintage, and areas that are lists of their members."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import datetime as dt

Geometries: TypeAlias = NDArray[np.object_]
"""Array of shapely geometries in EPSG:4326."""


@dataclass(frozen=True, slots=True)
class BoundarySet:
    """Hold the members of one official or invented set of areas, of one vintage."""

    id: str
    """For example `wards-2025`."""
    title: str
    vintage: str
    """How every answer names the edition, for example `WD25, valid from 2025-05-01`."""
    valid_from: dt.date | None
    licence: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    parent_codes: tuple[str, ...]
    """Code of the larger area (district) that each member is part of; empty string where unknown."""
    parent_names: tuple[str, ...]
    geometry: Geometries
    """Valid polygons or multipolygons, EPSG:4326, one for each member."""

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        lengths = {len(self.codes), len(self.names), len(self.parent_codes), len(self.parent_names), len(self.geometry)}
        if len(lengths) != 1:
            msg = f"boundary set {self.id}: columns of unequal length {sorted(lengths)}"
            raise ValueError(msg)

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class PolicingArea:
    """Name an area that is a list of members of a boundary set and needs no geometry of its own."""

    code: str
    name: str
    members: tuple[str, ...] = ()
    """Codes of members."""
    parents: tuple[str, ...] = ()
    """Codes of larger areas, all of whose members belong."""


@dataclass(frozen=True, slots=True)
class BoundaryDescriptor:
    """Describe a boundary set or a list of policing areas: `data/boundaries/<id>.toml`."""

    id: str
    title: str
    vintage: str
    valid_from: dt.date | None
    licence: str
    source: str
    how_to_get: str
    code_field: str = ""
    name_field: str = ""
    parent_code_field: str = ""
    parent_name_field: str = ""
    member: str = "member"
    """What one member is called: `ward`, `LSOA` …"""
    members_of: tuple[str, ...] = ()
    """Ids of the boundary sets whose members the areas list, the first imported one being used."""
    areas: tuple[PolicingArea, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """Answer to `which area is meant`: some members of one boundary set."""

    code: str
    name: str
    boundary_set: BoundarySet
    members: NDArray[np.int32]
    """Positions of the members in the set, ascending."""
    vintage: str
    notes: tuple[str, ...] = field(default=())
