"""Say at which hours of the week a place has most of its incidents, where the data knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.hotspots.week.moments import Defaults, read_spans
from geo_service.hotspots.week.profiles import spread
from geo_service.model.windows import DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from geo_service.model.cells import Floats

LENGTH_H: Final = 4
"""Length of a window in hours."""
FEWEST: Final = 20
"""Known times below which nothing is said: a handful makes any hour look busy."""
LONGEST_H: Final = 24
"""An incident known only to lie in a longer span says nothing of the hour."""

_WEEK_H: Final = 168
_DAY_H: Final = 24
_MOST_DAYS: Final = 3
_CHOICES: Final = 24 * 63
"""Windows that are looked through: 24 starting hours, one to three of seven days."""
_CHANCE: Final = 0.05
"""Largest probability, over all choices, that an even spread over the week holds as much in some window."""


def best_hours(committed_from: pl.Series, committed_to: pl.Series, defaults: Defaults | None = None) -> str | None:
    """Return the four hours, and the days of the week, that hold most, such as `Fri, Sat 21:00-01:00`.

    committed_from, committed_to: local clock times of the same incidents (n), null where unknown. A span of at most a
    day is spread over its hours (see `spread`). defaults: found in more data than this; without them all of midnight
    and noon counts as unknown. A window that passes midnight belongs to the day it begins on. Returns None where fewer
    than 20 incidents have a known time, which is always so on month-only data. Each incident counts for itself: several
    offences of one event make hours stand out that do not. The share is of the data that the hours were chosen by, and
    less is to be expected afterwards.
    """
    spans = read_spans(committed_from, committed_to, defaults=defaults or Defaults(), longest_h=LONGEST_H)
    hours = spread(spans).hours[0]
    known = round(float(hours.sum()))
    if known < FEWEST:
        return None
    days, start, inside = busiest(hours)
    # The best of many windows always looks busy, so it is held against the best that chance would find. Spans that are
    # spread make the sum vary less than whole incidents do, so the bound errs on the careful side.
    by_chance = _CHOICES * float(scipy.stats.binom.sf(np.floor(inside) - 1, known, len(days) * LENGTH_H / _WEEK_H))
    if by_chance > _CHANCE:
        return f"No hours of the week stand out ({known} incidents with a known time or span)"
    share = min(inside / known, 1.0)
    return f"{hours_words(days, start)} ({share:.0%} of {known} with a known time or span)"


def hours_words(days: Sequence[int], start: int) -> str:
    """Return the four hours from one on of some days, such as `Fri, Sat 21:00-01:00`."""
    until = (start + LENGTH_H) % _DAY_H
    return f"{', '.join(DAYS[day] for day in days)} {start:02d}:00–{until:02d}:00"  # noqa: RUF001


def busiest(hours: Floats) -> tuple[list[int], int, float]:
    """Return the days (in order of the week) and the starting hour of the four hours that hold most for their number.

    hours: what each hour of the week holds (168). Up to three days that hold at least half of what the best day holds;
    the starting hour is the one whose days hold most together. Returns what they hold too.
    """
    windows = np.sum([np.roll(hours, -step) for step in range(LENGTH_H)], axis=0).reshape(len(DAYS), _DAY_H)
    ranked = np.sort(windows, axis=0)[::-1][:_MOST_DAYS]
    near_best = np.where(ranked >= ranked[0] / 2, ranked, 0.0)
    start = int(near_best.sum(axis=0).argmax())
    taken = int((near_best[:, start] > 0).sum())
    days = sorted(np.argsort(-windows[:, start], kind="stable")[:taken].tolist())
    return days, start, float(windows[days, start].sum())
