"""Which translations a named reviewer has approved, text by text."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from typing import TYPE_CHECKING, Final

from geo_service.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from babel.messages.catalog import Catalog, Message

_APART: Final = "\x04"


def approvals(file: Path, known: Collection[str]) -> dict[str, frozenset[str]]:
    """Read which texts a named reviewer approved: the marks by language; `known` are the codes of the languages.

    Raises FaultError where an entry lacks its language, reviewer, date or marks.
    """
    found: dict[str, set[str]] = {}
    for number, entry in enumerate(tomllib.loads(file.read_text("utf-8")).get("approval", []), start=1):
        language, reviewer, date, marks = (entry.get(name) for name in ("language", "reviewer", "date", "texts"))
        named = isinstance(reviewer, str) and reviewer.strip()
        if language not in known or not named or not isinstance(date, dt.date) or not isinstance(marks, list):
            raise FaultError(
                f"{file.name}: approval {number} is not complete",
                found=str(entry)[:200],
                do="Give it `language`, `reviewer`, `date` and `texts`",
            )
        found.setdefault(language, set()).update(marks)
    return {language: frozenset(marks) for language, marks in found.items()}


def mark(message: Message) -> str:
    """Return what an approval holds of a text: a digest of the English and of its translation.

    A change of either makes it a draft again.
    """
    sides = (message.id, message.string or "")
    said = [part for side in sides for part in ((side,) if isinstance(side, str) else side)]
    return hashlib.sha256(_APART.join(said).encode()).hexdigest()[:16]


def drafts(catalogue: Catalog, approved: frozenset[str]) -> Iterator[str]:
    """Give the English of each text that nobody has approved; of one with a plural, its singular."""
    for message in catalogue:
        if message.id and mark(message) not in approved:
            yield message.id if isinstance(message.id, str) else message.id[0]
