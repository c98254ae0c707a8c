"""Days as they are said: today, tomorrow, on Monday."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from geo_service.model.language import Language

_WEEK_DAYS = 7


def on_day(day: dt.date, today: dt.date, language: Language) -> str:
    """Say when something happens, from today on: `today`, `tomorrow`, `on Monday`, `on Monday 9 June`."""
    say = language.gettext
    ahead = (day - today).days
    if ahead == 0:
        return say("today")
    if ahead == 1:
        return say("tomorrow")
    # Whole messages: in other languages the preposition and the day change each other.
    on = (
        say("on Monday"), say("on Tuesday"), say("on Wednesday"), say("on Thursday"), say("on Friday"),
        say("on Saturday"), say("on Sunday"),
    )[day.weekday()]  # fmt: skip
    return (
        on if ahead < _WEEK_DAYS else say("%(on_weekday)s %(date)s", on_weekday=on, date=language.date(day, year=False))
    )
