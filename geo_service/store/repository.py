"""The store for one principal: what their roles do not have is refused, what lies outside their areas is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service import overlay
from geo_service.errors import AccessError, NotFoundError
from geo_service.model.access import COMBINATION, DISCLOSURE, KEEPERS, PLANNERS, READERS, AuditEvent, Role
from geo_service.model.audit import kind_of
from geo_service.store import slots
from geo_service.store.ledger import by
from geo_service.store.run_rows import KeptRun
from geo_service.store.selection import Selection

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.model.access import Principal, Version
    from geo_service.model.audit import AuditQuery, AuditTrail
    from geo_service.model.boundaries import Area, BoundarySet, Geometries
    from geo_service.model.cells import Cells, Cube
    from geo_service.model.periods import Month, Period
    from geo_service.model.ports import Items, Progress
    from geo_service.model.retention import BackupCopy, Erased, Kept, Wanted
    from geo_service.store.backups import Saved
    from geo_service.store.disk_store import DiskStore
    from geo_service.store.ledger import Clock
    from geo_service.store.scope import Scope, ScopeShelf
    from geo_service.store.snapshot import DiskSnapshot
    from geo_service.store.staging import DiskStaging

_AUDITORS: Final = frozenset({Role.AUDITOR})
_COORDINATORS: Final = frozenset({Role.COORDINATOR})
_ITEMS: Final = {"safe-place": KEEPERS | _COORDINATORS}
"""Who may read and write the editable rows of a kind; of all others, KEEPERS."""


class StoreRepository:
    """Read and write the store as one principal."""

    def __init__(self, store: DiskStore, principal: Principal, clock: Clock, shelf: ScopeShelf) -> None:
        """Do so for `principal`; shelf: scopes found so far, shared by all."""
        self._store = store
        self._principal = principal
        self._clock = clock
        self._shelf = shelf

    @property
    def principal(self) -> Principal:
        """Return who it is for."""
        return self._principal

    def snapshot(self, as_of: int | None = None) -> ScopedSnapshot:
        """Return the data as of a version, the newest by default; raise NotFoundError for an unknown one."""
        self._refuse_others(READERS | KEEPERS | _COORDINATORS)
        snapshot = self._store.snapshot(as_of)
        areas = self._principal.areas
        scope = None if areas is None else self._shelf.scope(snapshot, areas, self._clock().date())
        return ScopedSnapshot(snapshot, self._shelf, scope, crime=self._principal.may(READERS | KEEPERS))

    def stage(self) -> AbstractContextManager[DiskStaging]:
        """Open a change; leaving without commit leaves nothing behind."""
        self._refuse_others(KEEPERS)
        return self._store.stage()

    def versions(self) -> Sequence[Version]:
        """List the versions, oldest first."""
        self._refuse_others(READERS | KEEPERS | _AUDITORS)
        return self._store.versions()

    def undo(self, version: int, *, only: str = "") -> Version:
        """Put back what a version changed (see `DiskStore.undo`)."""
        self._refuse_others(KEEPERS)
        return self._store.undo(version, self._principal, only=only)

    def record(self, act: str, what: str, detail: Mapping[str, object] | None = None) -> None:
        """Write an audit event."""
        self._store.record(self._event(act, what, detail or {}))

    def trail(self, query: AuditQuery, limit: int | None = None) -> AuditTrail:
        """Return the audit events that are wanted, oldest first: the newest `limit` of them, or all for None."""
        self._refuse_others(_AUDITORS)
        return self._store.trail(query, limit)

    def unlike_log(self, lines: Iterable[str]) -> tuple[int, Sequence[str]]:
        """Hold the ledger to the lines of the system's log; return how many were of it, and what is wrong in words."""
        self._refuse_others(_AUDITORS)
        return self._store.unlike_log(lines)

    def events(self, limit: int | None = 100) -> Sequence[AuditEvent]:
        """List the newest audit events first, all of them for None."""
        self._refuse_others(_AUDITORS)
        return self._store.events(limit)

    def save_run(
        self, run_id: str, payload: str, version: int, area: Area, asked: Mapping[str, object] | None = None
    ) -> None:
        """Keep the zones of a question about an area, and record that they were asked for."""
        self._refuse_others(PLANNERS)
        codes = frozenset(area.boundary_set.codes[at] for at in area.members)
        event = self._event(f"{COMBINATION}: find zones", f"zones {run_id}", asked or {})
        self._store.save_run(KeptRun(run_id, payload, area.boundary_set.id, codes), version, event)

    def runs(self) -> Sequence[tuple[str, str]]:
        """List (run id, payload) of the runs whose area may be seen, newest asked first."""
        self._refuse_others(READERS)
        runs = self._store.runs()
        if self._principal.areas is not None:
            sets = self.snapshot().boundary_sets()
            seen = {set_id: frozenset(found.codes) for set_id, found in sets.items()}
            runs = [run for run in runs if run.codes and run.codes <= seen.get(run.boundary_set, frozenset())]
        return [(run.id, run.payload) for run in runs]

    def items(self, kind: str) -> Items:
        """Return the editable rows of a kind."""
        self._refuse_others(_ITEMS.get(kind, KEEPERS))
        return self._store.items(kind, self._principal)

    def check(self, progress: Progress | None = None) -> Sequence[str]:
        """Return what is wrong with the store, in words; empty when all is well."""
        self._refuse_others(KEEPERS | _AUDITORS)
        return self._store.check(progress)

    def backup(self, target: Path, progress: Progress | None = None) -> Saved:
        """Copy all that is stored to a new folder while others read and write."""
        self._refuse_others(KEEPERS)
        return self._store.backup(target, progress)

    def erase(self, wanted: Wanted, reason: str, *, look: bool = False) -> Erased:
        """Erase here and in every backup that can be reached (see `DiskStore.erase`)."""
        self._refuse_others(KEEPERS)
        return self._store.erase(wanted, reason, self._principal, look=look)

    def reach_backups(self) -> Sequence[BackupCopy]:
        """Go on with erasing in the backups that no erasure has reached yet, and say what became of each."""
        self._refuse_others(KEEPERS)
        return self._store.reach_backups(self._principal)

    def backups(self) -> Sequence[BackupCopy]:
        """List the backups that were made, oldest first."""
        self._refuse_others(KEEPERS)
        return self._store.copies.known()

    def old_backups(self, wanted: Wanted) -> Sequence[BackupCopy]:
        """List the backups that are older than they may be; never the newest one that is there."""
        self._refuse_others(KEEPERS)
        return self._store.copies.old(wanted)

    def forget_backup(self, path: Path, *, remove: bool) -> None:
        """Take a backup from the list: remove it, or believe that it was destroyed; raise NotFoundError."""
        self._refuse_others(KEEPERS)
        self._store.copies.forget(path, self._principal, remove=remove)

    def holdings(self, wanted: Wanted) -> Sequence[Kept]:
        """Count what is kept of each kind, and how much of it is wanted."""
        self._refuse_others(KEEPERS | _AUDITORS)
        return self._store.holdings(wanted)

    def _event(self, act: str, what: str, detail: Mapping[str, object]) -> AuditEvent:
        if kind_of(act) == DISCLOSURE:
            detail = {"recipient": self._principal.name, **detail}
        return AuditEvent(act, self._principal.name, what, self._clock(), by(self._principal, detail))

    def _refuse_others(self, roles: frozenset[Role]) -> None:
        if not self._principal.may(roles):
            raise AccessError("This is not for your role", found=", ".join(sorted(self._principal.roles)) or "no role")


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
        whole = overlay.find_area(
            self._whole.boundary_sets(), self._shelf.descriptors, wanted, boundary_set=found.boundary_set.id, on=on
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

    def features(self, layer: str) -> pl.DataFrame | None:
        """Return the imported features of a layer (`wkb` column for geometry), None where there are none."""
        return self._whole.features(layer)

    def rejects(self, version: int | None = None) -> pl.DataFrame:
        """Return the rejected rows in force, or those of one import; they have no area, so all or nothing."""
        self._refuse_without_crime()
        if self._scope is not None:
            raise AccessError("Rejected rows have no area", do="Ask somebody who may see the whole force")
        return self._whole.rejects(version)

    def _refuse_without_crime(self) -> None:
        if not self._crime:
            raise AccessError("This is not for your role", found="incidents")
