"""The bank holidays of England, by rule."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

_MONDAY, _SATURDAY = 0, 5
_DAY = dt.timedelta(days=1)

_PROCLAIMED = {
    2022: {dt.date(2022, 6, 3), dt.date(2022, 9, 19)},  # Platinum Jubilee; state funeral
    2023: {dt.date(2023, 5, 8)},  # Coronation
}
_MOVED = {dt.date(2022, 5, 30): dt.date(2022, 6, 2)}


def easter_sunday(year: int) -> dt.date:
    """Return Easter Sunday of a Gregorian year (anonymous algorithm, Meeus, Astronomical Algorithms, 1991)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


@lru_cache(maxsize=64)
def england(year: int) -> frozenset[dt.date]:
    """Return England's bank holidays of a year, substitute days instead of those on a weekend.

    Rule: Banking and Financial Dealings Act 1971, schedule 1, and the days proclaimed each year since. A day that is
    proclaimed later than this code was written is missing.
    """
    easter = easter_sunday(year)
    christmas = _not_weekend(dt.date(year, 12, 25))
    boxing = _not_weekend(dt.date(year, 12, 26))
    if boxing <= christmas:
        # Christmas Day fell on a weekend: each of the two moves on its own to the next free weekday.
        christmas, boxing = _two_substitutes(year)
    days = {
        _not_weekend(dt.date(year, 1, 1)),
        easter - 2 * _DAY,
        easter + _DAY,
        _first_monday(dt.date(year, 5, 1)),
        _last_monday(dt.date(year, 5, 31)),
        _last_monday(dt.date(year, 8, 31)),
        christmas,
        boxing,
    }
    return frozenset({_MOVED.get(day, day) for day in days} | _PROCLAIMED.get(year, set()))


def also_unusual(year: int) -> frozenset[dt.date]:
    """Return the days that are no bank holiday in law and yet keep no ordinary hours.

    Easter Sunday, and Christmas Day, Boxing Day and New Year's Day where a weekend moved the holiday.
    """
    fixed = {dt.date(year, 1, 1), dt.date(year, 12, 25), dt.date(year, 12, 26), easter_sunday(year)}
    return frozenset(fixed - england(year))


def _not_weekend(day: dt.date) -> dt.date:
    """Return the day, or the Monday after it."""
    return day + (7 - day.weekday()) * _DAY if day.weekday() >= _SATURDAY else day


def _two_substitutes(year: int) -> tuple[dt.date, dt.date]:
    """Return the holidays of a year whose Christmas Day is no weekday.

    Saturday 25: Monday 27 and Tuesday 28. Sunday 25: Boxing Day stays on Monday 26, Christmas moves to Tuesday 27.
    """
    if dt.date(year, 12, 25).weekday() == _SATURDAY:
        return dt.date(year, 12, 27), dt.date(year, 12, 28)
    return dt.date(year, 12, 27), dt.date(year, 12, 26)


def _first_monday(first: dt.date) -> dt.date:
    return first + (_MONDAY - first.weekday()) % 7 * _DAY


def _last_monday(last: dt.date) -> dt.date:
    return last - (last.weekday() - _MONDAY) % 7 * _DAY
