"""Copies of a whole store in one folder, made while the service runs, and stores made from them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tomllib
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from geo_service.errors import ConflictError, DamagedFileError, FaultError, InputError
from geo_service.store import head as heads
from geo_service.store import migrating
from geo_service.store.chronicle import Chronicle
from geo_service.store.copies import alone
from geo_service.store.copying import copy_rows
from geo_service.store.database import LEDGER, open_database
from geo_service.store.disk import disk_errors, make_durably, sync_directory, write_durably
from geo_service.store.erasures import read_erasures
from geo_service.store.files import FileShelf
from geo_service.store.head import HEAD, Head
from geo_service.store.rows import EVENTS, RUNS, VERSIONS, marks, read_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import sqlalchemy as sa

    from geo_service.model.ports import Progress
    from geo_service.store.copies import Copies
    from geo_service.store.database import Database
    from geo_service.store.state import FileRecord

SETTINGS: Final = "geo-service.toml"
"""Settings go with the data, which they may mark as a demonstration's; only the ledger's address stays behind."""
RULES: Final = "retention.toml"
"""Rules of retention that an area has set itself."""
_FILES: Final = "files"
_LOG: Final = f"{LEDGER}-wal"
_INDEX: Final = f"{LEDGER}-shm"
_MOST_ATTEMPTS: Final = 20
_LOCK: Final = "lock"
_ADDRESS: Final = re.compile(r"^\s*database_url\s*=.*\n?", re.MULTILINE)
_BLOCK: Final = 1 << 20
_SPARE_BYTES: Final = 16 << 20
"""Room for the ledger and the folders, besides the files."""


class Saved(NamedTuple):
    """Say what a backup holds, or what was restored from it."""

    version: int
    """Newest version of the data."""
    files: int
    bytes: int


def backup(  # noqa: PLR0913, PLR0917 - where from, where to, and what else
    copies: Copies,
    shelf: FileShelf,
    root: Path,
    target: Path,
    progress: Progress | None = None,
    also: Callable[[Path], object] | None = None,
) -> Saved:
    """Copy a store to a new folder `target` while others read and write; return what was copied.

    The copy is of one moment, holds every version, and is whole or not there: it takes its name last. The ledger
    is copied row by row into SQLite, whatever database it is in, and every hash is checked on the way. It knows of
    the copy before it is there, so that no erasure passes it by. also: puts what no store knows of into the folder,
    before the ledger: what is taken into the ledger meanwhile is then in both, not in neither. Raises InputError where
    there is something at `target` already, ConflictError where another backup is being written there, FaultError where
    the disk has no room, DamagedFileError where a file is damaged.
    """
    with disk_errors(), _new_folder(target, "backup", apart_from=root) as part, copies.made(target):
        if also is not None:
            also(part)
        head, records = _copy_all(copies, shelf, part, progress)
        _copy_settings(root, part)
        # The head is written last: a folder without it is no backup.
        write_durably(part / HEAD, heads.to_json(head).encode())
        return _saved(head, records)


def _copy_all(
    copies: Copies, shelf: FileShelf, part: Path, progress: Progress | None
) -> tuple[Head, Mapping[str, FileRecord]]:
    """Copy ledger and files; where some of the files are erased meanwhile, the ledger as it then is, and what changed.

    Raises ConflictError where that never comes to an end.
    """
    for _ in range(_MOST_ATTEMPTS):
        for name in (LEDGER, _LOG, _INDEX):
            (part / name).unlink(missing_ok=True)
        copy = open_database(part / LEDGER)
        with closing(copy), copies.ledger.database.reading() as source, copy.writing() as to:
            head = copy_rows(source, to, copy, progress)
            records = _kept_files(to)
        try:
            _copy_files(shelf, FileShelf(part / _FILES), records, progress)
        except DamagedFileError:
            if records.keys() <= copies.ledger.files().keys():
                raise
        else:
            return head, records
    do = "Run it again when that is done"
    raise ConflictError("Data is erased all the time, so that nothing could be copied whole", do=do)


def restore(
    source: Path,
    data_dir: Path,
    database_url: str = "",
    progress: Progress | None = None,
    also: Callable[[Path], object] | None = None,
) -> Saved:
    """Make a new store at `data_dir` from a backup, its ledger in an empty database where an address is given.

    Every hash is checked on the way; `data_dir` is whole or not there. also: puts what no store knows of into the
    folder that becomes `data_dir`. Raises InputError where `source` is no backup or there is something at `data_dir`
    already, ConflictError where the database holds a ledger, DamagedFileError where the backup is damaged, FaultError
    where the disk has no room.
    """
    with disk_errors(), ExitStack() as stack:
        head = _head_of(source)
        stack.enter_context(alone(source, reading=True))
        # The database is the last to be told: its transaction ends after the folder has taken its name.
        there = stack.enter_context(_elsewhere(database_url)) if database_url else None
        with _new_folder(data_dir, "store") as part:
            _copy_file(source / LEDGER, part / LEDGER)
            if (source / _LOG).exists():
                # Somebody who erased in the backup was killed before the log went into the ledger.
                _copy_file(source / _LOG, part / _LOG)
            head, records = _files_named_by(part / LEDGER, head)
            _copy_files(FileShelf(source / _FILES), FileShelf(part / _FILES), records, progress)
            _copy_settings(source, part)
            if also is not None:
                also(part)
            write_durably(part / HEAD, heads.to_json(head).encode())
            if there is not None:
                with closing(open_database(part / LEDGER)) as ledger, ledger.reading() as connection:
                    copy_rows(connection, *there, progress)
                (part / LEDGER).unlink()
    return _saved(head, records)


def _saved(head: Head, records: Mapping[str, FileRecord]) -> Saved:
    return Saved(head.version.number, len(records), sum(record.bytes for record in records.values()))


def _head_of(source: Path) -> Head:
    try:
        return heads.from_json((source / HEAD).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        do = "Give the folder that `geo-service backup` made"
        raise InputError("There is no backup of that name", found=source, do=do, field="source") from None
    except ValueError as error:
        raise _damaged(source, f"{HEAD}: {error}") from error


def _kept_files(connection: sa.Connection) -> Mapping[str, FileRecord]:
    """Return the files of every version that can be asked for."""
    floor = max((erasure.floor for erasure in read_erasures(connection)), default=0)
    return Chronicle().extended(read_entries(connection, Chronicle())).kept_files(floor)


def _files_named_by(path: Path, head: Head) -> tuple[Head, Mapping[str, FileRecord]]:
    """Return the end of a ledger and the files of its versions; it must be whole and reach as far as `head` says."""
    with closing(open_database(path)) as database:
        migrating.prepare(database)
        with database.reading() as connection:
            found = marks(connection)
            kept = _kept_files(connection)
            reached = all(
                chain.has(connection, link)
                for chain, link in ((VERSIONS, head.version), (EVENTS, head.event), (RUNS, head.run))
            )
            wrong = [*database.problems(), *EVENTS.problems(connection), *RUNS.problems(connection)]
    if wrong or found.store != head.store or not reached:
        raise _damaged(path, wrong[0] if wrong else f"it ends with {found[1:]}, not with {head[1:]}")
    return found, kept


@contextmanager
def _elsewhere(url: str) -> Iterator[tuple[sa.Connection, Database]]:
    with closing(open_database(Path(), url)) as database, database.writing() as connection:
        yield connection, database


# --- files ----------------------------------------------------------------------------------------


def _copy_files(
    source: FileShelf, target: FileShelf, records: Mapping[str, FileRecord], progress: Progress | None
) -> None:
    target.prepare()
    for gone in target.on_disk() - {target.path(record) for record in records.values()}:
        gone.unlink()
    there = target.on_disk()
    needed = sum(record.bytes for record in records.values() if target.path(record) not in there) + _SPARE_BYTES
    if (free := shutil.disk_usage(target.root).free) < needed:
        raise FaultError(
            "The disk has no room for the copy",
            found=f"{free // 1_000_000} MB free, {needed // 1_000_000} MB needed",
            do="Choose another disk, or make room",
        )
    for done, record in enumerate(records.values(), start=1):
        known = target.path(record) in there
        if not known and _copy_file(source.path(record), target.path(record)) != record.sha256:
            # Another attempt must not take it for whole.
            target.path(record).unlink()
            raise _damaged(source.path(record), "its bytes are not those that were stored")
        if progress is not None:
            progress(done, len(records), "files copied")
    for folder in {target.path(record).parent for record in records.values()}:
        sync_directory(folder)


def _copy_file(source: Path, target: Path) -> str:
    """Copy a file to the disk itself and return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    try:
        with source.open("rb") as read, target.open("xb") as write:
            while block := read.read(_BLOCK):
                digest.update(block)
                write.write(block)
            write.flush()
            os.fsync(write.fileno())
    except FileNotFoundError as error:
        raise _damaged(source, "it is not there") from error
    return digest.hexdigest()


def _copy_settings(source: Path, target: Path) -> None:
    if (source / RULES).is_file():
        write_durably(target / RULES, (source / RULES).read_bytes())
    try:
        text = (source / SETTINGS).read_text("utf-8")
    except FileNotFoundError:
        return
    kept = _ADDRESS.sub("", text)
    try:
        secret = "database_url" in tomllib.loads(kept)
    except tomllib.TOMLDecodeError:
        secret = True
    if secret:
        do = "Write database_url on a line of its own, or set it in the environment"
        raise InputError(f"{SETTINGS} cannot be copied without the ledger's address", do=do, field=SETTINGS)
    write_durably(target / SETTINGS, kept.encode())


def _damaged(path: Path, found: str) -> DamagedFileError:
    do = "Run `geo-service doctor` on a data directory, or take another backup"
    return DamagedFileError(f"{path.name} is damaged, so nothing was copied", found=found, do=do, field=str(path))


# --- folders that are whole or not there ----------------------------------------------------------


@contextmanager
def _new_folder(target: Path, what: str, apart_from: Path | None = None) -> Iterator[Path]:
    """Give a folder beside `target` to be filled, which takes its name when it is whole and on the disk itself."""
    target = target.absolute()
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        do = "Nothing is ever written over: choose another name"
        raise InputError(f"There is something where the {what} was to be made", found=target, do=do, field="target")
    if apart_from is not None and target.resolve().is_relative_to(apart_from.resolve()):
        do = "Choose a folder outside of it, best on another disk"
        raise InputError("A backup cannot lie in the data directory itself", found=target, do=do, field="target")
    make_durably(target.parent)
    part = target.with_name(f".{target.name}.part")
    with _alone(part, what):
        try:
            yield part
            (part / _LOCK).unlink()
            sync_directory(part)
            part.replace(target)
            sync_directory(target.parent)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


@contextmanager
def _alone(part: Path, what: str) -> Iterator[None]:
    """Make an empty folder that belongs to this process; what a dead one left there is removed."""
    part.mkdir(mode=0o700, exist_ok=True)
    with (part / _LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # It may have been finished and renamed between opening and locking.
            mine = os.path.samestat(os.fstat(lock.fileno()), (part / _LOCK).stat())
        except (BlockingIOError, FileNotFoundError):
            mine = False
        if not mine:
            do = "Wait until it is done, or choose another name"
            raise ConflictError(f"Another process is making this {what}", found=part, do=do)
        for entry in part.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != _LOCK:
                entry.unlink()
        yield
