"""Trend and hours of a zone in words that give no count back."""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING, Final

from geo_service.evaluation.etest import e_test
from geo_service.evaluation.ratio import rate_ratio
from geo_service.hotspots.week.hours import FEWEST, busiest, hours_words

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.periods import Month, Period

FEWEST_FOR_TREND: Final = 20
"""Incidents of both spans together below which no trend is told."""
_SURE: Final = 0.05
_ROUND: Final = 5
"""Per cent to which changes and shares are rounded: what is printed must not give counts back."""
_TWICE: Final = 2.0
_ROUND_FAR: Final = 25
"""The same for what is more than twice."""
_MANY_TIMES: Final = 4.0
"""Ratio above which none is named."""
_FEW_TIMES: Final = 0.5
"""Ratio below which none is named: "about 100 % fewer (likely 50 to 100 % fewer)" is 0 after 20 and nothing else."""
_LEAST_MEAN_H: Final = 1e-12

TOO_FEW_MONTHS: Final = "Too few months are loaded to tell a trend."
TOO_FEW: Final = "Too few incidents to tell a trend."
METHOD: Final = (
    (
        "Trend: the last three months of the period against those before, each as a share of what the whole area had, "
        "so that season and area count for neither; e-test at 5 %, likely range at 90 %. One zone in twenty is called "
        "rising or falling by chance alone, and incidents that come in bouts make it more."
    ),
    (
        "Near repeats: burglary near the zone in the last weeks of the data, by the rules of a super-cocoon; the risk "
        "around a burgled home is raised for some weeks and fades with distance."
    ),
)
HOURS_METHOD: Final = (
    "Hours: incidents, each counted once, spread over the time they may have happened in (aoristic), those of a zone "
    "steadied by the hours of the whole area as 240 incidents; the share is what may be expected, not what was. Harm "
    "lies on too few incidents to say when: how much is by harm, when is by incidents."
)
MONTHS_ONLY: Final = "Hours are not known: this data has months only. Times chosen by the sergeant, not from data."


def trend(after: int, before: int, whole: tuple[float, float], recent: Period) -> str:
    """Say whether a zone rises or falls against the whole area.

    after, before: its incidents in the recent months and in those before. whole: those of the area, in both.
    """
    if after + before < FEWEST_FOR_TREND or min(whole) <= 0:
        return TOO_FEW
    p = e_test(after, before, lengths=whole)
    ratio, low, high = rate_ratio(after, before, lengths=whole)
    months = _months(recent)
    if p >= _SURE:
        return f"No clear change against the area ({_range(low, high)}), {months}."
    word = "Rising" if ratio > 1 else "Falling"
    if not _FEW_TIMES <= ratio <= _MANY_TIMES:
        return f"{word}, {_change(ratio)} against the area, {months}."
    return f"{word}, about {_change(ratio)} against the area (likely {_range(low, high)}), {months}."


def _range(low: float, high: float) -> str:
    """Return two changes, the unit once where both go the same way: `35 to 90 % more`."""
    (less, fewer), (more, word) = _rounded(low), _rounded(high)
    if fewer == word and low >= _FEW_TIMES and high <= _MANY_TIMES:
        first, last = sorted((less, more))
        return f"{first} % {word}" if first == last else f"{first} to {last} % {word}"
    return f"{_change(low)} to {_change(high)}"


def _change(ratio: float) -> str:
    """Return a ratio as a rounded change."""
    if ratio > _MANY_TIMES:
        return f"over {(_MANY_TIMES - 1) * 100:g} % more"
    if ratio < _FEW_TIMES:
        return f"over {(1 - _FEW_TIMES) * 100:g} % fewer"
    percent, word = _rounded(ratio)
    return f"{percent} % {word}" if percent else "as many"


def _rounded(ratio: float) -> tuple[int, str]:
    """Return by how many per cent a rate differs, and which way."""
    step = _ROUND if ratio < _TWICE else _ROUND_FAR
    percent = round((min(ratio, _MANY_TIMES) - 1) * 100 / step) * step
    return abs(percent), "more" if percent > 0 else "fewer" if percent < 0 else ""


def _months(period: Period) -> str:
    first, last = _month(period.first), _month(period.last)
    if period.first.first_day.year == period.last.first_day.year:
        first = first.rpartition(" ")[0]
    return f"{first} to {last}"


def _month(month: Month) -> str:
    day = month.first_day
    return f"{calendar.month_name[day.month]} {day.year}"


def no_hours() -> tuple[str, ...]:
    """Say that the data has no hours."""
    return (MONTHS_ONLY,)


def hours(week: Floats, worth: float) -> tuple[str, ...]:
    """Say when most is expected, and what that rests on.

    week: expected in each hour of the week (168). worth: incidents with a known time that stand behind it.
    """
    total = float(week.sum())
    if total <= _LEAST_MEAN_H:
        return ("Nothing is expected at any hour: no incident there has a weight.",)
    days, start, inside = busiest(week)
    share = round(inside / total * 100 / _ROUND) * _ROUND
    most = f"Most {hours_words(days, start)} (about {share} % of a week)."
    if worth < FEWEST:
        return (most, "Too few known times of its own: the hours of the area.")
    return (most, "By its own incidents, steadied by the area.")
