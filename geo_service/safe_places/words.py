"""Distances and opening hours in words that are read out and understood."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from geo_service.model.language import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.language import Language

METRES_PER_MINUTE = 80
"""An unhurried 4.8 km/h."""
_KILOMETRE_M = 1000
_STEP_M = 50
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH")
_DAY = "|".join(_DAYS)
_SIMPLE_RULE = re.compile(
    rf"((?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*)?\s*"
    r"(off|closed|\d{1,2}:\d{2}-\d{1,2}:\d{2}(?:,\d{1,2}:\d{2}-\d{1,2}:\d{2})*)"
)


def walk_words(metres: float, language: Language = ENGLISH) -> str:
    """Say a walking distance in metres, for example `about 350 metres, 5 minutes' walk`."""
    rounded = max(_STEP_M, round(metres / _STEP_M) * _STEP_M)
    minutes = max(1, math.ceil(metres / METRES_PER_MINUTE))
    if rounded < _KILOMETRE_M:
        return language.ngettext(
            "about %(metres)s metres, %(num)s minute's walk",
            "about %(metres)s metres, %(num)s minutes' walk",
            minutes,
            metres=rounded,
        )
    return language.ngettext(
        "about %(kilometres)s kilometres, %(num)s minute's walk",
        "about %(kilometres)s kilometres, %(num)s minutes' walk",
        minutes,
        kilometres=language.number(rounded / _KILOMETRE_M),
    )


def hours_words(hours: str, language: Language = ENGLISH) -> tuple[str, ...]:
    """Write opening hours out, one line for each rule; a rule that is not simple stays as it is written.

    `Mo-Fr 09:00-17:00; PH off` becomes `Monday to Friday 09:00 to 17:00` and `bank holidays closed`.
    """
    return tuple(_rule_words(rule.strip(), language) for rule in hours.split(";") if rule.strip())


def _rule_words(rule: str, language: Language) -> str:
    say = language.gettext
    if rule == "24/7":
        return say("Day and night, every day")
    found = _SIMPLE_RULE.fullmatch(re.sub(r"\s*([,-])\s*", r"\1", rule))
    if found is None:
        return rule
    names = _day_names(language)
    days = (
        _listed([_days(part, names, language) for part in found[1].split(",")], language)
        if found[1]
        else say("every day")
    )
    times = found[2]
    shut = times in {"off", "closed"}
    said = say("closed") if shut else _listed([_times(part, language) for part in times.split(",")], language)
    return say("%(days)s %(times)s", days=f"{days[0].upper()}{days[1:]}", times=said)


def _day_names(language: Language) -> Mapping[str, str]:
    say = language.gettext
    names = (
        say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"),
        say("Sunday"), say("bank holidays"),
    )  # fmt: skip
    return dict(zip(_DAYS, names, strict=True))


def _days(text: str, names: Mapping[str, str], language: Language) -> str:
    first, _, last = text.partition("-")
    return language.gettext("%(day)s to %(last_day)s", day=names[first], last_day=names[last]) if last else names[first]


def _times(text: str, language: Language) -> str:
    opens, _, closes = text.partition("-")
    return language.gettext("%(opens)s to %(closes)s", opens=opens, closes=closes)


def _listed(parts: Sequence[str], language: Language) -> str:
    if len(parts) == 1:
        return parts[0]
    return language.gettext("%(these)s and %(last)s", these=", ".join(parts[:-1]), last=parts[-1])
