"""When things happen: weekly and nightly rhythm, seasons, and how exactly anybody knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import datetime as dt

    from numpy.random import Generator

    from geo_service.demonstration.curves import Floats
    from geo_service.model.periods import Period

Minutes = NDArray[np.int64]
"""Minutes since the first midnight of the data, local clock time."""

DAY_STARTS: Final = 6
"""The operational day starts at 06:00: two o'clock on Sunday morning belongs to Saturday night."""
_DAY, _WEEK, _HOUR = 24, 168, 60
_YEAR_DAYS: Final = 365.25


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Describe when in the week a kind of offence happens."""

    days: tuple[float, float, float, float, float, float, float]
    """Weight of each operational day, Monday first."""
    peaks: tuple[tuple[float, float, float], ...]
    """(hour, width in hours, weight) of each rise in the day."""
    floor: float = 0.05
    """Weight of any hour at all."""
    summer: float = 0.0
    """How much more in mid-July than on average (0.2: a fifth more), and less in mid-January."""


def week(rhythm: Rhythm) -> Floats:
    """Return the weight of each of the 168 hours from Monday 00:00."""
    clock = np.arange(DAY_STARTS, DAY_STARTS + _DAY) + 0.5
    hour, width, weight = (np.array(part)[:, None] for part in zip(*rhythm.peaks, strict=True))
    apart = np.abs(clock - hour)
    apart = np.minimum(apart, _DAY - apart)
    by_hour = rhythm.floor + (weight * np.exp(-0.5 * (apart / width) ** 2)).sum(axis=0)
    found = np.zeros(_WEEK)
    slot = (np.arange(7)[:, None] * _DAY + np.arange(DAY_STARTS, DAY_STARTS + _DAY)) % _WEEK
    found[slot] = np.array(rhythm.days)[:, None] * by_hour
    return found


@dataclass(frozen=True, slots=True)
class Calendar:
    """Count the hours of a run of whole months."""

    first: dt.date
    days: int

    @classmethod
    def of(cls, period: Period) -> Calendar:
        """Take the days of a period."""
        first = period.first.first_day
        return cls(first, (period.last.last_day - first).days + 1)

    @property
    def minutes(self) -> int:
        """Return the length in minutes."""
        return self.days * _DAY * _HOUR

    def draw(self, rhythm: Rhythm, count: int, rng: Generator, course: Floats) -> Minutes:
        """Draw moments that keep a rhythm; `course` is the level in each of as many equal stretches of the period."""
        day = np.arange(self.days)
        of_year = (self.first.timetuple().tm_yday + day) / _YEAR_DAYS
        season = 1 + rhythm.summer * np.cos(2 * np.pi * (of_year - 0.54))
        trend = course[day * len(course) // self.days]
        hours = np.arange(self.days * _DAY)
        weight = week(rhythm)[(hours + self.first.weekday() * _DAY) % _WEEK] * np.repeat(season * trend, _DAY)
        total = np.cumsum(weight)
        hour = np.searchsorted(total, rng.random(count) * total[-1], side="right")
        moments: Minutes = hour * _HOUR + rng.integers(0, _HOUR, count)
        return moments


def as_reported(moment: Minutes, rng: Generator) -> Minutes:
    """Round moments as people do: most to five minutes, many to the half hour, some not at all."""
    step = rng.choice([1, 5, 15, 30], size=moment.size, p=[0.15, 0.5, 0.15, 0.2])
    rounded: Minutes = moment // step * step
    return rounded


@dataclass(frozen=True, slots=True)
class Span:
    """Say how long the interval is within which something must have happened."""

    median_hours: float
    spread: float
    """Standard deviation of the logarithm."""


def interval(moment: Minutes, span: Span, last: int, rng: Generator) -> tuple[Minutes, Minutes]:
    """Return from and to around moments, within the data's first and last minute."""
    length = np.exp(rng.normal(np.log(span.median_hours * _HOUR), span.spread, moment.size))
    before = length * rng.random(moment.size)
    start = as_reported(np.maximum(moment - before.astype(np.int64), 0), rng)
    end = as_reported(np.minimum(moment + (length - before).astype(np.int64), last), rng)
    return start, np.maximum(end, start)
