"""Carrying an erasure out: in the ledger as one transaction, then on the disk, then in every backup."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from geo_service.errors import FaultError, GeoServiceError, InputError
from geo_service.model.retention import Erased
from geo_service.store.acts import Act
from geo_service.store.disk import Workspace, disk_errors, sweep, sync_directory
from geo_service.store.erasing import event_detail, find, write
from geo_service.store.erasures import proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.model.access import Principal
    from geo_service.model.retention import BackupCopy, Wanted
    from geo_service.store.copies import Copies
    from geo_service.store.cubes import CubeShelf
    from geo_service.store.disk_store import DiskStore
    from geo_service.store.files import FileShelf
    from geo_service.store.ledger import Ledger


class Eraser(NamedTuple):
    """Erase in one store."""

    ledger: Ledger
    files: FileShelf
    cubes: CubeShelf
    copies: Copies
    temporary: Path

    def look(self, wanted: Wanted) -> Erased:
        """Say exactly what an erasure would take, and change nothing."""
        found = find(self.ledger, self.files, wanted, self.ledger.head().store)
        return Erased(0, found.toll, None, tuple(self.copies.known()))

    def erase(self, wanted: Wanted, reason: str, actor: Principal) -> Erased:
        """Erase in this store alone; backups are told by `reach`.

        The ledger's transaction comes first; what is left on the disk by a process that dies after it is removed
        when the store is next opened. Doing it again changes nothing. Raises InputError where the reason names a
        crime number, ConflictError where another change got in between, FaultError, saying that the erasure was
        kept, where the disk fails after it.
        """
        _refuse_number(reason, wanted)
        with disk_errors():
            store = self.ledger.head().store
            found = find(self.ledger, self.files, wanted, store)
            number, version = 0, None
            if found.toll.anything or found.unmarked:
                workspace = Workspace(self.temporary)
                try:
                    written = write(self.files, workspace.path, found, wanted, store)
                    erasure = written.erasing.erasure
                    number = erasure.number
                    act = Act("erase", actor, event_detail(found, erasure, reason), proof(erasure, found.unmarked))
                    version = self.ledger.erase(written.erasing, lambda: self.files.placed(written.files), act)
                finally:
                    workspace.close()
        with kept():
            self.sweep()
        return Erased(number, found.toll, None if version is None else version.number)

    def sweep(self) -> None:
        """Remove what belongs to no version that can be asked for, caches and what dead processes left."""
        self.remove_files()
        self.cubes.clear()
        sweep(self.temporary)
        self.ledger.database.scrub()

    def remove_files(self) -> None:
        """Remove the files that belong to no version: erased, or placed by a process that died before its commit."""
        if not self._orphans():
            return
        # Files are placed only while the ledger is locked for writing, so under the lock none is about to belong.
        with self.ledger.database.writing():
            gone = self._orphans()
            for path in gone:
                path.unlink(missing_ok=True)
            for folder in {path.parent for path in gone}:
                sync_directory(folder)

    def _orphans(self) -> set[Path]:
        return self.files.on_disk() - {self.files.path(record) for record in self.ledger.files().values()}

    def reach(
        self, open_at: Callable[[Path], DiskStore], actor: Principal, numbers: frozenset[str] = frozenset()
    ) -> tuple[BackupCopy, ...]:
        """Erase in every backup what was erased here; those that cannot be reached say why."""

        def erase(path: Path, wanted: Wanted) -> None:
            with open_at(path) as store:
                store.eraser.erase(wanted, "erased in the store that this is a backup of", actor)
            # A backup is what `backup` made: what opening it as a store adds is taken away.
            for name in ("tmp", "cubes"):
                shutil.rmtree(path / name, ignore_errors=True)

        return tuple(self.copies.reach(erase, numbers))


@contextmanager
def kept() -> Iterator[None]:
    """Say of a failing disk that the erasure itself stands."""
    try:
        with disk_errors():
            yield
    except GeoServiceError as error:
        raise FaultError(
            "The erasure was kept, but not all that was erased could be removed from the disk",
            found=error.message,
            do="Mend the disk and run it again; opening the data directory goes on with it too",
        ) from error


def _refuse_number(reason: str, wanted: Wanted) -> None:
    if any(number in reason.lower() for number in wanted.numbers):
        raise InputError(
            "The reason names a crime number that is to be erased",
            do="Say it without: the reason is kept for as long as the ledger",
            field="reason",
        )
