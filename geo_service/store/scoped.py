"""A snapshot as far as somebody may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geo_service import overlay
from geo_service.errors import AccessError, NotFoundError
from geo_service.store import slots
from geo_service.store.selection import Selection

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Area, BoundarySet, Geometries
    from geo_service.model.cells import Cells, Cube
    from geo_service.model.denominators import Denominator
    from geo_service.model.offences import HarmTable
    from geo_service.model.periods import Month, Period
    from geo_service.store.scope import Scope, ScopeShelf
    from geo_service.store.snapshot import DiskSnapshot, KeptTiles


class ScopedSnapshot:
    """Read one version as far as somebody may see it."""

    def __init__(self, whole: DiskSnapshot, shelf: ScopeShelf, scope: Scope | None, *, crime: bool) -> None:
        """Read `whole` within `scope`, None for all of it; crime: whether incidents may be seen at all."""
        self._whole = whole
        self._shelf = shelf
        self._scope = scope
        self._crime = crime

    @property
    def version(self) -> int:
        """Return the version's number; 0 is the empty store."""
        return self._whole.version

    def slots(self, prefix: str = "") -> Mapping[str, str]:
        """Return slot -> SHA-256 of its file, of the slots that begin with `prefix`."""
        return self._whole.slots(prefix)

    def months(self) -> tuple[Month, ...]:
        """Return the months that any source holds, ascending."""
        return self._whole.months()

    def sources(self) -> tuple[str, ...]:
        """Return the readers whose incidents are present."""
        return self._whole.sources()

    def boundary_sets(self) -> Mapping[str, BoundarySet]:
        """Return the imported boundary sets by id, with the members that may be seen."""
        sets = self._whole.boundary_sets()
        if self._scope is None:
            return sets
        parts = {set_id: self._scope.part(found) for set_id, found in sets.items()}
        return {set_id: part for set_id, part in parts.items() if len(part)}

    def area(self, wanted: str, *, boundary_set: str | None, on: dt.date) -> Area:
        """Find the area that a question means, all of which may be seen.

        Raises NotFoundError for an unknown area and, in the same words, for one that may not be seen, or not all of it.
        """
        if self._scope is None:
            descriptors = self._shelf.descriptors
            return overlay.find_area(self.boundary_sets(), descriptors, wanted, boundary_set=boundary_set, on=on)
        found = overlay.find_area(
            self.boundary_sets(), self._scope.descriptors, wanted, boundary_set=boundary_set, on=on
        )
        # By its code: elsewhere others may have its name, of which nothing may be said here.
        whole = overlay.find_area(
            self._whole.boundary_sets(), self._shelf.descriptors, found.code, boundary_set=found.boundary_set.id, on=on
        )
        if not self._scope.holds(whole):
            # A district of which only some wards may be seen would answer under the district's name.
            raise NotFoundError(
                "No area of that code or name, all of which is in your areas",
                found=wanted.strip(),
                do=f"Ask for its parts: {', '.join(found.boundary_set.names[at] for at in found.members)}",
                field="boundary",
            )
        return found

    def inside(self, geometry: Geometries) -> NDArray[np.bool_]:
        """Tell which features lie where they may be seen; those without a position do not, unless all may be."""
        return np.ones(len(geometry), dtype=np.bool_) if self._scope is None else self._scope.inside(geometry)

    def incidents(
        self,
        columns: Sequence[str],
        *,
        period: Period | None = None,
        cells: Cells | None = None,
        resolution: int = 10,
    ) -> pl.DataFrame:
        """Read columns of the incidents of some months and cells, slot by slot in stored order."""
        self._refuse_without_crime()
        if self._scope is None:
            return self._whole.incidents(columns, period=period, cells=cells, resolution=resolution)
        selection = Selection.of(columns, period, cells, resolution)
        frames = [selection.empty()]
        for slot in self._whole.slots(f"{slots.INCIDENTS}/"):
            frame = self._whole.incident_slot(slot)
            frames.append(selection.rows(frame.filter(self._seen(slot, frame.height))))
        return pl.concat(frames)

    def _seen(self, slot: str, rows: int) -> NDArray[np.bool_]:
        """Tell which rows of an incident file may be seen: those that were assigned to a member of the areas."""
        seen = np.zeros(rows, dtype=np.bool_)
        assert self._scope is not None  # noqa: S101 - asked only where there is one
        for set_id in self._scope.named:
            seen |= np.isin(self._whole.assignment(slot, set_id), self._scope.members[set_id])
        return seen

    def incident_slot(self, slot: str) -> pl.DataFrame:
        """Read all columns of the rows of one incident file that may be seen; raise NotFoundError for an empty slot."""
        self._refuse_without_crime()
        frame = self._whole.incident_slot(slot)
        return frame if self._scope is None else frame.filter(self._seen(slot, frame.height))

    def assignment(self, slot: str, boundary_set: str) -> NDArray[np.int32]:
        """Return the member of each row of an incident file that may be seen, in row order; OUTSIDE where in none."""
        self._refuse_without_crime()
        member = self._whole.assignment(slot, boundary_set)
        if self._scope is None:
            return member
        return self._scope.renumbered(boundary_set, member[self._seen(slot, len(member))])

    def cube(self, resolution: int, boundary_set: str | None = None) -> Cube:
        """Return the cube at a resolution, split by the members of a boundary set where one is named.

        Who may not see everything must name one. Raises NotFoundError where no incidents are stored or the set is not
        imported, QueryError for an unknown resolution.
        """
        self._refuse_without_crime()
        if self._scope is None:
            return self._whole.cube(resolution, boundary_set)
        if boundary_set is None or boundary_set not in self._scope.members:
            raise NotFoundError("No boundary set of that name", found=boundary_set, field="boundary_set")
        return self._shelf.cube(self._whole, self._scope, resolution, boundary_set)

    def postcodes(self) -> pl.DataFrame | None:
        """Return the imported postcode centres, None where there are none."""
        return self._whole.postcodes()

    def features(self, layer: str, columns: Sequence[str] | None = None) -> pl.DataFrame | None:
        """Return the imported features of a layer (`wkb` column for geometry), None where there are none."""
        return self._whole.features(layer, columns)

    def tiles(self, name: str) -> KeptTiles | None:
        """Return a file of map tiles, None where there is none: no crime is drawn in them."""
        return self._whole.tiles(name)

    def denominators(self) -> Mapping[str, Denominator]:
        """Return the imported denominators by id: counts by area that everybody may see."""
        return self._whole.denominators()

    def harm_tables(self) -> Mapping[str, HarmTable]:
        """Return the imported harm tables by id, which are for everybody."""
        return self._whole.harm_tables()

    def rejects(self, version: int | None = None) -> pl.DataFrame:
        """Return the rejected rows in force, or those of one import; they have no area, so all or nothing."""
        self._refuse_without_crime()
        if self._scope is not None:
            raise AccessError("Rejected rows have no area", do="Ask somebody who may see the whole force")
        return self._whole.rejects(version)

    def _refuse_without_crime(self) -> None:
        if not self._crime:
            raise AccessError("This is not for your role", found="incidents")
