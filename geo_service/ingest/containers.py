"""Open files that lie on disk or inside a zip as streams; nothing is ever unpacked to disk."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST_ZIP_BYTES: Final = 20 * 1024**3
"""Most bytes that the members of one zip may hold together, unpacked."""
LARGEST_RATIO: Final = 200
"""Most bytes that one packed byte may stand for; files of rows stay below 30, zip bombs reach 1,000 and more."""
MOST_MEMBERS: Final = 100_000
_RATIO_MATTERS_BYTES: Final = 1024**2  # small files repeat themselves without malice
_ENCRYPTED: Final = 0x1
_UNPACKING = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class Source(Protocol):
    """Be one stream of bytes with a name."""

    @property
    def name(self) -> str:
        """Return the file's own name, without folders."""

    @property
    def where(self) -> str:
        """Return the name as messages say it, with the zip that the file is in."""

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield the bytes in pieces; raise InputError where they cannot be read."""


@dataclass(frozen=True, slots=True)
class DiskFile:
    """Name a file on disk."""

    path: Path

    @property
    def name(self) -> str:
        """Return the file's own name."""
        return self.path.name

    @property
    def where(self) -> str:
        """Return the file's own name."""
        return self.path.name

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield the bytes in pieces; raise InputError where the file cannot be read."""
        try:
            with self.path.open("rb") as stream:
                while chunk := stream.read(size):
                    yield chunk
        except OSError as problem:
            raise InputError(
                f"{self.path.name} cannot be read",
                found=problem.strerror or problem,
                do="Check that the file is there and that you may read it",
            ) from problem


@dataclass(frozen=True, slots=True)
class ZipMember:
    """Name a member of a zip."""

    path: Path
    member: str

    @property
    def name(self) -> str:
        """Return the member's own name, without folders."""
        return self.member.rsplit("/", 1)[-1]

    @property
    def where(self) -> str:
        """Return the member with its zip."""
        return f"{self.member} in {self.path.name}"

    def chunks(self, size: int) -> Iterator[bytes]:
        """Yield the unpacked bytes in pieces.

        Raises InputError for a damaged or encrypted member, and as soon as more comes out than the zip's
        directory declares or a plausible ratio allows, because a directory can lie.
        """
        with open_zip(self.path) as archive:
            info = archive.getinfo(self.member)
            allowed = max(info.compress_size * LARGEST_RATIO, _RATIO_MATTERS_BYTES)
            done = 0
            try:
                with archive.open(info) as stream:
                    while chunk := stream.read(size):
                        done += len(chunk)
                        if done > allowed or done > info.file_size:
                            raise _bomb(self.where, f"more than {done:,} bytes from {info.compress_size:,}")
                        yield chunk
            except _UNPACKING as problem:
                raise InputError(
                    f"{self.where} is damaged, encrypted or packed in a way that is not supported",
                    found=problem,
                    do="Download the zip again, or unpack it and import the folder",
                ) from problem


def is_zip(path: Path) -> bool:
    """Tell whether a file is a zip, by its name or by its first bytes."""
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PK\x03\x04" and path.suffix.lower() not in {".xlsx", ".csv", ".kmz"}
    except OSError:
        return False


def zip_members(path: Path) -> list[str]:
    """List the files inside a zip in order of name, after checking what its directory declares.

    Raises InputError for a damaged zip, an encrypted member, and sizes that only a zip bomb has.
    """
    with open_zip(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS:
        raise _bomb(path.name, f"{len(infos):,} members")
    total = sum(info.file_size for info in infos)
    if total > LARGEST_ZIP_BYTES:
        raise _bomb(path.name, f"{total:,} bytes unpacked; the most that is taken is {LARGEST_ZIP_BYTES:,}")
    for info in infos:
        if info.file_size > max(info.compress_size * LARGEST_RATIO, _RATIO_MATTERS_BYTES):
            raise _bomb(
                f"{info.filename} in {path.name}", f"{info.file_size:,} bytes unpacked from {info.compress_size:,}"
            )
        if info.flag_bits & _ENCRYPTED:
            raise InputError(
                f"{info.filename} in {path.name} is encrypted",
                do="Unpack the zip with its password and import the folder",
            )
    return sorted(info.filename for info in infos)


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip for reading; raise InputError where it is none."""
    try:
        archive = zipfile.ZipFile(path)
    except (*_UNPACKING, ValueError) as problem:
        raise InputError(
            f"{path.name} is not a zip, or it is damaged", found=problem, do="Download it again"
        ) from problem
    with archive:
        yield archive


def _bomb(what: str, found: str) -> InputError:
    return InputError(
        f"{what} unpacks to far more than a file of rows can",
        found=found,
        do="This looks like a zip bomb: check where it came from; if it is genuine, unpack it and import the folder",
    )
