"""The store in one directory: incident files, ledger, cubes and temporary folders."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from geo_service.errors import InputError
from geo_service.store.checking import check
from geo_service.store.cubes import CubeShelf
from geo_service.store.disk import Workspace, disk_errors, sweep, sweeping, sync_directory
from geo_service.store.files import FileShelf
from geo_service.store.ledger import Ledger
from geo_service.store.snapshot import DiskSnapshot, Shelves
from geo_service.store.sqlite import SqliteDatabase
from geo_service.store.staging import DiskStaging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from geo_service.model.access import AuditEvent, Principal, Version
    from geo_service.model.ports import Progress
    from geo_service.store.ledger import Clock

LEDGER: Final = "ledger.sqlite3"


def holds_data(data_dir: Path) -> bool:
    """Tell whether a store was ever opened in a directory; nothing is touched."""
    return (data_dir / LEDGER).exists()


def open_store(data_dir: Path, clock: Clock) -> DiskStore:
    """Open the store in a directory, making it where it is not there, and sweep what dead processes left.

    clock: gives the time now, with its zone. Raises InputError where `data_dir` is a file, FaultError where the
    disk is full, read-only or forbidden, DamagedFileError where the ledger is damaged.
    """
    store = DiskStore(data_dir, clock)
    try:
        store.prepare()
    except BaseException:
        store.close()
        raise
    return store


class DiskStore:
    """Keep incidents, boundaries and what was done in one directory."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        """Keep them in `data_dir`; nothing is touched before `prepare`."""
        self._root = data_dir
        self._temporary = data_dir / "tmp"
        self._ledger = Ledger(SqliteDatabase(data_dir / LEDGER), clock)
        self._files = FileShelf(data_dir / "files")
        self._shelves = Shelves(self._ledger, self._files, CubeShelf(data_dir / "cubes", self._temporary))

    def prepare(self) -> None:
        """Make folders and tables where they are missing, and sweep what dead processes left."""
        for path in (self._root, *self._root.parents):
            if path.exists() and not path.is_dir():
                what = "The data directory is a file" if path == self._root else "The data directory lies below a file"
                raise InputError(what, found=path, do="Choose a folder with --data-dir", field="data_dir")
        with disk_errors():
            for folder in (self._root, self._temporary, self._root / "cubes"):
                folder.mkdir(parents=True, exist_ok=True)
            self._files.prepare()
            # Two processes that both make the ledger would meet half-made tables.
            with sweeping(self._temporary):
                self._ledger.prepare()
            sync_directory(self._root)
            sweep(self._temporary)
            self._sweep_orphans()

    def close(self) -> None:
        """Close every connection to the ledger."""
        self._ledger.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def snapshot(self, as_of: int | None = None) -> DiskSnapshot:
        """Return the data as of a version, the newest by default; raise NotFoundError for an unknown one."""
        return DiskSnapshot(self._shelves, *self._ledger.state(as_of))

    @contextmanager
    def stage(self) -> Iterator[DiskStaging]:
        """Open a change; leaving without commit leaves nothing behind."""
        with disk_errors():
            workspace = Workspace(self._temporary)
        try:
            _, base = self._ledger.state()
            yield DiskStaging(self._ledger, self._files, workspace.path, base)
        finally:
            workspace.close()

    def versions(self) -> Sequence[Version]:
        """List the versions, oldest first."""
        return self._ledger.versions()

    def undo(self, version: int, actor: Principal, *, only: str = "") -> Version:
        """Put back what a version changed (of the slots that contain `only`), as a new version.

        A boundary set and an incident slot take their assignments with them. Raises NotFoundError for an unknown
        version, QueryError where `only` matches nothing, ConflictError where a later version changed a slot again.
        """
        return self._ledger.undo(version, actor, only=only)

    def record(self, event: AuditEvent) -> None:
        """Write an audit event."""
        self._ledger.record(event)

    def events(self, limit: int = 100) -> Sequence[AuditEvent]:
        """List the newest audit events first."""
        return self._ledger.events(limit)

    def save_run(self, run_id: str, payload: str, version: int) -> None:
        """Keep the zones of a question; saving the same run again changes nothing."""
        self._ledger.save_run(run_id, payload, version)

    def runs(self) -> Sequence[tuple[str, str]]:
        """List (run id, payload), newest first."""
        return self._ledger.runs()

    def check(self, progress: Progress | None = None) -> Sequence[str]:
        """Return what is wrong with the store, in words; empty when all is well."""
        with disk_errors():
            return check(self._ledger, self._files, self._root, progress)

    def _sweep_orphans(self) -> None:
        """Remove the files that belong to no version: a process died between placing them and its transaction."""
        if not self._orphans():
            return
        # Files are placed only while the ledger is locked for writing, so under the lock none is about to belong.
        with self._ledger.database.writing():
            for path in self._orphans():
                path.unlink(missing_ok=True)

    def _orphans(self) -> set[Path]:
        on_disk = self._files.on_disk()
        return on_disk - {self._files.path(record) for record in self._ledger.files().values()}
