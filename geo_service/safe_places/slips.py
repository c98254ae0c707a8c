"""Guess what was meant by what spreadsheets and people write in place of a value; nothing is taken on a guess."""

from __future__ import annotations

import re
from typing import Final

from opening_hours import validate

_BROKEN: Final = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|#+)", re.IGNORECASE)
_NOTHING: Final = frozenset({"-", "--", "?", "n/a", "na", "none", "nil", "tba", "tbc", "unknown", "not known"})
_TOTAL: Final = re.compile(
    r"(?:grand )?(?:total|count|sum|source|last updated|updated|notes?)\b\s*(?:[:=(\d].*)?", re.IGNORECASE
)
_DATE: Final = re.compile(r"\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3})(?:[-/. ]\d{2,4})?")
_ALWAYS: Final = re.compile(r"(?:open )?24 ?(?:/ ?7|h|hrs?|hours?)(?: a day)?", re.IGNORECASE)
_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPANS: Final = {"daily": "Mo-Su", "every day": "Mo-Su", "7 days": "Mo-Su", "weekdays": "Mo-Fr", "weekends": "Sa-Su"}
_DAY: Final = re.compile(
    rf"\b({'|'.join(f'{name[:2]}(?:{name[2:]}|{name[2]}[a-z]{{0,2}})?s?' for name in _NAMES)})\b\.?"
)
_TIME: Final = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
_TIMES: Final = re.compile(rf"{_TIME}\s*-\s*{_TIME}")
_HALF_A_DAY: Final = 12


def is_broken(text: str) -> bool:
    """Tell whether a text is what a spreadsheet shows where a formula failed or a column is too narrow."""
    return _BROKEN.fullmatch(text.strip()) is not None


def is_nothing(text: str) -> bool:
    """Tell whether a text says that nothing is known."""
    return text.strip().casefold() in _NOTHING


def is_total(text: str) -> bool:
    """Tell whether a text stands below a table, not in it."""
    return _TOTAL.fullmatch(text.strip()) is not None


def is_date(text: str) -> bool:
    """Tell whether a text is a date, which spreadsheets make of hours such as 9-12."""
    return _DATE.fullmatch(text.strip()) is not None


def meant_hours(text: str) -> str:
    """Return what a text such as `Mon-Fri 9-5` may mean, written as OpenStreetMap does, `` where that is not clear."""
    if _ALWAYS.fullmatch(text.strip()):
        return "24/7"
    plain = re.sub(r"\s+", " ", re.sub(r"[\u2010-\u2015]", "-", text.casefold()))
    for words, days in _SPANS.items():
        plain = plain.replace(words, days.casefold())
    plain = _DAY.sub(lambda found: found[1][:2].capitalize(), plain)
    plain = re.sub(r"\s*(?:-|\bto\b|\buntil\b|\btill\b)\s*", "-", plain).replace("noon", "12pm")
    parts = []
    for part in re.split(r"\s*[;\n]\s*|,\s*(?=[A-Z])|\s+(?:and|&)\s+(?=[A-Z])", plain.strip(" .")):
        times = _TIMES.search(part)
        days = part[: times.start()].strip(" :,") if times else ""
        if times is None or times.end() != len(part) or not re.fullmatch(r"(?:[A-Z][a-z](?:-[A-Z][a-z])?,? ?)+", days):
            return ""
        parts.append(f"{days} {_span(*times.groups())}")
    meant = "; ".join(parts)
    return meant if validate(meant) else ""


def _span(*said: str | None) -> str:
    """Return a span of time; without am or pm, one that ends before it begins ends in the afternoon."""
    opens, closes = _clock(*said[:3]), _clock(*said[3:])
    if said[5] is None and closes <= opens and closes[0] < _HALF_A_DAY:
        closes = (closes[0] + _HALF_A_DAY, closes[1])
    return f"{opens[0]:02d}:{opens[1]:02d}-{closes[0]:02d}:{closes[1]:02d}"


def _clock(hour: str | None, minute: str | None, half: str | None) -> tuple[int, int]:
    of_day = int(hour or 0)
    if half is not None:
        of_day = of_day % _HALF_A_DAY + (_HALF_A_DAY if half == "pm" else 0)
    return of_day, int(minute or 0)
