"""Hand the Safe Places on paper to their templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from geo_service.model.place_sheets import PlaceDirectory, PlacePoster, WalletCards, WindowStickers
from geo_service.printing.codes import qr_svg
from geo_service.printing.place_signs import SIGNS, sign_svg
from geo_service.printing.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.model.place_sheets import PlaceSheet

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
    words = words_of(sheet)
    drawings: dict[str, str] = {}
    if isinstance(sheet, PlaceDirectory):
        drawings = {name: sign_svg(name) for name in SIGNS}
    if isinstance(sheet, PlacePoster):
        # Without places to break: who copies the address must get the address.
        words |= {"address": sheet.address, "shown_address": sheet.shown_address}
        drawings = {"code": qr_svg(sheet.address)}
    return {"sheet": json.dumps(words, ensure_ascii=False)} | drawings


def words_with(sheet: PlaceSheet, letter: str) -> str:
    """Return the first words of a sheet that hold a letter, empty where none do."""
    return next((said for said in _all_words(words_of(sheet)) if letter in said), "")


def _all_words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _all_words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _all_words(part)
