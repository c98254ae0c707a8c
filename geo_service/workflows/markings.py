"""Mark what leaves: how long its copies are kept, and the one name that every export has, whoever asks and how."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError
from geo_service.model.access import Audience
from geo_service.model.layers import PUBLIC, Marks, marks_of

if TYPE_CHECKING:
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services

MARKINGS: Final = ("OFFICIAL", "OFFICIAL-SENSITIVE")
KEPT_DAYS: Final = 28
MOST_KEPT_DAYS: Final = 366
LONGEST_NAME: Final = 150
"""Characters of a file name, so that it fits below a folder in Windows' 260."""
_DEMONSTRATION: Final = "DEMONSTRATION"


@dataclass(frozen=True, slots=True)
class Handling:
    """Say how copies of an export are to be handled."""

    marking: str = MARKINGS[0]
    keep_days: int = KEPT_DAYS
    """Days after which copies are destroyed, counted from the day of the export or the day that a sheet is for."""

    def __post_init__(self) -> None:
        """Refuse a marking that is none, and copies that are kept for ever."""
        if self.marking not in MARKINGS:
            raise QueryError(
                "Unknown marking", found=self.marking, do=f"Use one of {', '.join(MARKINGS)}", field="marking"
            )
        if not 1 <= self.keep_days <= MOST_KEPT_DAYS:
            raise QueryError(
                "Copies cannot be kept for that time",
                found=f"{self.keep_days} days",
                do=f"Give 1 to {MOST_KEPT_DAYS} days; {KEPT_DAYS} is usual",
                field="keep_days",
            )

    def destroy_after(self, day: dt.date) -> dt.date:
        """Return the last day that copies may be kept."""
        return day + dt.timedelta(days=self.keep_days)


USUAL: Final = Handling()


@dataclass(frozen=True, slots=True)
class Export:
    """Hold one file as it leaves."""

    name: str
    """The product's own name for it."""
    content: bytes
    media_type: str
    marks: Marks


def marked(
    services: Services, table: FeatureTable, handling: Handling = USUAL, day: dt.date | None = None
) -> FeatureTable:
    """Return a table with the marking and the last day that its copies may be kept; a public one has no such day.

    day: the day that it is for, today if left out.
    """
    last = None if table.audience is Audience.PUBLIC else handling.destroy_after(day or services.today())
    return replace(table, provenance=replace(table.provenance, marking=handling.marking, destroy_after=last))


def name_of(table: FeatureTable, suffix: str) -> str:
    """Return the file name of a marked table, which says what, where and when by its title."""
    return file_name(marks_of([table]), table.title, suffix)


def file_name(marks: Marks, said: str, suffix: str) -> str:
    """Return `[DEMONSTRATION-]MARKING-<what it is>-v<version>-destroy-after-<day>.<suffix>`.

    said: what the file holds, of which area and period; cut where the name would be too long. Letters, digits and
    hyphens of ASCII only, and never a reserved name, so that every system, mail and archive takes it.
    """
    head, tail = "-".join(_front(marks)), f"{'-'.join(_back(marks))}{suffix}"
    room = LONGEST_NAME - len(head) - len(tail) - 2
    return "-".join(part for part in (head, _plain(said)[:room].strip("-"), tail) if part)


def own_name(marks: Marks, name: str) -> str:
    """Return a name that somebody chose, with what is missing of the marks put before and after its stem.

    A name that says all of it stays as it is, so that the same name twice is the same.
    """
    path = PurePath(name)
    front = [word for word in _front(marks) if not _says(path.stem, word)]
    back = [word for word in _back(marks) if not _says(path.stem, word)]
    return "-".join([*front, path.stem, *back]) + path.suffix


def _front(marks: Marks) -> list[str]:
    return [_DEMONSTRATION, marks.marking] if marks.demonstration else [marks.marking]


def _back(marks: Marks) -> list[str]:
    last = _plain(PUBLIC) if marks.destroy_after == PUBLIC else f"destroy-after-{marks.destroy_after}"
    return [f"v{marks.data_version}", last]


def _says(stem: str, word: str) -> bool:
    """Tell whether a name holds a word whole: `OFFICIAL-SENSITIVE` is not `OFFICIAL`."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z]|-SENSITIVE)", stem) is not None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^0-9A-Za-z]+", "-", letters).strip("-")
