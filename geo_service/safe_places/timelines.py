"""When a place is open, closed or not known, from yesterday to two weeks ahead."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State, validate

from geo_service.safe_places.bank_holidays import also_unusual, england

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONDON = ZoneInfo("Europe/London")
Status: TypeAlias = Literal["open", "closed", "unknown"]
Interval: TypeAlias = tuple[dt.datetime, dt.datetime, Status]

_LONGEST_HOURS = 500
_LOOK_AHEAD = dt.timedelta(days=16)
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAY_LIST = re.compile(rf"\s*({_DAY}(?:\s*-\s*{_DAY})?(?:\s*,\s*{_DAY}(?:\s*-\s*{_DAY})?)*)\s*:?\s*(.*)", re.DOTALL)
_HOLIDAY = re.compile(r"\bPH\b")
_DOUBTFUL = re.compile(r"\b(?:SH|sunrise|sunset|dawn|dusk)\b|\d\+|\|\||\"")
"""School holidays and the sun need a calendar and a place; an open end, a fallback and a comment are no promise."""
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class Timeline(NamedTuple):
    """Hold what holds when, of a place and the buildings it is in."""

    intervals: tuple[Interval, ...]
    """In order, without gaps, Europe/London; neighbours differ."""
    always: bool
    """Whether it is open day and night, every day."""
    lacking: Literal["", "not known", "not clear"]
    """What hours are lacking, of the place or of a building."""


@dataclass(frozen=True, slots=True)
class _Rules:
    hours: OpeningHours
    always: bool
    crosses_midnight: bool


@lru_cache(maxsize=4096)
def timeline(hours: tuple[str, ...], day: dt.date) -> Timeline:
    """Return what holds from the day before a day to two weeks after it.

    hours: OpenStreetMap `opening_hours` of a place, then of each building it is in; an empty text is not known. It is
    open while all are, closed while one is, else not known.
    """
    texts = [text.strip() for text in hours]
    read = [_rules(text, day.year) if text else None for text in texts]
    start = dt.datetime.combine(day - dt.timedelta(days=1), dt.time(0), LONDON)
    end = dt.datetime.combine(day + _LOOK_AHEAD, dt.time(0), LONDON)
    lines = [((start, end, "unknown"),) if rules is None else _intervals(rules, start, end) for rules in read]
    lacking = "not known" if "" in texts else "not clear" if None in read else ""
    return Timeline(
        lines[0] if len(lines) == 1 else _together(lines),
        always=all(rules is not None and rules.always for rules in read),
        lacking=lacking,  # type: ignore[arg-type]
    )


@lru_cache(maxsize=1024)
def _rules(hours: str, year: int) -> _Rules | None:
    """Read the hours with the bank holidays of a year and its neighbours; None where they promise nothing."""
    if len(hours) > _LONGEST_HOURS or _DOUBTFUL.search(hours):
        return None
    years = (year - 1, year, year + 1)
    holidays, others = (_written(days(y) for y in years) for days in (england, also_unusual))
    dated = _with_dates(hours, holidays, others)
    if dated is None or not validate(hours) or not validate(dated):
        return None
    always = str(OpeningHours(hours).normalize()) == "24/7"
    return _Rules(
        OpeningHours(dated, timezone=LONDON), always, any(_crosses(*map(int, span)) for span in _SPAN.findall(hours))
    )


def _written(years: Iterable[frozenset[dt.date]]) -> str:
    return ",".join(f"{day.year} {day:%b} {day.day:02d}" for days in years for day in sorted(days))


def _with_dates(hours: str, dates: str, others: str) -> str | None:
    """Write England's bank holidays out, because the library's calendar for GB lacks Easter Monday and August.

    `PH` is taken at the head of a rule, alone or in a list of week days; elsewhere None: it is not understood.
    Holidays that the hours do not mention become unknown. `PH off` goes last: whoever writes it means it, though
    by the specification a later rule for the same week day would open the place again.
    """
    if not _HOLIDAY.search(hours):
        return f"{hours.rstrip('; ')}; {dates},{others} unknown"
    kept: list[str] = []
    closing: list[str] = []
    for rule in filter(str.strip, hours.split(";")):
        if not _HOLIDAY.search(rule):
            kept.append(rule.strip())
            continue
        found = _DAY_LIST.fullmatch(rule)
        if found is None or _HOLIDAY.search(found[2]) or re.search(r"PH\s*-|-\s*PH", found[1]):
            return None
        days = [day.strip() for day in found[1].split(",") if day.strip() != "PH"]
        if days:
            kept.append(f"{','.join(days)} {found[2]}")
        shut = found[2].strip() in {"off", "closed"}
        (closing if shut else kept).append(f"{dates} {found[2]}")
    return "; ".join([*kept, *closing, f"{others} unknown"])


def _crosses(from_hour: int, from_minute: int, to_hour: int, to_minute: int) -> bool:
    begins, ends = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    return ends <= begins or ends > 24 * 60


def _intervals(rules: _Rules, start: dt.datetime, end: dt.datetime) -> tuple[Interval, ...]:
    """Return what holds from a midnight to another, neighbours of one state joined."""
    if rules.always:
        return ((start, end, "open"),)
    joined: list[Interval] = []
    for begins, ends, found, comment in rules.hours.intervals(start, end):
        state = _state(found, comment)
        before = joined[-1][2] if joined else None
        midnight = begins.time() == dt.time(0) and begins != start
        if rules.crosses_midnight and state == "open" and midnight and before not in {None, "open"}:
            # The library lets a night run on from an evening that was called off (opening-hours-py 2.1).
            state = "unknown"
        _join(joined, (begins, ends, state))
    return tuple(joined)


def _together(lines: Sequence[tuple[Interval, ...]]) -> tuple[Interval, ...]:
    """Return where all are open, where one is closed, and where neither is known.

    Moments are ordered by the time that has passed: the clock shows some of them twice.
    """
    moments = {moment.timestamp(): moment for line in lines for begins, ends, _ in line for moment in (begins, ends)}
    left = [list(reversed(line)) for line in lines]
    joined: list[Interval] = []
    for begins, ends in pairwise(sorted(moments)):
        for line in left:
            while len(line) > 1 and line[-1][1].timestamp() <= begins:
                line.pop()
        states = {line[-1][2] for line in left}
        state: Status = "closed" if "closed" in states else "unknown" if "unknown" in states else "open"
        _join(joined, (moments[begins], moments[ends], state))
    return tuple(joined)


def _join(joined: list[Interval], interval: Interval) -> None:
    if joined and joined[-1][2] == interval[2]:
        joined[-1] = (joined[-1][0], *interval[1:])
    else:
        joined.append(interval)


def _state(found: State, comment: str) -> Status:
    if found == State.OPEN:
        return "unknown" if comment else "open"
    return "closed" if found == State.CLOSED else "unknown"
