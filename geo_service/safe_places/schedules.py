"""Opening hours as weekly recurrences (RFC 5545), where they are as simple as that."""

from __future__ import annotations

import re
from functools import reduce
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY: Final = "|".join((*_DAYS, "PH"))
_TIMES: Final = r"\d{1,2}:\d{2}-\d{1,2}:\d{2}"
_RULE: Final = re.compile(
    rf"(?:((?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*) )?(off|closed|{_TIMES}(?:,{_TIMES})*)"
)
_LATEST: Final = 24 * 60
_WEEK: Final = len(_DAYS) * _LATEST
"""Minutes."""
_ALWAYS: Final = "24/7"


class Weekly(NamedTuple):
    """Hold times that are kept on some days of every week, London's clock."""

    days: tuple[str, ...]
    """`MO` to `SU`, in that order."""
    opens_at: str
    """`HH:MM`."""
    closes_at: str
    """`HH:MM`; not after `opens_at` where that is on the day after."""


def weekly_within(hours: Sequence[str]) -> tuple[Weekly, ...] | None:
    """Return the weekly times of a place in buildings: it is open while all of them are, at most.

    hours: OSM opening hours of the place, then of each building around it. None where any of them is not known or not
    as simple (see `weekly`), or where they leave no minute.
    """
    found = [times for text in hours if (times := weekly(text)) is not None]
    if len(found) < len(hours):
        return None
    return found[0] if len(found) == 1 else _spread(reduce(frozenset.intersection, map(_minutes, found)))


def weekly(hours: str) -> tuple[Weekly, ...] | None:
    """Return the weekly times of OSM opening hours, bank holidays left out; None where they are not as simple.

    A later rule for a day takes the place of an earlier one. A night goes on into a day with hours of its own; into one
    that is off nobody knows whether it does, so that is not simple. Specification: wiki.openstreetmap.org,
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
    after = dict(zip(_DAYS, (*_DAYS[1:], _DAYS[0]), strict=True))
    if any(_goes_on(spans) and kept.get(after[day]) == () for day, spans in kept.items()):
        return None
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


def _goes_on(spans: tuple[str, ...]) -> bool:
    """Say whether a day is open past the midnight after it."""
    return any("00:00" != span[-5:] <= span[:5] for span in spans)


def _minutes(found: tuple[Weekly, ...]) -> frozenset[int]:
    """Return the minutes of the week that are open, from Monday's midnight."""
    minutes: set[int] = set()
    for times in found:
        opens, closes = (int(at[:2]) * 60 + int(at[3:]) for at in (times.opens_at, times.closes_at))
        length = closes - opens if closes > opens else closes - opens + _LATEST
        for day in times.days:
            start = [known.upper() for known in _DAYS].index(day) * _LATEST + opens
            minutes |= {minute % _WEEK for minute in range(start, start + length)}
    return frozenset(minutes)


def _spread(minutes: frozenset[int]) -> tuple[Weekly, ...] | None:
    """Return weekly times for minutes of the week; None for none."""
    # From a minute that is shut, so that no night is cut at the end of the week; without one, from Monday.
    first = next((minute for minute in range(_WEEK) if minute not in minutes), 0)
    of_span: dict[str, list[str]] = {}
    for is_open, run in groupby(range(first, first + _WEEK), key=lambda minute: minute % _WEEK in minutes):
        if is_open:
            for begin, end in _days_of(list(run)):
                span = f"{_clock(begin)}-{_clock(end)}"
                of_span.setdefault(span, []).append(_DAYS[begin % _WEEK // _LATEST].upper())
    return tuple(Weekly(_in_order(days), *span.split("-")) for span, days in sorted(of_span.items())) or None


def _days_of(run: list[int]) -> list[tuple[int, int]]:
    """Cut a run of open minutes that is longer than a day at its midnights."""
    first, last = run[0], run[-1] + 1
    if last - first <= _LATEST:
        return [(first, last)]
    midnights = range((first // _LATEST + 1) * _LATEST, last, _LATEST)
    edges = [first, *midnights, last]
    return list(pairwise(edges))


def _in_order(days: list[str]) -> tuple[str, ...]:
    return tuple(day.upper() for day in _DAYS if day.upper() in days)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
