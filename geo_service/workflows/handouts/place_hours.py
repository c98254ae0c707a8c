"""Say on paper when a place is open: in words for the directory, briefly for a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.safe_places.schedules import weekly
from geo_service.safe_places.words import hours_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.workflows.handouts.place_words import PaperWords

ALWAYS: Final = "24/7"
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ENGLISH_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TO: Final = "\N{EN DASH}"
_LONGEST_SHORT: Final = 60


def is_known(hours: str) -> bool:
    """Tell whether hours in OSM syntax are the same each week and clear."""
    return weekly(hours) is not None


def hours_sentences(hours: str, buildings: Sequence[str], words: PaperWords, *, phone: bool) -> str:
    """Return opening times and those of the buildings around in words; unknown ones never look known.

    hours, buildings: OSM syntax, empty for what nobody knows. phone: whether there is a number to ring.
    """
    say = words.say
    first = say("hours not known, phone first") if phone else say("hours not known, check before you go")
    unknown = (
        say("the building's hours are not known, phone first")
        if phone
        else say("the building's hours are not known, check before you go")
    )
    said = [_said(hours, words, phone=phone) if hours else first]
    said += [
        say("the building: %(hours)s", hours=_inside(_said(each, words, phone=phone), each)) if each else unknown
        for each in buildings
    ]
    return " ".join(map(words.sentence, said))


def _said(hours: str, words: PaperWords, *, phone: bool) -> str:
    lines = [line if n == 0 else _inside(line, hours) for n, line in enumerate(hours_words(hours, words.language))]
    if not is_known(hours):
        say = words.say
        lines.append(say("hours not clear, phone first") if phone else say("hours not clear, check before you go"))
    return words.semicolon.join(lines)


def _inside(line: str, hours: str) -> str:
    """Return a line as it stands inside a sentence: English days keep their capital, what is not in words stays."""
    raw = (rule.strip() for rule in hours.split(";"))
    return line if line.startswith((*_ENGLISH_DAYS, *filter(None, raw))) else f"{line[:1].lower()}{line[1:]}"


def short_hours(hours: str, buildings: Sequence[str], words: PaperWords) -> str:
    """Return weekly opening times as briefly as a card has room for; hours that are not weekly never look known."""
    say = words.say
    if all(each == ALWAYS for each in (hours, *buildings)):
        return say("Day and night")
    found = weekly(hours)
    if found is None or not all(map(is_known, buildings)):
        return say("Hours not clear") if hours else say("Hours not known")
    first = sorted(found, key=lambda times: (_DAYS.index(times.days[0]), times.opens_at))
    said = words.comma.join(f"{_days(times.days, words)} {times.opens_at}{_TO}{times.closes_at}" for times in first)
    # Half of the hours would be worse than none.
    return said if len(said) <= _LONGEST_SHORT and not buildings else say("Hours: ask for the list")


def _days(days: Sequence[str], words: PaperWords) -> str:
    """Write days that follow each other by the first and the last, others one by one."""
    at = [_DAYS.index(day) for day in days]
    names = [words.language.short_days[n] for n in at]
    if len(at) == len(_DAYS):
        return words.say("Every day")
    if len(at) > 2 and at[-1] - at[0] == len(at) - 1:  # noqa: PLR2004 - two days are named
        return f"{names[0]}{_TO}{names[-1]}"
    return " ".join(names)
