"""Opening hours as weekly recurrences (RFC 5545), where they are as simple as that."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY: Final = "|".join((*_DAYS, "PH"))
_TIMES: Final = r"\d{1,2}:\d{2}-\d{1,2}:\d{2}"
_RULE: Final = re.compile(
    rf"(?:((?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*) )?(off|closed|{_TIMES}(?:,{_TIMES})*)"
)
_LATEST: Final = 24 * 60
_ALWAYS: Final = "24/7"


class Weekly(NamedTuple):
    """Hold times that are kept on some days of every week, London's clock."""

    days: tuple[str, ...]
    """`MO` to `SU`, in that order."""
    opens_at: str
    """`HH:MM`."""
    closes_at: str
    """`HH:MM`; not after `opens_at` where that is on the day after."""


def weekly(hours: str) -> tuple[Weekly, ...] | None:
    """Return the weekly times of OSM opening hours, bank holidays left out; None where they are not as simple.

    A later rule for a day takes the place of an earlier one. Specification: wiki.openstreetmap.org,
    Key:opening_hours/specification
    """
    if hours.strip() == _ALWAYS:
        return (Weekly(tuple(day.upper() for day in _DAYS), "00:00", "00:00"),)
    kept: dict[str, tuple[str, ...]] = {}
    for rule in filter(None, (re.sub(r"\s*([,-])\s*", r"\1", " ".join(part.split())) for part in hours.split(";"))):
        found = _RULE.fullmatch(rule)
        days = None if found is None else _days(found[1])
        spans = None if found is None else _spans(found[2])
        if days is None or spans is None:
            return None
        kept |= dict.fromkeys(days, spans)
    of_span: dict[str, list[str]] = {}
    for day in _DAYS:
        for span in kept.get(day, ()):
            of_span.setdefault(span, []).append(day.upper())
    return tuple(Weekly(tuple(days), *span.split("-")) for span, days in sorted(of_span.items())) or None


def _days(written: str | None) -> tuple[str, ...] | None:
    """Return the week days of a rule, PH left out; None where its days are none."""
    if written is None:
        return _DAYS
    days: list[str] = []
    for part in written.split(","):
        first, _, last = part.partition("-")
        if "PH" in (first, last):
            if last:
                return None
            continue
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        days += _DAYS[begin : end + 1] if begin <= end else (*_DAYS[begin:], *_DAYS[: end + 1])
    return tuple(days)


def _spans(written: str) -> tuple[str, ...] | None:
    """Return times as `HH:MM-HH:MM`; none for a day off, None for times that are none."""
    if written in {"off", "closed"}:
        return ()
    spans = []
    for span in written.split(","):
        begin, end = (int(at[:-3]) * 60 + int(at[-2:]) for at in span.split("-"))
        if begin >= _LATEST or end > 2 * _LATEST or any(int(at[-2:]) >= 60 for at in span.split("-")):  # noqa: PLR2004 - minutes
            return None
        if end - begin > _LATEST:
            return None
        spans.append(f"{begin // 60:02d}:{begin % 60:02d}-{end // 60 % 24:02d}:{end % 60:02d}")
    return tuple(spans)
