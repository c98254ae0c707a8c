"""The release that the public site shows, followed by looking at one file with each request."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from geo_service.errors import DamagedFileError, GeoServiceError, NotFoundError
from geo_service.releases.files import POINTER
from geo_service.releases.folder import ReleaseFolder

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from geo_service.model.release import PublicRelease

_Seen: TypeAlias = tuple[int, int, int] | None
"""Inode, time of change and size of the file that names the release; None where it cannot be looked at."""
_KEPT: Final = 2
"""Releases whose parts stay in memory: the one that is shown, and the one that a roll-back would show."""
_LOG = logging.getLogger(__name__)


class WatchedReleases:
    """Be the releases of a folder (see `PublicReleases`): held in memory, read again only after a switch."""

    def __init__(self, root: Path) -> None:
        """Open the release that is shown.

        One that is damaged is refused by name, and the newest sound one before it is shown in its place, without the
        places that the damaged one did not list: they may have been suspended since. Raises NotFoundError where nothing
        was ever published, DamagedFileError where none is sound.
        """
        self._folder = ReleaseFolder(root, _KEPT)
        self._reading = threading.Lock()
        seen = self._look()
        try:
            release = self._folder.current()
        except DamagedFileError as problem:
            release = self._before(problem)
        self._held = (seen, release)

    def current(self) -> PublicRelease:
        """Return the release that is shown; while a new one is read, others are still given the former."""
        known, release = self._held
        seen = self._look()
        if seen is None or seen == known or not self._reading.acquire(blocking=False):
            return release
        try:
            try:
                release = self._folder.current()
            except GeoServiceError as problem:
                _LOG.error("%s The release shown before, %s, is shown still.", problem.message, release.number)
            self._held = (seen, release)
            return release
        finally:
            self._reading.release()

    def _look(self) -> _Seen:
        try:
            found = (self._folder.root / POINTER).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _before(self, problem: DamagedFileError) -> PublicRelease:
        """Return the newest sound release before a damaged one: never one after it, from which somebody went back."""
        shown = self._folder.shown()
        for number in reversed(self._folder.numbers()):
            if shown is None or number >= shown.number:
                continue
            try:
                release = _only(self._folder.read(number), shown.places)
            except (DamagedFileError, NotFoundError):
                continue
            if release.places.rows.is_empty():
                continue
            _LOG.error(
                "%s Release %s is shown in its place, and of it the places that were still listed: %s.",
                problem.message, number, release.places.rows.height,
            )  # fmt: skip
            return release
        raise problem


def _only(release: PublicRelease, places: Collection[str]) -> PublicRelease:
    """Return a release with some of its places, by their ids; what is to be downloaded goes where any is missing."""
    table = release.places
    keep = table.rows["id"].is_in(list(places))
    if keep.all():
        return release
    left = replace(table, rows=table.rows.filter(keep), geometry=table.geometry[keep.to_numpy()])
    pictures = {place: path for place, path in release.pictures.items() if place in places}
    return replace(release, places=left, pictures=pictures, open_data={})
