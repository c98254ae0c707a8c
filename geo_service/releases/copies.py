"""What a backup holds of the public site: the release that is shown, the last number, pictures, reports that wait."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from geo_service.errors import DamagedFileError
from geo_service.model.release import PublicCopy
from geo_service.releases import manifest as manifests
from geo_service.releases.files import alone, sync_directory, write_file, write_folder
from geo_service.releases.holding import hold
from geo_service.releases.inbox import FOLDER as INBOX

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.releases.folder import ReleaseFolder

_LARGEST_BYTES: Final = 30_000_000
"""Of a picture or a report; nothing larger is ever taken."""


def copy_public(source: ReleaseFolder, target: ReleaseFolder) -> PublicCopy:
    """Copy the release that is shown, proved before and after, and what lies beside the releases; to back up or restore.

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
