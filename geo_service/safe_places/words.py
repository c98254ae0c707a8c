"""Distances and opening hours in words that are read out and understood."""

from __future__ import annotations

import math
import re

_METRES_PER_MINUTE = 80
"""An unhurried 4.8 km/h."""
_KILOMETRE_M = 1000
_STEP_M = 50
_DAYS = {
    "Mo": "Monday",
    "Tu": "Tuesday",
    "We": "Wednesday",
    "Th": "Thursday",
    "Fr": "Friday",
    "Sa": "Saturday",
    "Su": "Sunday",
    "PH": "bank holidays",
}
_DAY = "|".join(_DAYS)
_SIMPLE_RULE = re.compile(
    rf"((?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*)?\s*"
    r"(off|closed|\d{1,2}:\d{2}-\d{1,2}:\d{2}(?:,\d{1,2}:\d{2}-\d{1,2}:\d{2})*)"
)


def walk_words(metres: float) -> str:
    """Say a walking distance in metres, for example `about 350 metres, 5 minutes' walk`."""
    rounded = max(_STEP_M, round(metres / _STEP_M) * _STEP_M)
    far = f"{rounded} metres" if rounded < _KILOMETRE_M else f"{rounded / _KILOMETRE_M:.1f} kilometres"
    minutes = max(1, math.ceil(metres / _METRES_PER_MINUTE))
    return f"about {far}, {minutes} minute{'s' if minutes > 1 else ''}' walk".replace("minute' ", "minute's ")


def hours_words(hours: str) -> tuple[str, ...]:
    """Write opening hours out, one line for each rule; a rule that is not simple stays as it is written.

    `Mo-Fr 09:00-17:00; PH off` becomes `Monday to Friday 09:00 to 17:00` and `bank holidays closed`.
    """
    return tuple(_rule_words(rule.strip()) for rule in hours.split(";") if rule.strip())


def _rule_words(rule: str) -> str:
    if rule == "24/7":
        return "Day and night, every day"
    found = _SIMPLE_RULE.fullmatch(re.sub(r"\s*([,-])\s*", r"\1", rule))
    if found is None:
        return rule
    days = _listed([_range(part, _DAYS) for part in found[1].split(",")]) if found[1] else "every day"
    times = found[2]
    said = "closed" if times in {"off", "closed"} else _listed([_range(part, {}) for part in times.split(",")])
    return f"{days[0].upper()}{days[1:]} {said}"


def _range(text: str, names: dict[str, str]) -> str:
    return " to ".join(names.get(end, end) for end in text.split("-"))


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
