"""The languages that the service writes to the public in, each from its catalogue.

Python says `language.gettext("…", name=value)` and `language.ngettext("… %(num)s …", "…", count)`. Values stand as
`%(name)s`; a percent sign is doubled.
"""

from __future__ import annotations

import datetime as dt
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from geo_service.errors import FaultError
from geo_service.languages.approvals import approvals, drafts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel.messages.catalog import Catalog

FOLDER: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "public"
ENGLISH: Final = "en"
NAMES: Final[Mapping[str, str]] = {
    ENGLISH: "English",
    "cy": "Cymraeg",
    "pl": "Polski",
    "ur": "اردو",
    "pa": "ਪੰਜਾਬੀ",
    "ro": "Română",
}
"""Each language in itself, by its code."""
_LOCALES: Final = {ENGLISH: "en_GB"}


class WrittenLanguage:
    """Be one language (see `PublicLanguage`): its words, its direction, and which of its texts are drafts."""

    def __init__(self, code: str, catalogue: Catalog | None, approved: frozenset[str]) -> None:
        """Take the catalogue, None for English, and the marks of the texts that a reviewer approved."""
        self.code = code
        self.name = NAMES[code]
        self.locale = Locale.parse(_LOCALES.get(code, code))
        self.lang = "en-GB" if code == ENGLISH else code
        self.direction = self.locale.text_direction
        self.translations = NullTranslations() if catalogue is None else _translations(catalogue)
        self._drafts = frozenset() if catalogue is None else frozenset(drafts(catalogue, approved))
        days = get_day_names("abbreviated", "format", self.locale)
        self.short_days = tuple(days[number] for number in range(7))
        self.date(dt.date(2000, 1, 1))  # reads the locale's names now, so that no request opens a file

    @property
    def draft(self) -> bool:
        """Tell whether any text of this language waits for a reviewer."""
        return bool(self._drafts)

    def is_draft(self, message: str) -> bool:
        """Tell whether nobody has approved the translation of a message; of one with a plural, name its singular."""
        return message in self._drafts

    def gettext(self, message: str, /, **values: object) -> str:
        """Return a message in this language, its values filled in."""
        return self.translations.gettext(message) % values

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Return the form of a message that goes with a number, which is also the value `num`."""
        return self.translations.ngettext(one, many, count) % {"num": count, **values}

    def date(self, day: dt.date | None, *, year: bool = True) -> str:
        """Write a day of a month, as `1 November 2023` or `1 November`; `never` for None."""
        if day is None:
            return self.gettext("never")
        return str(format_date(day, "long" if year else "d MMMM", locale=self.locale))

    def number(self, value: float) -> str:
        """Write a number with one decimal, as `1.2` or `1,2`."""
        return str(format_decimal(value, "0.0", locale=self.locale))


_Kind = TypeVar("_Kind", bound=WrittenLanguage)


@cache
def written_languages() -> Mapping[str, WrittenLanguage]:
    """Return every language by its code, English first; raise FaultError where a catalogue is missing."""
    return languages_as(WrittenLanguage)


def languages_as(kind: type[_Kind]) -> dict[str, _Kind]:
    """Return every language by its code, English first, each as a kind of WrittenLanguage; raise as above."""
    approved = approvals(FOLDER / "approved.toml", NAMES)
    return {code: kind(code, catalogue_of(code), approved.get(code, frozenset())) for code in NAMES}


def catalogue_of(code: str) -> Catalog | None:
    """Return the catalogue of a language, None for English, whose words stand in the code and the templates."""
    if code == ENGLISH:
        return None
    file = FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not file.is_file():
        raise FaultError("A catalogue of the public's words is missing", found=f"{code}: {file.name}")
    with file.open("rb") as opened:
        return read_po(opened, locale=code, domain=DOMAIN, abort_invalid=True)


def _translations(catalogue: Catalog) -> Translations:
    """Return the catalogue as gettext reads it, made in memory: no compiled file can fall behind its source."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)
