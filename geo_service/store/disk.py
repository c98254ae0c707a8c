"""Writing that survives a power cut, and folders that vanish with the process that made them."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from geo_service.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAID: Final = {
    errno.ENOSPC: ("The disk is full", "Free some space on the disk of the data directory and try again"),
    errno.EDQUOT: ("The disk quota is used up", "Free some space on the disk of the data directory and try again"),
    errno.EROFS: ("The disk is read-only", "Make it writable, or choose another data directory with --data-dir"),
    errno.EACCES: (
        "The data directory may not be written or read by this user",
        "Give this user read and write access to it, or choose another with --data-dir",
    ),
    errno.EPERM: (
        "The data directory may not be written or read by this user",
        "Give this user read and write access to it, or choose another with --data-dir",
    ),
    errno.EIO: ("The disk failed to read or write", "Check the disk, then restore the data directory from a backup"),
}


_NUMBER: Final = re.compile(r"\(os error (\d+)\)")


def disk_fault(error: OSError) -> FaultError | None:
    """Return the fault that an error of the disk stands for, None where it is another error."""
    number = error.errno
    # Polars raises errors of the system without their number, which stands in the text.
    if number is None and (told := _NUMBER.search(str(error))):
        number = int(told[1])
    if number not in _SAID:
        return None
    what, do = _SAID[number]
    return FaultError(
        what, found=error.filename or error.strerror or error, do=f"{do}; nothing of the data was changed"
    )


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn a full, read-only, forbidden or failing disk into a FaultError that says what to do."""
    try:
        yield
    except OSError as error:
        fault = disk_fault(error)
        if fault is None:
            raise
        raise fault from error


Identity: TypeAlias = tuple[int, int, int]
"""Inode, time of change and size: while they stay, so do the bytes that were hashed."""


def identity(path: Path) -> Identity:
    """Return what tells whether a file was written to since."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def sync_directory(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_durably(folder: Path) -> None:
    """Make a folder and those above it where they are missing, and make their names survive a power cut."""
    missing = [folder, *folder.parents]
    missing = missing[: next((depth for depth, path in enumerate(missing) if path.is_dir()), len(missing))]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync_directory(made.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file and its bytes to the disk itself; its name is made durable by `sync_directory`."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


class Workspace:
    """Be a temporary folder that belongs to this process while it is open.

    A lock of the operating system marks it as alive, so that `sweep` in another process leaves it alone; the
    lock ends with the process, however it ends.
    """

    def __init__(self, parent: Path) -> None:
        """Make the folder below `parent`."""
        # Making the folder and taking its lock is one step for a sweep that runs at the same time.
        with sweeping(parent):
            self.path = Path(tempfile.mkdtemp(dir=parent))
            self._lock = (self.path / "lock").open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def sweep(parent: Path) -> None:
    """Remove the temporary folders whose process is gone."""
    with sweeping(parent):
        for entry in parent.iterdir():
            if entry.name == _GATE or (entry.is_dir() and _alive(entry)):
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


_GATE: Final = ".sweep"


@contextmanager
def sweeping(parent: Path) -> Iterator[None]:
    """Let one process at a time make or sweep temporary folders."""
    with (parent / _GATE).open("wb") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _alive(folder: Path) -> bool:
    """Return whether a living process holds the folder's lock."""
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
