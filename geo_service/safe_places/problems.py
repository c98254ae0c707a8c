"""What is wrong with a row of a directory: the field, what was found and what to do."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Level(StrEnum):
    """Say what follows from a problem."""

    REFUSED = "refused"
    """The row is not taken."""
    MEND = "mend"
    """The row comes in as a draft, and cannot go public until this is mended."""
    LOOK = "look"
    """Somebody decides whether it is right."""


HEADER: Final = 1
"""Row of the names of the columns."""
_LONGEST_FOUND: Final = 80


class Problem(NamedTuple):
    """Say one thing that is wrong."""

    row: int
    """Line of a CSV file, its header being line 1; number of a GeoJSON feature, from 1."""
    field: str
    level: Level
    what: str
    found: str = ""
    do: str = ""

    @property
    def sentence(self) -> str:
        """Return it in words."""
        found = self.found if len(self.found) <= _LONGEST_FOUND else f"{self.found[: _LONGEST_FOUND - 1]}…"
        said = f"{self.what}: {found.rstrip('.')}." if found else f"{self.what}."
        return f"{said} {self.do}{'' if self.do.endswith(('?', '.')) else '.'}" if self.do else said
