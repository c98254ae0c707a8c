"""Say at which hours of the week a place has most of its incidents, where the data knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy import stats

if TYPE_CHECKING:
    from geo_service.model.cells import Floats

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LENGTH_H = 4
"""Length of a window in hours."""
FEWEST = 20
"""Known times below which nothing is said: a handful makes any hour look busy."""
LONGEST_H = 4
"""An incident known only to lie in a longer span has no hour."""

_WEEK_H = 168
_DAY_H = 24
_MOST_DAYS = 3
_CHOICES = 24 * 63
"""Windows that are looked through: 24 starting hours, one to three of seven days."""
_CHANCE = 0.05
"""Largest probability, over all choices, that an even spread over the week holds as much in some window."""
_DEFAULT_HOURS = (0, 12)
"""Midnight and noon to the minute: what forms put in when nobody knows."""


def best_hours(committed_from: pl.Series, committed_to: pl.Series) -> str | None:
    """Return the four hours, and the days of the week, that hold most, such as `Fri, Sat 21:00-01:00`.

    committed_from, committed_to: local clock times of the same incidents (n), null where unknown. An incident counts at
    the middle of its span, if that is at most four hours long; exact midnight and noon count as unknown. A window that
    passes midnight belongs to the day it begins on. Returns None where fewer than 20 incidents have a known time, which
    is always so on month-only data. This is a plain count; spans are not yet spread over their hours (aoristic).
    """
    hours = _hours_of_week(committed_from, committed_to)
    known = int(hours.sum())
    if known < FEWEST:
        return None
    windows = np.sum([np.roll(hours, -step) for step in range(LENGTH_H)], axis=0).reshape(len(DAYS), _DAY_H)
    days, start = _busiest(windows)
    inside = float(windows[days, start].sum())
    # The best of many windows always looks busy, so it is held against the best that chance would find.
    by_chance = _CHOICES * float(stats.binom.sf(inside - 1, known, len(days) * LENGTH_H / _WEEK_H))
    if by_chance > _CHANCE:
        return f"No hours of the week stand out ({known} incidents with a known time)"
    said = ", ".join(DAYS[day] for day in days)
    until = (start + LENGTH_H) % _DAY_H
    return f"{said} {start:02d}:00–{until:02d}:00 ({inside / known:.0%} of {known} with a known time)"  # noqa: RUF001


def _hours_of_week(committed_from: pl.Series, committed_to: pl.Series) -> Floats:
    """Count the incidents with a known time by hour of the week, Monday 00:00 first (168)."""
    first, last = pl.col("from"), pl.col("to").fill_null(pl.col("from"))
    span_h = (last - first).dt.total_minutes() / 60
    default = (first.dt.minute() == 0) & (first.dt.second() == 0) & first.dt.hour().is_in(_DEFAULT_HOURS)
    middle = first + (last - first) / 2
    spans = pl.DataFrame({"from": committed_from.cast(pl.Datetime("us")), "to": committed_to.cast(pl.Datetime("us"))})
    at = spans.filter(span_h.is_between(0, LONGEST_H) & ~default).select(
        (middle.dt.weekday().cast(pl.Int64) - 1) * _DAY_H + middle.dt.hour().cast(pl.Int64)
    )
    return np.bincount(at.to_series().to_numpy(), minlength=_WEEK_H).astype(np.float64)


def _busiest(windows: Floats) -> tuple[list[int], int]:
    """Return the days (in order of the week) and the starting hour whose windows hold most for their number.

    windows: what the window from each hour holds, by day (7, 24). Up to three days that hold at least half of what the
    best day holds; the starting hour is the one whose days hold most together.
    """
    ranked = np.sort(windows, axis=0)[::-1][:_MOST_DAYS]
    near_best = np.where(ranked >= ranked[0] / 2, ranked, 0.0)
    start = int(near_best.sum(axis=0).argmax())
    taken = int((near_best[:, start] > 0).sum())
    days = np.argsort(-windows[:, start], kind="stable")[:taken]
    return sorted(days.tolist()), start
