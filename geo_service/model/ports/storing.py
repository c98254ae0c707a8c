"""What is kept: versions of the data, runs, items, and the ledger of what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from geo_service.model.access import AuditEvent, Item, Principal, Version
    from geo_service.model.audit import AuditQuery, AuditTrail
    from geo_service.model.boundaries import Area, BoundarySet, Geometries
    from geo_service.model.cells import Cells, Cube
    from geo_service.model.denominators import Denominator
    from geo_service.model.offences import HarmTable
    from geo_service.model.periods import Month, Period
    from geo_service.model.ports.progress import Progress
    from geo_service.model.retention import BackupCopy, Erased, Kept, Wanted
    from geo_service.model.safe_places import SafePlace


class TileFile(Protocol):
    """Name a stored file of map tiles (PMTiles); it never changes, and may be read in pieces."""

    @property
    def path(self) -> Path:
        """Return where it lies."""

    @property
    def sha256(self) -> str:
        """Return the hash of its bytes."""

    @property
    def bytes(self) -> int:
        """Return its size."""


class Snapshot(Protocol):
    """Read the data as it was at one version."""

    @property
    def version(self) -> int:
        """Return the version's number; 0 is the empty store."""

    def slots(self, prefix: str = "") -> Mapping[str, str]:
        """Return slot -> SHA-256 of its file, of the slots that begin with `prefix`."""

    def months(self) -> tuple[Month, ...]:
        """Return the months that any source holds, ascending."""

    def sources(self) -> tuple[str, ...]:
        """Return the readers whose incidents are present, for example `police_uk`."""

    def incidents(
        self,
        columns: Sequence[str],
        *,
        period: Period | None = None,
        cells: Cells | None = None,
        resolution: int = 10,
    ) -> pl.DataFrame:
        """Read columns of the incidents of some months and cells."""

    def incident_slot(self, slot: str) -> pl.DataFrame:
        """Read all columns of one incident file."""

    def assignment(self, slot: str, boundary_set: str) -> NDArray[np.int32]:
        """Return the member of each row of an incident file, in row order; OUTSIDE where in none."""

    def boundary_sets(self) -> Mapping[str, BoundarySet]:
        """Return the imported boundary sets by id, with the members that may be seen."""

    def area(self, wanted: str, *, boundary_set: str | None, on: dt.date) -> Area:
        """Find the area that a question means (see `overlay.find_area`), all of which may be seen.

        Raises NotFoundError for an unknown area and, in the same words, for one that may not be seen.
        """

    def inside(self, geometry: Geometries) -> NDArray[np.bool_]:
        """Tell which features lie where they may be seen; those without a position do not, unless all may be."""

    def cube(self, resolution: int, boundary_set: str | None = None) -> Cube:
        """Return the cube at a resolution, split by the members of a boundary set where one is named."""

    def postcodes(self) -> pl.DataFrame | None:
        """Return the imported postcode centres, None where there are none."""

    def features(self, layer: str, columns: Sequence[str] | None = None) -> pl.DataFrame | None:
        """Return the imported features of a layer (`wkb` column for geometry), None where there are none.

        columns: those that are read, where the features have them; all by default.
        """

    def tiles(self, name: str) -> TileFile | None:
        """Return a file of map tiles, None where there is none."""

    def denominators(self) -> Mapping[str, Denominator]:
        """Return the imported denominators by id."""

    def harm_tables(self) -> Mapping[str, HarmTable]:
        """Return the imported harm tables by id."""

    def rejects(self, version: int | None = None) -> pl.DataFrame:
        """Return the rejected rows in force, or those of one import, with the column `version` first."""


class Staging(Protocol):
    """Gather the parts of one change; nothing is seen by anybody until `commit`."""

    def erased(self, crime_id: pl.Series) -> pl.Series:
        """Return the day on which each crime number was erased (String, YYYY-MM-DD), null for all others."""

    def add_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Put a batch of rows (INCIDENT_SCHEMA and the cell columns) aside for a slot."""

    @property
    def rows(self) -> int:
        """Return the rows put aside so far."""

    def add_rejects(self, slot: str, frame: pl.DataFrame) -> None:
        """Put rejected rows aside."""

    def partitions(self) -> Iterable[tuple[str, pl.DataFrame]]:
        """Yield each staged slot with its final rows in stored order, after republished rows gave way."""

    def put_incidents(self, slot: str, frame: pl.DataFrame) -> None:
        """Write the final rows of a slot."""

    def put_assignment(self, slot: str, boundary_set: str, member: NDArray[np.int32]) -> None:
        """Write the members of the rows of a slot."""

    def put_boundary_set(self, boundary_set: BoundarySet) -> None:
        """Write a boundary set."""

    def put_postcodes(self, frame: pl.DataFrame) -> None:
        """Write postcode centres."""

    def put_features(self, layer: str, frame: pl.DataFrame) -> None:
        """Write the features of a layer."""

    def put_tiles(self, name: str, content: bytes) -> None:
        """Write a file of map tiles (PMTiles)."""

    def drop_tiles(self, name: str) -> None:
        """Take a file of map tiles out of the data, where there is one."""

    def put_denominator(self, denominator: Denominator) -> None:
        """Write a denominator."""

    def put_harm_table(self, table: HarmTable) -> None:
        """Write a harm table."""

    def commit(self, act: str, actor: Principal, detail: Mapping[str, object]) -> Version | None:
        """Make the change and its audit event one transaction; None where nothing differs."""


class Saved(Protocol):
    """Say what a backup holds."""

    @property
    def version(self) -> int:
        """Return the newest version of the data in it."""

    @property
    def files(self) -> int:
        """Return the number of data files, of every version."""

    @property
    def bytes(self) -> int:
        """Return their size."""


class Items(Protocol):
    """Keep the editable rows of one kind; every edit names the version that it was made on."""

    def get(self, item_id: str) -> Item:
        """Return one; raise NotFoundError."""

    def all(self, prefix: str = "") -> Sequence[Item]:
        """List them by id; prefix: only those whose id begins so."""

    def add_all(self, rows: Mapping[str, Mapping[str, object]]) -> Sequence[str]:
        """Write new rows and one event in one transaction; return the ids that were not there.

        A row that is there already is left as it is.
        """

    def put(self, item_id: str, content: Mapping[str, object], *, version: int | None) -> Item:
        """Write one and its event in one transaction; return it with its new version.

        version: the one that the edit was made on, 0 for a new row. Raises UnconditionalError for None, LostRaceError,
        saying what changed meanwhile, where it is no longer the newest, ConflictError where a new one is there already.
        """

    def remove(self, item_id: str, *, version: int | None) -> None:
        """Take one away and write its event in one transaction; raises as `put` does, and NotFoundError."""


class Repository(Protocol):
    """Keep incidents, boundaries and what was done, for one principal: nothing outside their areas is there.

    Every method raises AccessError where their roles do not have it.
    """

    @property
    def principal(self) -> Principal:
        """Return who it is for."""

    @property
    def id(self) -> str:
        """Return what tells this store from every other one: a backup of it and what is restored keep it."""

    def snapshot(self, as_of: int | None = None) -> Snapshot:
        """Return the data as of a version, the newest by default; raise NotFoundError for an unknown one."""

    def stage(self) -> AbstractContextManager[Staging]:
        """Open a change; leaving without commit leaves nothing behind."""

    def versions(self) -> Sequence[Version]:
        """List the versions, oldest first."""

    def undo(self, version: int, *, only: str = "") -> Version:
        """Put back what a version changed (of the slots that contain `only`), as a new version."""

    def same_person(self, one: str, other: str) -> bool:
        """Tell whether two accounts are known to be one person's: of one id, or of one subject elsewhere."""

    def record(self, act: str, what: str, detail: Mapping[str, object] | None = None) -> None:
        """Write an audit event; what cannot be written down must not be done."""

    def trail(self, query: AuditQuery, limit: int | None = None) -> AuditTrail:
        """Return the audit events that are wanted, oldest first: the newest `limit` of them, or all for None.

        For auditors only. Raises DamagedFileError where one is not what was written; for None all of the chain is
        checked.
        """

    def unlike_log(self, lines: Iterable[str]) -> tuple[int, Sequence[str]]:
        """Hold the ledger to the lines of the system's log; return how many were of it, and what is wrong in words."""

    def events(self, limit: int | None = 100) -> Sequence[AuditEvent]:
        """List the newest audit events first, all of them for None; for auditors only."""

    def save_run(
        self, run_id: str, payload: str, version: int, area: Area, asked: Mapping[str, object] | None = None
    ) -> None:
        """Keep the zones of a question about an area, and record in the same transaction what was asked.

        Saving the same run again makes it the newest.
        """

    def runs(self) -> Sequence[tuple[str, str]]:
        """List (run id, payload) of the runs whose area they may see, newest asked first."""

    def items(self, kind: str) -> Items:
        """Return the editable rows of a kind."""

    def kept_places(self) -> Sequence[SafePlace]:
        """Return every Safe Place that a row is kept of, wherever it stands, without its notes and its history."""

    def check(self, progress: Progress | None = None) -> Sequence[str]:
        """Return what is wrong with the store, in words; empty when all is well."""

    def backup(
        self, target: Path, progress: Progress | None = None, also: Callable[[Path], object] | None = None
    ) -> Saved:
        """Copy all that is stored to a new folder while others read and write; whole or not there.

        also: puts more into the folder before it is there, first of all.
        """

    def erase(self, wanted: Wanted, reason: str, *, look: bool = False) -> Erased:
        """Erase here and in every backup that can be reached; look: only say exactly what that would take.

        Raises InputError where the reason names a crime number, ConflictError where another change got in between,
        FaultError, saying that the erasure was kept, where the disk fails after it.
        """

    def reach_backups(self) -> Sequence[BackupCopy]:
        """Go on with erasing in the backups that no erasure has reached yet, and say what became of each."""

    def backups(self) -> Sequence[BackupCopy]:
        """List the backups that were made, oldest first."""

    def old_backups(self, wanted: Wanted) -> Sequence[BackupCopy]:
        """List the backups that are older than they may be; never the newest one that is there."""

    def forget_backup(self, path: Path, *, remove: bool) -> None:
        """Take a backup from the list: remove it, or believe that it was destroyed; raise NotFoundError."""

    def holdings(self, wanted: Wanted) -> Sequence[Kept]:
        """Count what is kept of each kind, and how much of it is wanted; of kinds and in the order of KINDS."""
