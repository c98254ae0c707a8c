"""What the public site left in its folder: reports that a place is wrong, one small file for each."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final

from geo_service.errors import FaultError
from geo_service.model.safe_places import WrongReport

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

_LARGEST_BYTES: Final = 20_000
_MOST: Final = 2_000
_LONGEST: Final = 2_000
_KEY: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


class WaitingReports:
    """Read and remove the files (see `Reports`): what stands in them was written by anybody."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which need not be there."""
        self._folder = folder

    def waiting(self) -> Sequence[WrongReport]:
        """List the reports that wait, oldest day first; what cannot be read as one is left out.

        Raises FaultError where this user may not read or remove them: none of them would ever be seen.
        """
        if not self._folder.is_dir():
            return []
        if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
            raise _forbidden(self._folder)
        paths = sorted(self._folder.glob("*.json"))[:_MOST]
        return sorted((report for path in paths if (report := _read(path))), key=lambda one: (one.day, one.key))

    def discard(self, keys: Collection[str]) -> None:
        """Remove reports that were taken in."""
        for key in keys:
            if _KEY.fullmatch(key):
                (self._folder / f"{key}.json").unlink(missing_ok=True)


def _read(path: Path) -> WrongReport | None:
    try:
        if not _KEY.fullmatch(path.stem) or path.is_symlink() or path.stat().st_size > _LARGEST_BYTES:
            return None
        said = json.loads(path.read_text(encoding="utf-8"))
        texts = [str(said.get(name) or "")[:_LONGEST] for name in ("place", "reason", "words", "day")]
    except PermissionError as error:
        raise _forbidden(path) from error
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return WrongReport(path.stem, *texts)


def _forbidden(path: Path) -> FaultError:
    return FaultError(
        "What people said is wrong with a place cannot be read by this user",
        found=str(path),
        do="Put the users of both sites into one group, and give the folder to it: `chgrp -R GROUP`, `chmod 2770`",
    )
