"""Whether a place is open now; what is not known never counts as open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from geo_service.model.clock import LONDON
from geo_service.model.language import ENGLISH
from geo_service.safe_places.bank_holidays import also_unusual, england
from geo_service.safe_places.days import on_day
from geo_service.safe_places.timelines import Status, Timeline, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.language import Language

__all__ = ["LONDON", "Opening", "Status", "open_between", "opening", "openings"]

_SOON_MINUTES = 60
_LAST_OF_MINUTE = 59


@dataclass(frozen=True, slots=True)
class Opening:
    """Say whether a place is open, and until when."""

    state: Status
    words: str
    """For people, for example `open now, closes in 40 minutes`."""
    changes: dt.datetime | None = None
    """When an open place closes or a closed place opens, Europe/London; None where that is not known or never."""


def opening(
    hours: str | None,
    at: dt.datetime,
    *,
    phone: bool = True,
    buildings: Sequence[str | None] = (),
    language: Language = ENGLISH,
) -> Opening:
    """Say whether a place is open at a time.

    hours: OpenStreetMap `opening_hours`, or None. at: with its zone. phone: whether there is a number to ring.
    buildings: hours of the buildings that it is in, None where they are not known: it is open while they are, at most.
    language: of the words.
    Bank holidays are England's. A day that is one, for which the hours say nothing, is unknown: shops keep other hours
    on it, as they do on Christmas Day at a weekend and Easter Sunday. So are hours that cannot be read, that hang on a
    comment, the sun or school holidays, or have no end, and an hour that the clock shows twice where they end in it.
    Specification: wiki.openstreetmap.org, Key:opening_hours/specification
    """
    now = at.astimezone(LONDON)
    return _status(timeline((hours or "", *(text or "" for text in buildings)), now.date()), now, language, phone=phone)


def openings(
    hours: Sequence[tuple[str, ...]], at: dt.datetime, phone: Sequence[bool], language: Language = ENGLISH
) -> tuple[Opening, ...]:
    """Say of many places whether they are open (see `opening`), hours of each place first, then of its buildings.

    Made once for each minute: hours change on whole minutes, and the minutes left are said as at the minute's end.
    """
    minute = at.astimezone(LONDON).replace(second=_LAST_OF_MINUTE, microsecond=0)
    return tuple(
        _at_minute(texts, minute, minute.fold, rings, language)  # type: ignore[arg-type]  # mypy: a Protocol is not hashable
        for texts, rings in zip(hours, phone, strict=True)
    )


@lru_cache(maxsize=16384)
def _at_minute(hours: tuple[str, ...], minute: dt.datetime, fold: int, phone: bool, language: Language) -> Opening:  # noqa: FBT001
    """Keep what was said in a minute; two minutes that the clock shows alike are equal but for their fold."""
    del fold
    return opening(hours[0], minute, phone=phone, buildings=hours[1:], language=language)


def open_between(hours: tuple[str, ...], start: dt.datetime, end: dt.datetime) -> bool:
    """Say whether a place is known to be open at some moment from a minute until before another, a day or less."""
    first = start.astimezone(LONDON)
    return _open_between(hours, first.date(), first.timestamp() // 60 * 60, end.timestamp())


@lru_cache(maxsize=16384)
def _open_between(hours: tuple[str, ...], day: dt.date, first: float, last: float) -> bool:
    return any(
        state == "open" and max(begins.timestamp(), first) < min(_first_pass(ends).timestamp(), last)
        for begins, ends, state in timeline(hours, day).intervals
        if begins.timestamp() < last
    )


def _status(held: Timeline, now: dt.datetime, language: Language, *, phone: bool) -> Opening:
    say = language.gettext
    if held.always:
        return Opening("open", say("open now, day and night"))
    position = next(i for i, (start, end, _) in enumerate(held.intervals) if start <= now < end)
    start, end, state = held.intervals[position]
    if state == "open" and _ends_twice(start, end, now):
        return Opening("unknown", _not_clear(language, phone=phone))
    if state == "unknown":
        return Opening("unknown", _not_known(held, now, language, phone=phone))
    if state == "open":
        end = _first_pass(end)
        return Opening("open", _closes(end, now, language), end)
    following = next((start for start, _, later in held.intervals[position + 1 :] if later == "open"), None)
    if following is None:
        first = say("closed now, next opening not known, phone first")
        return Opening("closed", first if phone else say("closed now, next opening not known, check before you go"))
    return Opening("closed", _opens(following, now, language), following)


def _ends_twice(start: dt.datetime, end: dt.datetime, now: dt.datetime) -> bool:
    """Say whether now is in the hour that the clock shows twice, and it is not certain that the place is open.

    Hours that end in it end when the clock first shows their end, those that begin in it begin when it last shows that.
    """
    return _shown_twice(now) and _shown_twice(end if now.fold else start)


def _shown_twice(moment: dt.datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def _first_pass(end: dt.datetime) -> dt.datetime:
    """Return when the clock first shows an end; the library gives the last."""
    return end.replace(fold=0)


def _not_known(held: Timeline, now: dt.datetime, language: Language, *, phone: bool) -> str:
    say = language.gettext
    if held.lacking == "not known":
        return say("hours not known, phone first") if phone else say("hours not known, check before you go")
    if held.lacking or now.date() not in england(now.year) | also_unusual(now.year):
        return _not_clear(language, phone=phone)
    first = say("holiday today, hours not known, phone first")
    return first if phone else say("holiday today, hours not known, check before you go")


def _not_clear(language: Language, *, phone: bool) -> str:
    say = language.gettext
    return say("hours not clear, phone first") if phone else say("hours not clear, check before you go")


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
