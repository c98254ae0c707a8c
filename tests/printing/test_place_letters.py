"""The fonts of the Safe Places paper have a letter for all that is written on it, in every language."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from fontTools.ttLib import TTFont

from geo_service.languages import NAMES, written_languages
from geo_service.languages.catalogues import PACKAGE
from geo_service.printing.place_sheets import PAPER_FONTS

if TYPE_CHECKING:
    from collections.abc import Iterator

FONTS = Path(PACKAGE) / "assets" / "fonts"
METHODS = [
    ("workflows/handouts/place_*.py", "python"),
    ("workflows/places/entries.py", "python"),
    ("safe_places/words.py", "python"),
]
KEYWORDS = {"say": None, "safety": None, "gettext": None, "ngettext": (1, 2)}
TURNS = {0x2066, 0x2069}


def letters(weight: str) -> set[int]:
    """Return what the fonts of a weight can show together."""
    files = [FONTS / f"{family.replace(' ', '')}_{weight}.ttf" for family in PAPER_FONTS]
    if not all(file.is_file() for file in files):
        pytest.skip("the fonts are not there: run `make setup`")
    return {letter for file in files for letter in TTFont(file).getBestCmap()}


def written(code: str) -> Iterator[str]:
    """Give all that is said on paper in a language: messages, days of the week, months."""
    language = written_languages()[code]
    for _, _, message, _, _ in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        one, many = (message, message) if isinstance(message, str) else message
        yield from (language.translations.ngettext(one, many, count) for count in range(30))
        yield language.translations.gettext(one)
    yield from language.short_days
    yield from (language.date(dt.date(2026, month, 28)) for month in range(1, 13))


@pytest.mark.parametrize("weight", ["400Regular", "700Bold"])
@pytest.mark.parametrize("code", NAMES)
def test_no_letter_of_the_paper_is_missing(code: str, weight: str) -> None:
    texts, known = list(written(code)), letters(weight) | TURNS
    assert len(texts) > 1000
    assert {letter for text in texts for letter in text if ord(letter) not in known} == set()
