"""The language that something is said in, as the pure rooms know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import datetime as dt


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


class English:
    """Say the words that stand in the code."""

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
