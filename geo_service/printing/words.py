"""Make any text safe to typeset, and hand a sheet's words to the template."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from geo_service.model.reports import ReportContent
    from geo_service.model.sheets import SheetContent

# Control characters and halves of surrogate pairs are not allowed in XML; direction overrides would turn
# the text that follows them around.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_WHITE = re.compile(r"\s+")
_LONGEST_WORD = 24
_LONG_WORD = re.compile(rf"(\S{{{_LONGEST_WORD}}})(?=\S)")
_ZERO_WIDTH_SPACE = "\u200b"


def plain(text: str) -> str:
    """Return text on one line without characters that no printer can show."""
    return _WHITE.sub(" ", _UNPRINTABLE.sub("\ufffd", text)).strip()


def printable(text: str) -> str:
    """Return plain text in which a word longer than a column may break."""
    return _LONG_WORD.sub(rf"\1{_ZERO_WIDTH_SPACE}", plain(text))


def short(text: str, limit: int) -> str:
    """Return plain text of at most `limit` characters, the cut marked."""
    said = plain(text)
    return said if len(said) <= limit else f"{said[: limit - 1].rstrip()}…"


def words_of(content: object, *, but: Collection[str] = ()) -> dict[str, object]:
    """Return a dataclass as plain values for the template, without the named fields."""
    if not dataclasses.is_dataclass(content):
        raise TypeError(type(content).__name__)
    return {
        item.name: _words(getattr(content, item.name)) for item in dataclasses.fields(content) if item.name not in but
    }


def sheet_words(content: SheetContent) -> dict[str, object]:
    """Return all of a sheet but its map as plain values for the template."""
    return words_of(content, but=("map",))


def report_words(content: ReportContent) -> dict[str, object]:
    """Return all of a report but its picture as plain values for the template."""
    return words_of(content, but=("chart",))


def _words(value: object) -> object:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return [_words(part) for part in value]
    if dataclasses.is_dataclass(value):
        return words_of(value)
    return value
