"""When a place is open, closed or not known, from yesterday to two weeks ahead."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from opening_hours import OpeningHours, State, validate

from geo_service.model.clock import LONDON
from geo_service.safe_places.bank_holidays import also_unusual, england

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Status: TypeAlias = Literal["open", "closed", "unknown"]
Interval: TypeAlias = tuple[dt.datetime, dt.datetime, Status]
"""From, until before, and what holds; within this module on a wall clock without a zone, until it is done."""
_OPEN: Status = "open"
_CLOSED: Status = "closed"
_DAY_LONG = dt.timedelta(days=1)

_LONGEST_HOURS = 500
_LOOK_AHEAD = dt.timedelta(days=16)
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAY_LIST = re.compile(rf"\s*({_DAY}(?:\s*-\s*{_DAY})?(?:\s*,\s*{_DAY}(?:\s*-\s*{_DAY})?)*)\s*:?\s*(.*)", re.DOTALL)
_HOLIDAY = re.compile(r"\bPH\b")
_DOUBTFUL = re.compile(r"\b(?:SH|sunrise|sunset|dawn|dusk)\b|\d\+|\|\||\"")
"""School holidays and the sun need a calendar and a place; an open end, a fallback and a comment are no promise."""
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_SPANS = re.compile(rf"{_SPAN.pattern}(?:\s*,\s*{_SPAN.pattern})*")
_OFF = re.compile(r"\b(?:off|closed)\b")
_ALWAYS_OPEN = re.compile(r"\b24/7\b|\bopen\b")
_MIDNIGHT = 24 * 60
"""Minutes."""


class Timeline(NamedTuple):
    """Hold what holds when, of a place and the buildings it is in."""

    intervals: tuple[Interval, ...]
    """In order, without gaps, Europe/London; neighbours differ."""
    always: bool
    """Whether it is open day and night, every day."""
    lacking: Literal["", "not known", "not clear"]
    """What hours are lacking, of the place or of a building."""


@dataclass(frozen=True, slots=True)
class _Nights:
    """Hold what follows from hours that go on past midnight."""

    marked: OpeningHours
    """The hours of each day until midnight, days that are off as unknown."""
    after: OpeningHours
    """What each day has after midnight, as if it were the same morning; nothing else."""
    longest: dt.timedelta
    """After midnight."""


@dataclass(frozen=True, slots=True)
class _Rules:
    hours: OpeningHours
    """Of each day until midnight."""
    always: bool
    nights: _Nights | None


@lru_cache(maxsize=4096)
def timeline(hours: tuple[str, ...], day: dt.date) -> Timeline:
    """Return what holds from the day before a day to two weeks after it.

    hours: OpenStreetMap `opening_hours` of a place, then of each building it is in; an empty text is not known. It is
    open while all are, closed while one is, else not known.
    """
    texts = [text.strip() for text in hours]
    read = [_rules(text, day.year) if text else None for text in texts]
    start = dt.datetime.combine(day - dt.timedelta(days=1), dt.time(0))
    end = dt.datetime.combine(day + _LOOK_AHEAD, dt.time(0))
    lines = [((start, end, "unknown"),) if rules is None else _intervals(rules, start, end) for rules in read]
    lacking = "not known" if "" in texts else "not clear" if None in read else ""
    return Timeline(
        _shown(lines[0] if len(lines) == 1 else _swept(lines, _all_open)),
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
    spans = [_minutes(span) for span in _SPAN.finditer(dated)]
    longest = max((last - _MIDNIGHT for _, last in spans), default=0)
    if longest <= 0:
        return _Rules(OpeningHours(dated), always, None)
    evenings, after = (_SPANS.sub(cut, dated) for cut in (_until_midnight, _after_midnight))
    marked, after = _OFF.sub("unknown", evenings), _ALWAYS_OPEN.sub("off", after)
    if any(first >= _MIDNIGHT for first, _ in spans) or not all(map(validate, (evenings, marked, after))):
        return None
    read, read_marked = (OpeningHours(text) for text in (evenings, marked))
    return _Rules(read, always, _Nights(read_marked, OpeningHours(after), dt.timedelta(minutes=longest)))


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


def _minutes(span: re.Match[str]) -> tuple[int, int]:
    """Return when a span begins and ends, in minutes from the midnight before it."""
    from_hour, from_minute, to_hour, to_minute = map(int, span.groups())
    begins, ends = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    return begins, ends + _MIDNIGHT if ends <= begins else ends


def _until_midnight(spans: re.Match[str]) -> str:
    cut = [(begins, min(ends, _MIDNIGHT)) for begins, ends in map(_minutes, _SPAN.finditer(spans[0]))]
    return ",".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in cut)


def _after_midnight(spans: re.Match[str]) -> str:
    ends = [last - _MIDNIGHT for _, last in map(_minutes, _SPAN.finditer(spans[0]))]
    return f"00:00-{_clock(max(ends))}" if max(ends) > 0 else "off"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _intervals(rules: _Rules, start: dt.datetime, end: dt.datetime) -> tuple[Interval, ...]:
    """Return what holds from a midnight to another.

    Hours belong to the day on which they begin: `Sa 22:00-04:00; Su 10:00-16:00` is open on Sunday at 02:00. Into a day
    that is off, or a holiday that the hours do not mention, it is not known whether they go on. The library ends them
    with any other rule for the second day, and lets them run on from an evening that was off (opening-hours-py 2.1),
    so what is after midnight is asked apart.
    """
    if rules.always:
        return ((start, end, "open"),)
    own = _read(rules.hours, start, end)
    if rules.nights is None:
        return own
    after = [
        (begins + _DAY_LONG, ends + _DAY_LONG, state)
        for begins, ends, state in _read(rules.nights.after, start - _DAY_LONG, end - _DAY_LONG)
    ]
    return _swept([own, _read(rules.nights.marked, start, end), after, _mornings(start, end, rules.nights)], _gone_on)


def _mornings(start: dt.datetime, end: dt.datetime, nights: _Nights) -> list[Interval]:
    """Return each morning until the longest night ends as open: only there a night can go on."""
    midnights = [start + number * _DAY_LONG for number in range((end - start).days)]
    longest = min(nights.longest, _DAY_LONG)
    return [
        interval
        for begins in midnights
        for interval in (
            (begins, begins + longest, _OPEN),
            (begins + longest, begins + _DAY_LONG, _CLOSED),
        )
    ]


def _gone_on(states: Sequence[Status]) -> Status:
    """Return what holds where a day has hours of its own, and the night before may go on."""
    own, marked, after, morning = states
    if own == "open" or morning == "closed" or after == "closed":
        return own
    return "open" if after == "open" and marked == "closed" else "unknown"


def _shown(line: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return when the clocks of London show what a timeline holds.

    Of a time that they show twice it is the last, of one in the hour that is left out the end of that hour.
    """
    moments = [_in_london(begins) for begins, _, _ in line] + [_in_london(line[-1][1])]
    joined: list[Interval] = []
    for (begins, ends), (_, _, state) in zip(pairwise(moments), line, strict=True):
        if begins != ends:
            _join(joined, (begins, ends, state))
    return tuple(joined)


def _in_london(moment: dt.datetime) -> dt.datetime:
    there = moment.replace(tzinfo=LONDON)
    again = there.astimezone(dt.UTC).astimezone(LONDON)
    if again.replace(tzinfo=None) != moment:
        return again.replace(minute=0)
    last = there.replace(fold=1)
    return last if last.utcoffset() != there.utcoffset() else there


def _read(hours: OpeningHours, start: dt.datetime, end: dt.datetime) -> tuple[Interval, ...]:
    """Return what the library finds, neighbours of one state joined."""
    joined: list[Interval] = []
    for begins, ends, found, comment in hours.intervals(start, end):
        _join(joined, (begins, ends, _state(found, comment)))
    return tuple(joined)


def _all_open(states: Sequence[Status]) -> Status:
    """Return what holds of a place in a building."""
    return "closed" if "closed" in states else "unknown" if "unknown" in states else "open"


def _swept(lines: Sequence[Sequence[Interval]], rule: Callable[[Sequence[Status]], Status]) -> tuple[Interval, ...]:
    """Return what follows from several timelines of the same days."""
    moments = sorted({moment for line in lines for begins, ends, _ in line for moment in (begins, ends)})
    left = [list(reversed(line)) for line in lines]
    joined: list[Interval] = []
    for begins, ends in pairwise(moments):
        for line in left:
            while len(line) > 1 and line[-1][1] <= begins:
                line.pop()
        _join(joined, (begins, ends, rule([line[-1][2] for line in left])))
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
