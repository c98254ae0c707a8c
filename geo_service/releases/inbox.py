"""The folder beside the releases where the public site leaves what people say is wrong: one small file for each."""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import time
from typing import TYPE_CHECKING, Final

from geo_service.releases.crowd import Crowd

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.place_reports import PlaceReport

FOLDER: Final = "inbox"
"""Name of the folder, beside that of the releases."""
_MOST_FILES: Final = 1_000
"""That wait to be taken in; with more, no further one is kept."""
_CROWDED_FILES: Final = 500
"""From here on only senders are heard of whom few have come within the hour."""
_FOLDER_MODE: Final = 0o770
_FILE_MODE: Final = 0o640
"""What people write is for the staff alone: for the group that both users are in, where they are two."""
_LOG = logging.getLogger(__name__)


class InboxFolder:
    """Keep reports as files (see `Inbox`); names say nothing, and hold no order."""

    def __init__(self, folder: Path, crowd: Crowd | None = None) -> None:
        """Keep them in a folder, which is made with the first; crowd: counts who came, by default from now on."""
        self._folder = folder
        self._lock = threading.Lock()
        self._crowd = Crowd() if crowd is None else crowd

    def put(self, report: PlaceReport, sender: str) -> bool:
        """Keep a report; return False where there are too many, or the disk refuses it.

        sender: network address, which is counted and not kept (see `Crowd`).
        """
        with self._lock:
            try:
                waiting = self._waiting()
                crowded = waiting >= _CROWDED_FILES
                if waiting >= _MOST_FILES or not self._crowd.admits(sender, report.place, crowded=crowded):
                    return False
                self._write(report)
            except OSError as problem:
                _LOG.error("A report could not be kept: %s", problem.strerror)
                return False
            self._crowd.note(sender, report.place)
            return True

    def _waiting(self) -> int:
        """Count the files that wait; make the folder where there is none."""
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True)
            self._folder.chmod(_FOLDER_MODE)
        with os.scandir(self._folder) as found:
            return sum(1 for _ in found)

    def _write(self, report: PlaceReport) -> None:
        name = secrets.token_hex(12)
        said = {"place": report.place, "reason": report.reason, "words": report.words, "day": report.day.isoformat()}
        waiting = self._folder / f"{name}.part"
        with waiting.open("x", encoding="utf-8") as file:
            os.fchmod(file.fileno(), _FILE_MODE)
            json.dump(said, file, ensure_ascii=False)
        # The hour in which a file was written would say more than the day.
        midnight = int(time.mktime(report.day.timetuple()))
        os.utime(waiting, (midnight, midnight))
        waiting.replace(self._folder / f"{name}.json")
