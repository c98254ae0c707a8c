"""Hand the Safe Places on paper to their templates."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Final

from geo_service.model.place_sheets import (
    ENGLISH_ENDS,
    ENGLISH_STARTS,
    PlaceDirectory,
    PlacePoster,
    WalletCards,
    WindowStickers,
)
from geo_service.printing.codes import qr_svg
from geo_service.printing.place_signs import SIGNS, sign_svg
from geo_service.printing.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.model.place_sheets import PlaceSheet

PAPER_FONTS: Final = ("Atkinson Hyperlegible Next", "Vazirmatn", "Noto Sans Gurmukhi")
"""Latin letters, Urdu, Punjabi."""
_OTHER: Final = "[^\u2066-\u2069\ue000\ue001]*"
_SET_APART: Final = re.compile(f"{_OTHER}(?:{ENGLISH_STARTS}{_OTHER}{ENGLISH_ENDS}{_OTHER})*")
_HIDDEN: Final = str.maketrans(ENGLISH_STARTS + ENGLISH_ENDS, "\ue000\ue001")
_SHOWN: Final = str.maketrans("\ue000\ue001", ENGLISH_STARTS + ENGLISH_ENDS)
_TEMPLATES: Final[dict[type, str]] = {
    PlaceDirectory: "directory",
    WalletCards: "wallet",
    WindowStickers: "stickers",
    PlacePoster: "poster",
}


def template_of(sheet: PlaceSheet) -> str:
    """Return the name of the template that sets a sheet."""
    return _TEMPLATES[type(sheet)]


def inputs_of(sheet: PlaceSheet) -> dict[str, str]:
    """Return what the template is given: words as data, drawings as SVG."""
    words = {item.name: _words(getattr(sheet, item.name)) for item in dataclasses.fields(sheet)}
    drawings: dict[str, str] = {}
    if isinstance(sheet, PlaceDirectory):
        drawings = {name: sign_svg(name) for name in SIGNS}
    if isinstance(sheet, PlacePoster):
        # Without places to break: who copies the address must get the address.
        words |= {"address": sheet.address, "shown_address": sheet.shown_address}
        drawings = {"code": qr_svg(sheet.address)}
    given = {"sheet": json.dumps(words, ensure_ascii=False), "fonts": json.dumps(PAPER_FONTS)}
    return given | drawings


def _words(value: object) -> object:
    """Return a sheet as plain values, what is set apart as English still so."""
    if isinstance(value, str):
        # English set apart passes as two letters that nobody writes; any other direction mark is taken out.
        found = _SET_APART.fullmatch(value)
        return printable(value.translate(_HIDDEN)).translate(_SHOWN) if found else printable(value)
    if isinstance(value, tuple):
        return [_words(part) for part in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _words(getattr(value, item.name)) for item in dataclasses.fields(value)}
    return value


def words_with(sheet: PlaceSheet, letter: str) -> str:
    """Return the first words of a sheet that hold a letter, empty where none do."""
    return next((said for said in _all_words(_words(sheet)) if letter in said), "")


def _all_words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _all_words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _all_words(part)
