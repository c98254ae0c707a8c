"""The clock that every time shown to a user is of."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
