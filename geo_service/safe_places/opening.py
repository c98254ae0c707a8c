"""Whether a place is open now; what is not known never counts as open."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State, validate

from geo_service.model.language import ENGLISH
from geo_service.safe_places.bank_holidays import also_unusual, england
from geo_service.safe_places.days import on_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.model.language import Language

LONDON = ZoneInfo("Europe/London")
Status: TypeAlias = Literal["open", "closed", "unknown"]

_LONGEST_HOURS = 500
_LOOK_AHEAD = dt.timedelta(days=15)
_SOON_MINUTES = 60
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAY_LIST = re.compile(rf"\s*({_DAY}(?:\s*-\s*{_DAY})?(?:\s*,\s*{_DAY}(?:\s*-\s*{_DAY})?)*)\s*:?\s*(.*)", re.DOTALL)
_HOLIDAY = re.compile(r"\bPH\b")
_DOUBTFUL = re.compile(r"\b(?:SH|sunrise|sunset|dawn|dusk)\b|\d\+|\|\||\"")
"""School holidays and the sun need a calendar and a place; an open end, a fallback and a comment are no promise."""
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_Interval: TypeAlias = tuple[dt.datetime, dt.datetime, Status]


@dataclass(frozen=True, slots=True)
class Opening:
    """Say whether a place is open, and until when."""

    state: Status
    words: str
    """For people, for example `open now, closes in 40 minutes`."""
    changes: dt.datetime | None = None
    """When an open place closes or a closed place opens, Europe/London; None where that is not known or never."""


@dataclass(frozen=True, slots=True)
class _Rules:
    hours: OpeningHours
    always: bool
    crosses_midnight: bool


def opening(hours: str | None, at: dt.datetime, *, phone: bool = True, language: Language = ENGLISH) -> Opening:
    """Say whether a place is open at a time.

    hours: OpenStreetMap `opening_hours`, or None. at: with its zone. phone: whether there is a number to ring.
    language: of the words.
    Bank holidays are England's. A day that is one, for which the hours say nothing, is unknown: shops keep other hours
    on it, as they do on Christmas Day at a weekend and Easter Sunday. So are hours that cannot be read, that hang on a
    comment, the sun or school holidays, or have no end.
    Specification: wiki.openstreetmap.org, Key:opening_hours/specification
    """
    now = at.astimezone(LONDON)
    say = language.gettext
    if not hours or not hours.strip():
        return Opening(
            "unknown", say("hours not known, phone first") if phone else say("hours not known, check before you go")
        )
    rules = _rules(hours.strip(), now.year)
    if rules is None:
        return Opening("unknown", _not_clear(language, phone=phone))
    if rules.always:
        return Opening("open", say("open now, day and night"))
    return _status(_timeline(rules, now), now, language, phone=phone)


def _status(timeline: list[_Interval], now: dt.datetime, language: Language, *, phone: bool) -> Opening:
    say = language.gettext
    position = next(i for i, (start, end, _) in enumerate(timeline) if start <= now < end)
    _, end, state = timeline[position]
    if state == "unknown":
        if now.date() not in england(now.year) | also_unusual(now.year):
            return Opening("unknown", _not_clear(language, phone=phone))
        first = say("holiday today, hours not known, phone first")
        return Opening("unknown", first if phone else say("holiday today, hours not known, check before you go"))
    if state == "open":
        return Opening("open", _closes(end, now, language), end)
    following = next((start for start, _, later in timeline[position + 1 :] if later == "open"), None)
    if following is None:
        first = say("closed now, next opening not known, phone first")
        return Opening("closed", first if phone else say("closed now, next opening not known, check before you go"))
    return Opening("closed", _opens(following, now, language), following)


def _not_clear(language: Language, *, phone: bool) -> str:
    say = language.gettext
    return say("hours not clear, phone first") if phone else say("hours not clear, check before you go")


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


def _timeline(rules: _Rules, now: dt.datetime) -> list[_Interval]:
    """Return what holds from the day before to two weeks ahead, neighbours of one state joined."""
    start = (now - dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    joined: list[_Interval] = []
    for begins, ends, found, comment in rules.hours.intervals(start, now + _LOOK_AHEAD):
        state = _state(found, comment)
        before = joined[-1][2] if joined else None
        midnight = begins.time() == dt.time(0) and begins != start
        if rules.crosses_midnight and state == "open" and midnight and before not in {None, "open"}:
            # The library lets a night run on from an evening that was called off (opening-hours-py 2.1).
            state = "unknown"
        if joined and before == state:
            joined[-1] = (joined[-1][0], ends, state)
        else:
            joined.append((begins, ends, state))
    return joined


def _state(found: State, comment: str) -> Status:
    if found == State.OPEN:
        return "unknown" if comment else "open"
    return "closed" if found == State.CLOSED else "unknown"


def _closes(end: dt.datetime, now: dt.datetime, language: Language) -> str:
    say = language.gettext
    minutes = int((end.timestamp() - now.timestamp()) // 60)
    if minutes < 1:
        return say("open now, closes in less than a minute")
    if minutes <= _SOON_MINUTES:
        return language.ngettext("open now, closes in %(num)s minute", "open now, closes in %(num)s minutes", minutes)
    if end.time() == dt.time(0):
        last = (end - dt.timedelta(days=1)).date()
        if last == now.date():
            return say("open now, closes at midnight")
        return say("open now, closes %(day)s at midnight", day=on_day(last, now.date(), language))
    if end.date() == now.date():
        return say("open now, closes at %(time)s", time=f"{end:%H:%M}")
    return say(
        "open now, closes %(day)s at %(time)s", day=on_day(end.date(), now.date(), language), time=f"{end:%H:%M}"
    )


def _opens(then: dt.datetime, now: dt.datetime, language: Language) -> str:
    day = on_day(then.date(), now.date(), language)
    return language.gettext("closed now, opens %(day)s at %(time)s", day=day, time=f"{then:%H:%M}")
