"""Opening hours as one line of times for each day of the week, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geo_service.safe_places.schedules import weekly

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYS: Final = {
    "Mo": "Monday", "Tu": "Tuesday", "We": "Wednesday", "Th": "Thursday", "Fr": "Friday", "Sa": "Saturday",
    "Su": "Sunday", "PH": "Bank holidays",
}  # fmt: skip
_SPAN: Final = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\s*(?:-|\u2013|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
)
_CLOSED: Final = frozenset({"closed", "shut", "off", "no"})
_NOON: Final = 12


def hours_of(times: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the hours of a week in the notation of OpenStreetMap, and the days whose times cannot be read.

    times: by day as in DAYS, for example `9am-5pm`, `09:00-12:30, 13:30-17:00` or `closed`; a day left empty is not
    mentioned, which counts as closed, and for bank holidays as not known.
    """
    spans, unread = {}, []
    for day in DAYS:
        text = times.get(day, "").strip().casefold()
        if not text:
            continue
        found = "off" if text in _CLOSED else _spans(text)
        if found is None:
            unread.append(day)
        else:
            spans[day] = found
    parts: list[tuple[list[str], str]] = []
    week = list(DAYS)[:-1]
    for day in week:
        if day not in spans or spans[day] == "off":
            continue
        if parts and parts[-1][1] == spans[day] and parts[-1][0][-1] == week[week.index(day) - 1]:
            parts[-1][0].append(day)
        else:
            parts.append(([day], spans[day]))
    written = [f"{_days(days)} {span}" for days, span in parts]
    if "PH" in spans:
        written.append(f"PH {spans['PH']}")
    return "; ".join(written), tuple(unread)


def times_of(hours: str) -> dict[str, str]:
    """Return the times of each day; empty where the hours are not as simple as that."""
    found = weekly(hours) if hours else None
    if found is None:
        return {}
    times: dict[str, list[str]] = {}
    for rule in found:
        for day in rule.days:
            times.setdefault(day.capitalize(), []).append(f"{rule.opens_at}-{rule.closes_at}")
    said = {day: ", ".join(sorted(spans)) for day, spans in times.items()}
    if re.search(r"\bPH (?:off|closed)\b", hours):
        said["PH"] = "closed"
    return said


def _days(days: list[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"


def _spans(text: str) -> str | None:
    spans = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            return None
        begin, end = _clock(*found.groups()[:3]), _clock(*found.groups()[3:])
        if begin is None or end is None:
            return None
        spans.append(f"{begin}-{end}")
    return ",".join(spans)


def _clock(hour: str, minute: str | None, half: str | None) -> str | None:
    of_day, past = int(hour), int(minute or 0)
    if half:
        if not 1 <= of_day <= _NOON:
            return None
        of_day = of_day % _NOON + (_NOON if half == "pm" else 0)
    if of_day > 24 or past > 59 or (of_day == 24 and past):  # noqa: PLR2004 - hours and minutes
        return None
    return f"{of_day:02d}:{past:02d}"
