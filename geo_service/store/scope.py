"""What of a snapshot somebody may see: the members of their areas in every boundary set, and what lies in them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service import overlay
from geo_service.errors import GeoServiceError
from geo_service.model.cells import OUTSIDE, Cube

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from geo_service.model.boundaries import Area, BoundaryDescriptor, BoundarySet, Geometries
    from geo_service.store.snapshot import DiskSnapshot

Members: TypeAlias = NDArray[np.int32]
_Found = TypeVar("_Found")
_WHOLE: Final = 0.999
"""Share of a member that must lie in the areas: outlines of two sets never meet to the last metre."""
_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Scope:
    """Hold what may be seen, set by set."""

    members: Mapping[str, Members]
    """Positions of the members that may be seen in each boundary set, ascending."""
    named: tuple[str, ...]
    """Ids of the sets that the areas are members of; the others are compared by geometry."""
    outline: shapely.Geometry
    """All of it, EPSG:4326; empty where nothing may be seen."""
    descriptors: Mapping[str, BoundaryDescriptor]
    """Boundary sets and lists of policing areas, with the areas all of which may be seen."""

    def holds(self, area: Area) -> bool:
        """Tell whether all members of an area (of the whole set) may be seen."""
        return bool(np.isin(area.members, self.members[area.boundary_set.id]).all())

    def part(self, boundary_set: BoundarySet) -> BoundarySet:
        """Return a set with the members that may be seen."""
        keep = self.members[boundary_set.id]
        texts = {
            name: tuple(getattr(boundary_set, name)[at] for at in keep)
            for name in ("codes", "names", "parent_codes", "parent_names")
        }
        return replace(boundary_set, geometry=boundary_set.geometry[keep], **texts)  # type: ignore[arg-type]

    def renumbered(self, set_id: str, member: Members) -> Members:
        """Return members numbered within the part that may be seen, OUTSIDE for all others."""
        keep = self.members[set_id]
        number = np.full(int(max(member.max(initial=OUTSIDE), keep.max(initial=OUTSIDE))) + 2, OUTSIDE, dtype=np.int32)
        number[keep] = np.arange(len(keep), dtype=np.int32)
        found: Members = number[member]  # OUTSIDE is the last entry, which is never a member
        return found

    def cube(self, whole: Cube, set_id: str) -> Cube:
        """Return the rows of a cube split by a set that may be seen, and of its offence groups those that are there."""
        member = self.renumbered(set_id, whole.member)
        keep = np.flatnonzero(member != OUTSIDE)
        part = whole.chosen(keep, member[keep])
        there, group = np.unique(part.group, return_inverse=True)
        return replace(part, groups=whole.groups[there], group=group.astype(np.int32))

    def inside(self, geometry: Geometries) -> NDArray[np.bool_]:
        """Tell which features meet what may be seen; those without a position do not."""
        shapely.prepare(self.outline)
        found: NDArray[np.bool_] = np.asarray(shapely.intersects(self.outline, geometry), dtype=np.bool_)
        return found


@dataclass
class ScopeShelf:
    """Find scopes and the cubes within them, the latest being kept."""

    descriptors: Mapping[str, BoundaryDescriptor]
    scopes: OrderedDict[object, Scope] = field(default_factory=OrderedDict)
    cubes: OrderedDict[object, tuple[Scope, Cube]] = field(default_factory=OrderedDict)
    """Each with the scope that it is of: its id is nobody else's only as long as it is held."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def scope(self, snapshot: DiskSnapshot, areas: tuple[str, ...], on: dt.date) -> Scope:
        """Return what the areas with these codes (`CODE` or `SET:CODE`) are in a snapshot.

        An area that is not there, or is ambiguous, lets nobody see anything.
        """
        key = (areas, on, tuple(snapshot.slots("boundaries/").items()))
        with self.lock:
            known = self.scopes.get(key)
        if known is None:
            known = _found(snapshot.boundary_sets(), self.descriptors, areas, on)
            self._keep(self.scopes, key, known)
        return known

    def cube(self, snapshot: DiskSnapshot, scope: Scope, resolution: int, set_id: str) -> Cube:
        """Return the part of a snapshot's cube that may be seen."""
        key = (id(scope), snapshot.version, resolution, set_id)
        with self.lock:
            known = self.cubes.get(key)
        if known is None:
            known = scope, scope.cube(snapshot.cube(resolution, set_id), set_id)
            self._keep(self.cubes, key, known)
        return known[1]

    def _keep(self, kept: OrderedDict[object, _Found], key: object, found: _Found) -> None:
        with self.lock:
            kept[key] = found
            while len(kept) > _KEPT:
                kept.popitem(last=False)


def _found(
    sets: Mapping[str, BoundarySet], descriptors: Mapping[str, BoundaryDescriptor], areas: tuple[str, ...], on: dt.date
) -> Scope:
    named: dict[str, list[Members]] = {}
    for words in areas:
        set_id, _, code = words.rpartition(":")
        try:
            area = overlay.find_area(sets, descriptors, code, boundary_set=set_id or None, on=on)
        except GeoServiceError:
            continue
        named.setdefault(area.boundary_set.id, []).append(area.members)
    members = {set_id: np.unique(np.concatenate(parts)) for set_id, parts in named.items()}
    outline = shapely.union_all([sets[set_id].geometry[keep] for set_id, keep in members.items()], axis=None)
    for set_id, found in sets.items():
        members.setdefault(set_id, _within(found, outline))
    scope = Scope(members, tuple(named), outline, {})
    return replace(scope, descriptors=_seen_lists(sets, descriptors, scope, on))


def _seen_lists(
    sets: Mapping[str, BoundarySet], descriptors: Mapping[str, BoundaryDescriptor], scope: Scope, on: dt.date
) -> dict[str, BoundaryDescriptor]:
    """Return the descriptors without the policing areas that may not be seen, so that they are as good as unknown."""

    def seen(owner: str, code: str) -> bool:
        try:
            return scope.holds(overlay.find_area(sets, descriptors, code, boundary_set=owner, on=on))
        except GeoServiceError:
            return False

    kept = {}
    for set_id, described in descriptors.items():
        areas = tuple(area for area in described.areas if seen(set_id, area.code))
        if areas or not described.areas:
            kept[set_id] = replace(described, areas=areas)
    return kept


def _within(boundary_set: BoundarySet, outline: shapely.Geometry) -> Members:
    """Return the members of another set that lie in an outline, all but a sliver."""
    near = np.flatnonzero(shapely.intersects(boundary_set.geometry, outline))
    geometry = boundary_set.geometry[near]
    share = shapely.area(shapely.intersection(geometry, outline)) / shapely.area(geometry)
    found: Members = near[share >= _WHOLE].astype(np.int32)
    return found
