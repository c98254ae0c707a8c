"""Files that survive a power cut, in folders that whoever serves the public site may read."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo_service.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POINTER: Final = "current"
"""File that says which release is shown."""
LAST: Final = "last"
"""File with the highest number that was ever given to a release."""
PICTURES: Final = "pictures"
"""Folder beside the releases: one photograph for each place that has one, named by its id."""
_MAKING: Final = ".making-"
_FOLDER_MODE: Final = 0o755
_FILE_MODE: Final = 0o644
"""All of it is public: the site may run as another user than the one who publishes."""


@contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turn a failing, full or forbidden disk into a FaultError that says what to do."""
    try:
        yield
    except OSError as error:
        do = "Free some space on the disk and try again" if error.errno in (errno.ENOSPC, errno.EDQUOT) else (
            f"Give this user read and write access to {root}, and check the disk"
        )  # fmt: skip
        raise FaultError(
            "The folder of public releases cannot be written",
            found=f"{error.filename or root}: {error.strerror}",
            do=f"{do}; the public site shows what it showed before",
        ) from error


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until nobody else writes releases; half-made ones of programs that ended are swept away."""
    for folder in (root.parent, root):
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(_FOLDER_MODE)
            sync_directory(folder.parent)
    with (root / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in root.glob(f"{_MAKING}*"):
            shutil.rmtree(left)
        yield


def write_folder(target: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write a folder whole or not at all; raise OSError where one of that name is there.

    files: bytes, or the file to copy, by name below the folder.
    """
    making = Path(tempfile.mkdtemp(dir=target.parent, prefix=_MAKING))
    try:
        for name, content in files.items():
            path = making / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content.read_bytes() if isinstance(content, Path) else content)
        for folder in (making, *(path for path in making.rglob("*") if path.is_dir())):
            folder.chmod(_FOLDER_MODE)
            sync_directory(folder)
        making.rename(target)
        sync_directory(target.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def remove_folder(folder: Path) -> None:
    """Take a folder away: it loses its name at once, and whoever writes next sweeps what is left of it."""
    gone = folder.with_name(f"{_MAKING}{folder.name}")
    folder.rename(gone)
    sync_directory(gone.parent)
    shutil.rmtree(gone)


def write_file(target: Path, content: bytes) -> None:
    """Put a file in place of the one that is there, so that whoever reads gets all of one of the two."""
    handle, made = tempfile.mkstemp(dir=target.parent, prefix=_MAKING)
    os.close(handle)
    making = Path(made)
    try:
        making.unlink()
        _write(making, content)
        making.replace(target)
        sync_directory(target.parent)
    except BaseException:
        making.unlink(missing_ok=True)
        raise


def sync_directory(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        os.fchmod(file.fileno(), _FILE_MODE)
        file.flush()
        os.fsync(file.fileno())
