"""The folder beside the releases where the public site leaves what people say is wrong: one small file for each."""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.place_reports import PlaceReport

FOLDER: Final = "inbox"
"""Name of the folder, beside that of the releases."""
_MOST_FILES: Final = 1_000
"""That wait to be taken in; with more, no further one is kept."""
_MOST_AN_HOUR: Final = 60
"""From everybody together: nobody is told apart."""
_HOUR_S: Final = 3_600
_LOG = logging.getLogger(__name__)


class InboxFolder:
    """Keep reports as files (see `Inbox`); names say nothing, and hold no order."""

    def __init__(self, folder: Path) -> None:
        """Keep them in a folder, which is made with the first."""
        self._folder = folder
        self._lock = threading.Lock()
        self._kept: deque[float] = deque()

    def put(self, report: PlaceReport) -> bool:
        """Keep a report; return False where there are too many, or the disk refuses it."""
        with self._lock:
            now = time.monotonic()
            while self._kept and now - self._kept[0] > _HOUR_S:
                self._kept.popleft()
            if len(self._kept) >= _MOST_AN_HOUR:
                return False
            try:
                done = self._write(report)
            except OSError as problem:
                _LOG.error("A report could not be kept: %s", problem.strerror)
                return False
            if done:
                self._kept.append(now)
            return done

    def _write(self, report: PlaceReport) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        with os.scandir(self._folder) as found:
            if sum(1 for _ in found) >= _MOST_FILES:
                return False
        name = secrets.token_hex(12)
        said = {"place": report.place, "reason": report.reason, "words": report.words, "day": report.day.isoformat()}
        waiting = self._folder / f"{name}.part"
        waiting.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        # The hour in which a file was written would say more than the day.
        midnight = int(time.mktime(report.day.timetuple()))
        os.utime(waiting, (midnight, midnight))
        waiting.replace(self._folder / f"{name}.json")
        return True
