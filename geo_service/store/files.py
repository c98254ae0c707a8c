"""Files that never change: each named by the SHA-256 of its bytes, and proved right whenever it is read."""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from geo_service.errors import ConflictError, DamagedFileError, FaultError
from geo_service.store import slots
from geo_service.store.disk import Identity, disk_fault, identity, sync_directory, write_durably
from geo_service.store.state import FileRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_SUFFIXES: Final = {slots.TILES: ".pmtiles"}
"""Endings of the kinds that are not Parquet."""
_ROWS_PER_GROUP: Final = 65_536


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """Hold a file that is written but not yet in its place."""

    record: FileRecord
    path: Path


def file_name(record: FileRecord) -> str:
    """Return the name of a file within the folder of its kind."""
    return f"{record.sha256}{_SUFFIXES.get(record.kind, '.parquet')}"


def encode(table: pa.Table) -> bytes:
    """Return a table as Parquet; the same table gives the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True, row_group_size=_ROWS_PER_GROUP)
    return bytes(sink.getvalue())


class FileShelf:
    """Hold the files below one folder, by kind and hash."""

    def __init__(self, root: Path, erased: Callable[[FileRecord], bool] = lambda _: False) -> None:
        """Hold them below `root`; erased: tells whether a file that is not there is gone on purpose."""
        self.root = root
        self._erased = erased
        self._proved: dict[str, tuple[Identity, pq.FileMetaData | None]] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the folders."""
        for kind in slots.KINDS:
            (self.root / kind).mkdir(parents=True, exist_ok=True)
        sync_directory(self.root)

    def path(self, record: FileRecord) -> Path:
        """Return where a file lies."""
        return self.root / record.kind / file_name(record)

    def on_disk(self) -> set[Path]:
        """Return the paths of all files that lie there, whoever knows of them."""
        return {path for kind in slots.KINDS for path in (self.root / kind).iterdir()}

    @contextmanager
    def placed(self, written: Sequence[WrittenFile]) -> Iterator[None]:
        """Move files to their place while the ledger is locked; take the new ones back on an exception.

        A file whose place holds the right bytes already is left out; one whose place holds damaged bytes takes
        it, which is how importing again mends a store.
        """
        fresh: list[Path] = []
        try:
            for file in written:
                target = self.path(file.record)
                if self.is_sound(file.record):
                    continue
                if not target.exists():
                    fresh.append(target)
                file.path.replace(target)
            for folder in {self.path(file.record).parent for file in written}:
                sync_directory(folder)
            yield
        except BaseException:
            for path in fresh:
                path.unlink(missing_ok=True)
            raise

    def is_sound(self, record: FileRecord) -> bool:
        """Hash a file anew and return whether it is what its name says."""
        try:
            return _hash(self.path(record)) == record.sha256
        except FileNotFoundError:
            return False

    def read(
        self,
        slot: str,
        record: FileRecord,
        columns: Sequence[str] | None = None,
        choose: Callable[[pq.FileMetaData], list[int]] | None = None,
    ) -> pa.Table:
        """Read columns of the row groups that `choose` picks, verifying the checksum of every page.

        Raises DamagedFileError, naming the slot and saying what to do, where the file is missing or is not what
        its name says.
        """
        with self._proving(slot, record):
            described = self._described(slot, record)
            if described is None:
                raise ValueError("not a table")
            groups = list(range(described.num_row_groups)) if choose is None else choose(described)
            # The footer has no checksum of its own: use the one that was read when the whole file was hashed.
            with pq.ParquetFile(
                self.path(record), metadata=described, page_checksum_verification=True, memory_map=False
            ) as file:
                return file.read_row_groups(groups, columns=None if columns is None else list(columns))

    def proved(self, slot: str, record: FileRecord) -> Path:
        """Return where a file lies that is read in pieces by others, hashing it unless this process has done so.

        Raises DamagedFileError as `read`.
        """
        with self._proving(slot, record):
            self._described(slot, record)
        return self.path(record)

    def _described(self, slot: str, record: FileRecord) -> pq.FileMetaData | None:
        """Return the footer of a Parquet file, hashing the file first unless this process has done so."""
        path = self.path(record)
        found = identity(path)
        with self._lock:
            known = self._proved.get(record.sha256)
        if known is not None and known[0] == found:
            return known[1]
        if _hash(path) != record.sha256:
            raise self._damaged(slot, record, "its bytes are not those that were stored")
        described = None if record.kind in _SUFFIXES else pq.read_metadata(path)
        with self._lock:
            self._proved[record.sha256] = (found, described)
        return described

    @contextmanager
    def _proving(self, slot: str, record: FileRecord) -> Iterator[None]:
        """Turn whatever goes wrong while reading into an error that names the file."""
        try:
            yield
        except FileNotFoundError as error:
            if self._erased(record):
                raise ConflictError("The data was erased while it was read", do="Ask again") from error
            raise self._damaged(slot, record, "it is not there") from error
        except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
            if isinstance(error, OSError) and (fault := disk_fault(error)) is not None:
                raise fault from error
            with suppress(OSError):
                if self.is_sound(record):
                    raise FaultError(f"The file of {slot} cannot be read", found=error) from error
            raise self._damaged(slot, record, f"reading it failed: {error}") from error

    def _damaged(self, slot: str, record: FileRecord, found: str) -> DamagedFileError:
        name = f"files/{record.kind}/{file_name(record)}"
        return DamagedFileError(
            f"The stored file of {slot} is damaged: {name}", found=found, do=slots.mend(slot), field=slot
        )


def write_file(folder: Path, kind: str, table: pa.Table, **about: int | str | None) -> WrittenFile:
    """Write a table to a temporary folder, durably; its place is taken at commit."""
    return write_content(folder, kind, encode(table), table.num_rows, **about)


def write_content(folder: Path, kind: str, content: bytes, rows: int = 0, **about: int | str | None) -> WrittenFile:
    """Write the bytes of a file to a temporary folder, durably; its place is taken at commit."""
    sha256 = hashlib.sha256(content).hexdigest()
    record = FileRecord(sha256, kind, len(content), rows, **about)  # type: ignore[arg-type]
    path = folder / file_name(record)
    if not path.exists():
        write_durably(path, content)
    return WrittenFile(record, path)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
