"""The language that something is said in, as the pure rooms know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


class Language(Protocol):
    """Say words in one language.

    Messages are English, with values as `%(name)s`; a percent sign of their own is doubled.
    """

    def gettext(self, message: str, /, **values: object) -> str:
        """Return a message in this language, its values filled in."""

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Return the form of a message that goes with a number, which is also the value `num`."""

    def date(self, day: dt.date, *, year: bool = True) -> str:
        """Write a day of a month, as `1 November 2023` or `1 November`."""

    def number(self, value: float) -> str:
        """Write a number with one decimal, as `1.2`."""


class PublicLanguage(Language, Protocol):
    """Be a language that the service writes to the public in, and know which of its texts nobody has approved."""

    @property
    def code(self) -> str:
        """Return the short code, as `cy`."""

    @property
    def lang(self) -> str:
        """Return the language tag, as `en-GB` (BCP 47)."""

    @property
    def direction(self) -> str:
        """Return `ltr`, or `rtl` where it is written from right to left."""

    @property
    def short_days(self) -> Sequence[str]:
        """Return the days of the week, Monday first, abbreviated."""

    def is_draft(self, message: str) -> bool:
        """Tell whether nobody has approved the translation of a message; of one with a plural, name its singular."""


class English:
    """Say the words that stand in the code."""

    code = "en"
    lang = "en-GB"
    direction = "ltr"
    short_days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

    def is_draft(self, message: str) -> bool:
        """Tell that English is as it was meant."""
        del message
        return False

    def gettext(self, message: str, /, **values: object) -> str:
        """Fill the values in."""
        return message % values

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Take the first form for 1, else the second."""
        return (one if count == 1 else many) % {"num": count, **values}

    def date(self, day: dt.date, *, year: bool = True) -> str:
        """Write the month's name in full."""
        return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"

    def number(self, value: float) -> str:
        """Write the decimal with a point."""
        return f"{value:.1f}"


ENGLISH: Final = English()
