"""The backups that were made of a store: known to its ledger, so that what is erased here is erased there too."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from geo_service.errors import ConflictError, GeoServiceError, InputError, NotFoundError
from geo_service.model.access import ERASURE, AuditEvent
from geo_service.model.retention import BACKUPS, BackupCopy, Wanted
from geo_service.store import head as heads
from geo_service.store import schema
from geo_service.store.erasures import newest_erasure, wanted_since
from geo_service.store.head import HEAD
from geo_service.store.rows import newest_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geo_service.model.access import Principal
    from geo_service.store.ledger import Ledger

_COPY = schema.backup_copy
_LOCK = "lock"


class Copies:
    """Know the backups of one store."""

    def __init__(self, ledger: Ledger) -> None:
        """Know those that `ledger` tells of."""
        self.ledger = ledger

    @contextmanager
    def made(self, target: Path) -> Iterator[None]:
        """Tell the ledger of a backup before it is there, so that no erasure can miss it; not if it fails."""
        path = str(target.absolute())
        with self.ledger.recording() as pen:
            pen.connection.execute(sa.delete(_COPY).where(_COPY.c.path == path))
            number, _ = newest_erasure(pen.connection)
            row = {"path": path, "at": pen.at.isoformat(), "version": newest_version(pen.connection).number}
            pen.connection.execute(sa.insert(_COPY).values(row | {"erased": number}))
        try:
            yield
        except BaseException:
            with suppress(GeoServiceError), self.ledger.recording() as pen:
                pen.connection.execute(sa.delete(_COPY).where(_COPY.c.path == path))
            raise

    def known(self) -> list[BackupCopy]:
        """List the backups, oldest first, and how many erasures have not reached each."""
        with self.ledger.database.reading() as connection:
            newest, _ = newest_erasure(connection)
            rows = list(connection.execute(sa.select(_COPY).order_by(_COPY.c.at, _COPY.c.path)))
        return [_copy(row, newest) for row in rows]

    def old(self, wanted: Wanted) -> list[BackupCopy]:
        """List the backups that are older than they may be; never the newest one that is there."""
        before = wanted.moment(BACKUPS)
        known = self.known()
        newest = next((copy for copy in reversed(known) if copy.there), None)
        return [
            copy
            for copy in known
            if copy is not newest and before is not None and dt.datetime.fromisoformat(copy.at) < before
        ]

    def reach(self, erase: Callable[[Path, Wanted], None], numbers: frozenset[str] = frozenset()) -> list[BackupCopy]:
        """Erase in every backup that is behind what was erased here; return those that were.

        erase: does so in the store at a path. numbers: crime numbers that are known themselves and not only by their
        hashes. A backup that cannot be reached stays behind, with the reason in `said`.
        """
        done = []
        for copy in self.known():
            if copy.behind:
                try:
                    done.append(self._reach(copy, erase, numbers))
                except (GeoServiceError, OSError) as problem:
                    said = problem.message if isinstance(problem, GeoServiceError) else problem.strerror
                    done.append(replace(copy, said=said or "it cannot be reached"))
        return done

    def _reach(self, copy: BackupCopy, erase: Callable[[Path, Wanted], None], numbers: frozenset[str]) -> BackupCopy:
        with self.ledger.database.reading() as connection:
            newest, _ = newest_erasure(connection)
            wanted = wanted_since(connection, newest - copy.behind)
        _remove_unfinished(copy.path)
        self._refuse_strangers(copy.path)
        with alone(copy.path):
            erase(copy.path, Wanted(numbers, wanted.hashes, wanted.reaches, wanted.before))
        with self.ledger.recording() as pen:
            here = _COPY.c.path == str(copy.path)
            pen.connection.execute(sa.update(_COPY).where(here).values(erased=newest))
        return replace(copy, behind=0, said="erased there too")

    def forget(self, path: Path, actor: Principal, *, remove: bool) -> None:
        """Take a backup from the list, removing it or because somebody says that it was destroyed.

        Raises NotFoundError for one that is not on the list, InputError for one that is there although it is said to
        be destroyed.
        """
        path = path.absolute()
        if path not in {copy.path for copy in self.known()}:
            known = ", ".join(str(copy.path) for copy in self.known()) or "none"
            raise NotFoundError("No backup of that name is known", found=path, do=f"Known are: {known}", field="backup")
        if remove:
            self._refuse_strangers(path)
            with alone(path):
                # Without its head it is no backup any more, whatever is left of it.
                (path / HEAD).unlink()
                shutil.rmtree(path)
        elif path.exists():
            do = "Delete it, or run `geo-service erase --backups` to erase in it"
            raise InputError("That backup is still there", found=path, do=do, field="backup")
        with self.ledger.recording() as pen:
            pen.connection.execute(sa.delete(_COPY).where(_COPY.c.path == str(path)))
            what = f"backup {path.name} {'removed' if remove else 'said to be destroyed'}"
            pen.record(AuditEvent(f"{ERASURE}: backup", actor.name, what, pen.at))

    def _refuse_strangers(self, path: Path) -> None:
        if not path.is_dir():
            raise NotFoundError("It is not there", do="Bring it back and run `geo-service erase --backups`")
        try:
            found = heads.from_json((path / HEAD).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError("It is no backup", found=error, do="Look what lies there") from error
        if found.store != self.ledger.head().store:
            raise InputError("It is a backup of another store", do="Look what lies there")


def _copy(row: sa.Row[Any], newest: int) -> BackupCopy:
    path = Path(row.path)
    return BackupCopy(path, row.at, row.version, path.is_dir(), max(0, newest - row.erased))


@contextmanager
def alone(path: Path, *, reading: bool = False) -> Iterator[None]:
    """Hold a backup while it is erased in or, with others, read; raise ConflictError where somebody else does."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if reading else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                "Another process reads that backup or erases in it", found=path, do="Wait until it is done"
            ) from None
        yield
    finally:
        os.close(handle)


def _remove_unfinished(target: Path) -> None:
    """Remove what a backup of that name left which was killed on the way."""
    part = target.with_name(f".{target.name}.part")
    try:
        with (part / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(part)
    except (FileNotFoundError, NotADirectoryError):
        return
    except BlockingIOError:
        raise ConflictError("A backup of that name is being made", found=target, do="Wait until it is done") from None
