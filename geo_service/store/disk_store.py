"""The store in one directory: incident files, ledger (or its address), cubes and temporary folders."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from geo_service.errors import InputError
from geo_service.model.access import KEEPERS, Principal
from geo_service.store import auditing
from geo_service.store.backups import backup
from geo_service.store.checking import check
from geo_service.store.copies import Copies
from geo_service.store.cubes import CubeShelf
from geo_service.store.database import LEDGER, open_database
from geo_service.store.disk import Workspace, disk_errors, make_durably, sweep, sweeping, sync_directory
from geo_service.store.eraser import Eraser, kept
from geo_service.store.files import FileShelf
from geo_service.store.head import HEAD, HeadFile
from geo_service.store.holdings import holdings
from geo_service.store.items import LedgerItems
from geo_service.store.ledger import Ledger
from geo_service.store.people import LedgerPeople
from geo_service.store.snapshot import DiskSnapshot, Shelves
from geo_service.store.staging import DiskStaging
from geo_service.store.witness import NoWitness, witness_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from geo_service.model.access import AuditEvent, Version
    from geo_service.model.audit import AuditQuery, AuditTrail
    from geo_service.model.ports import Progress
    from geo_service.model.retention import BackupCopy, Erased, Kept, Wanted
    from geo_service.store.backups import Saved
    from geo_service.store.database import Database
    from geo_service.store.head import Head
    from geo_service.store.ledger import Clock
    from geo_service.store.run_rows import KeptRun
    from geo_service.store.witness import Witness


_ITSELF: Final = Principal("geo-service", KEEPERS)
"""Who erases in a backup that was being made while others erased."""


def holds_data(data_dir: Path) -> bool:
    """Tell whether a store was ever opened in a directory; nothing is touched."""
    return any((data_dir / name).exists() for name in (LEDGER, HEAD))


def open_store(data_dir: Path, clock: Clock, database_url: str = "", syslog: str = "") -> DiskStore:
    """Open the store in a directory, making it where it is not there, and sweep what dead processes left.

    clock: gives the time now, with its zone. database_url: where the ledger is kept, `postgresql://…`; SQLite in
    the directory by default. syslog: the log that is told how far it came (see `witness.witness_at`). Raises
    InputError where `data_dir` is a file or ledger and directory do not belong together, FaultError where the disk
    is full, read-only or forbidden, DamagedFileError where the ledger is damaged.
    """
    witness = witness_at(syslog, data_dir)
    return open_on(data_dir, clock, open_database(data_dir / LEDGER, database_url), witness)


def open_on(data_dir: Path, clock: Clock, database: Database, witness: Witness | None = None) -> DiskStore:
    """Open the store in a directory with its ledger in a database, as `open_store` does."""
    store = DiskStore(data_dir, clock, database, witness or NoWitness())
    try:
        store.prepare()
    except BaseException:
        store.close()
        raise
    return store


class DiskStore:
    """Keep incidents, boundaries and what was done in one directory."""

    def __init__(self, data_dir: Path, clock: Clock, database: Database, witness: Witness) -> None:
        """Keep them in `data_dir`, the ledger in `database`; nothing is touched before `prepare`."""
        self._witness = witness
        self._root = data_dir
        self._temporary = data_dir / "tmp"
        self._head = HeadFile(data_dir, self._temporary)
        self._ledger = Ledger(database, clock, self._head, witness)
        self._files = FileShelf(data_dir / "files", lambda record: record.sha256 not in self._ledger.files())
        cubes = CubeShelf(data_dir / "cubes", self._temporary)
        self._shelves = Shelves(self._ledger, self._files, cubes)
        self._clock = clock
        self.copies = Copies(self._ledger)
        self.eraser = Eraser(self._ledger, self._files, cubes, self.copies, self._temporary)

    def prepare(self) -> None:
        """Make folders and tables where they are missing, and sweep what dead processes left."""
        if self._root.exists() and not self._root.is_dir():
            raise InputError(
                "The data directory is a file", found=self._root, do="Choose a folder with --data-dir", field="data_dir"
            )
        with disk_errors():
            make_durably(self._root)
            for folder in (self._temporary, self._root / "cubes"):
                folder.mkdir(exist_ok=True)
            self._files.prepare()
            # Two processes that both make the ledger would meet half-made tables.
            with sweeping(self._temporary):
                self._refuse_strangers()
                self._ledger.prepare()
            sync_directory(self._root)
            sweep(self._temporary)
            self.eraser.remove_files()

    def _refuse_strangers(self) -> None:
        """Raise InputError where directory and ledger do not know each other.

        A ledger that is not there (lost, or sought at another address) would be made anew, and every file in the
        directory would then belong to no version; a ledger from elsewhere would answer for files that are not here.
        """
        state = self._ledger.state_if_made()
        on_disk = self._files.on_disk()
        remembered = (self._root / HEAD).exists()
        if state is None and (on_disk or remembered):
            raise InputError(
                "The data directory has lost its ledger",
                found=self._ledger.database.name,
                do="Mend database_url, or restore the ledger from a backup; the data files are untouched",
                field="database_url",
            )
        named = {self._files.path(held.record) for held in (state or {}).values()}
        if self._ledger.database.apart and not remembered and not named <= on_disk:
            raise InputError(
                "The ledger belongs to another data directory",
                found=self._ledger.database.name,
                do="Give its directory with --data-dir, or mend database_url",
                field="database_url",
            )

    def backup(
        self, target: Path, progress: Progress | None = None, also: Callable[[Path], object] | None = None
    ) -> Saved:
        """Copy all that is stored to a new folder while others read and write (see `backups.backup`)."""
        saved = backup(self.copies, self._files, self._root, target, progress, also)
        # An erasure that came while the files were copied has not reached them.
        self.reach_backups(_ITSELF)
        return saved

    def erase(self, wanted: Wanted, reason: str, actor: Principal, *, look: bool = False) -> Erased:
        """Erase what is wanted here and in every backup that can be reached; look: only say what that would take.

        Raises as `Eraser.erase` does.
        """
        if look:
            with disk_errors():
                return self.eraser.look(wanted)
        erased = self.eraser.erase(wanted, reason, actor)
        with kept():
            return replace(erased, backups=self.reach_backups(actor, wanted.numbers))

    def reach_backups(self, actor: Principal, numbers: frozenset[str] = frozenset()) -> tuple[BackupCopy, ...]:
        """Go on with erasing in the backups that no erasure has reached yet, and say what became of each."""
        return self.eraser.reach(lambda path: open_store(path, self._clock), actor, numbers)

    def holdings(self, wanted: Wanted) -> Sequence[Kept]:
        """Count what is kept of each kind, and how much of it is wanted (see `holdings.holdings`)."""
        with disk_errors():
            return holdings(self._ledger, self.eraser, self._root, wanted)

    def close(self) -> None:
        """Close every connection to the ledger."""
        self._ledger.database.close()
        self._witness.close()

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
            yield DiskStaging(self._ledger, self._files, workspace.path, self._ledger.history())
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

    def events(self, limit: int | None = 100) -> Sequence[AuditEvent]:
        """List the newest audit events first."""
        return self._ledger.events(limit)

    def trail(self, query: AuditQuery, limit: int | None = None) -> AuditTrail:
        """Return the audit events that are wanted, oldest first (see `auditing.trail`)."""
        return auditing.trail(self._ledger.database, query, limit)

    def unlike_log(self, lines: Iterable[str]) -> tuple[int, Sequence[str]]:
        """Hold the ledger to the lines of the system's log; return how many were of it, and what is wrong in words."""
        compared = auditing.compared(self._ledger.database, lines)
        return compared.lines, [*self._ledger.problems(), *compared.problems]

    def save_run(self, run: KeptRun, version: int, event: AuditEvent) -> None:
        """Keep the zones of a question and its event; saving the same run again only makes it the newest."""
        self._ledger.save_run(run, version, event)

    def runs(self) -> Sequence[KeptRun]:
        """List the runs, newest asked first."""
        return self._ledger.runs()

    def items(self, kind: str, actor: Principal) -> LedgerItems:
        """Return the editable rows of a kind, for one actor."""
        return LedgerItems(self._ledger, kind, actor)

    def people(self) -> LedgerPeople:
        """Return what accounts need: passwords, sessions, API keys."""
        return LedgerPeople(self._ledger)

    def head(self) -> Head:
        """Return the name of the store and the newest version, event and run, each with a hash over all before it."""
        return self._ledger.head()

    def check(self, progress: Progress | None = None) -> Sequence[str]:
        """Return what is wrong with the store, in words; empty when all is well."""
        with disk_errors():
            return check(self._ledger, self._head, self._files, self._root, progress)
