"""What a backup holds of the public site: the release that is shown, the last number, pictures, reports that wait."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from geo_service.errors import DamagedFileError
from geo_service.model.release import PublicCopy
from geo_service.releases import manifest as manifests
from geo_service.releases.files import LAST, PICTURES, POINTER, alone, sync_directory, write_file, write_folder
from geo_service.releases.holding import Hold
from geo_service.releases.inbox import FOLDER as INBOX

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.releases.folder import ReleaseFolder

_LARGEST_BYTES: Final = 30_000_000
"""Of a picture or a report; nothing larger is ever taken."""


def copy_public(source: ReleaseFolder, target: ReleaseFolder) -> PublicCopy:
    """Copy the release that is shown, proved, and what lies beside the releases; to back up or to restore.

    target: not there yet. A release that is damaged is left out and named, because what else is there must still be
    copied. Raises OSError.
    """
    if not source.root.parent.is_dir():
        return PublicCopy(None, 0)
    with alone(target.root):
        reports = _copy_beside(source.root.parent / INBOX, target.root.parent / INBOX, "*.json")
        _copy_beside(source.root.parent / PICTURES, target.root.parent / PICTURES, "*")
        write_file(target.root / LAST, b"%d\n" % source.last())
        try:
            number = _copy_shown(source, target)
        except DamagedFileError as problem:
            return PublicCopy(None, reports, problem.message)
    return PublicCopy(number, reports)


def _copy_shown(source: ReleaseFolder, target: ReleaseFolder) -> int | None:
    shown = source.shown()
    if shown is None:
        return None
    folder, copy = source.path(shown.number), target.path(shown.number)
    try:
        hold = Hold(folder)
    except OSError as error:
        raise manifests.damaged(folder, manifests.NAME, error.strerror) from error
    manifest = manifests.read(folder, shown.sha256)
    names = (*manifest.files, manifests.NAME, manifests.PROOF)
    there = [name for name in names if (folder / name).is_file()]
    write_folder(copy, {name: folder / name for name in there})
    for name in there:
        # What browsers know of a file holds on: its time is told to them.
        shutil.copystat(folder / name, copy / name)
    del hold
    try:
        # What was copied is proved, so that nothing can change between the look and the copy.
        manifests.proved(copy, manifests.read(copy, shown.sha256))
    except DamagedFileError:
        shutil.rmtree(copy)
        raise
    write_file(target.root / POINTER, shown.written())
    return shown.number


def _copy_beside(source: Path, target: Path, which: str) -> int:
    """Copy plain files with their time, which says no more than a day of a report; return how many there were."""
    found = sorted(path for path in source.glob(which) if path.is_file() and not path.is_symlink())
    found = [path for path in found if path.stat().st_size <= _LARGEST_BYTES]
    if not found:
        return 0
    target.mkdir(mode=0o700)
    for path in found:
        write_file(target / path.name, path.read_bytes())
        shutil.copystat(path, target / path.name)
    shutil.copymode(source, target)
    sync_directory(target)
    return len(found)
