"""What a sheet says of a patrol zone beside its place: trend, near repeats, hours, what to do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.model.windows import DAY_MIN, STEP_MIN, WEEK_MIN

if TYPE_CHECKING:
    from geo_service.model.cells import Floats, Ints
    from geo_service.model.patrol import Shift

BUSY: Final = 1.5
"""How many times its mean over the week is expected of a zone in the hours that are called its windows."""
LEAST_WINDOW_MIN: Final = 60
"""Shortest window: one patrol."""
BEST_OF_SHIFT_MIN: Final = 120
"""What is taken of a shift that no window of a zone falls into: its best two hours."""


@dataclass(frozen=True, slots=True)
class WeekSpan:
    """Hold a stretch of the week in which much more than usual is expected of a zone."""

    start_min: int
    """Minute of the week, Monday 00:00 first."""
    length_min: int
    per_h: float
    """Expected in an hour of it: harm, or incidents where no harm is weighed."""


@dataclass(frozen=True, slots=True)
class ShiftHours:
    """Hold when in a shift a visit to a zone does most."""

    windows: tuple[tuple[int, int], ...]
    """Minutes of the shift, ascending and apart."""
    per_h: float
    """Expected in an hour of them, on average."""
    usual: bool
    """Whether they are windows of the zone's week; otherwise the best of a shift in which less is expected, or, where
    no hours are known, all of it."""


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """Say of a zone what its cells alone do not; nothing here gives back a count below three or a hidden offence."""

    zone: str
    """Id of the zone."""
    trend: str
    """Whether it rises or falls beside the whole area, with how sure that is."""
    near_repeats: str
    """Whether there was burglary nearby lately; empty where no offence set of burglary is known."""
    hours: tuple[str, ...]
    """When most is expected, and what that rests on."""
    windows: tuple[WeekSpan, ...] | None
    """Of the week, ascending; None where the data has no hours."""
    per_h: float
    """Expected in any hour of the week, on average: harm, or incidents where no harm is weighed."""
    week: Floats
    """Expected in each hour of the week, Monday 00:00 first (168); even where the data has no hours."""
    measure: str
    """What is expected: `incidents`, or the name of the harm."""
    prompts: tuple[str, ...] = ()
    """What to do there: problem solving, one line each."""
    notes: tuple[str, ...] = ()
    """What must be said of all this, in small print."""

    def in_shift(self, shift: Shift) -> ShiftHours:
        """Return when in a shift most is expected: its windows, else its best two hours; all of it without hours."""
        if self.windows is None:
            return ShiftHours(((0, shift.minutes),), self.per_h, usual=False)
        steps = _steps_of(shift)
        busy = np.zeros(WEEK_MIN // STEP_MIN, dtype=np.bool_)
        for window in self.windows:
            at = np.arange(window.start_min, window.start_min + window.length_min, STEP_MIN) % WEEK_MIN // STEP_MIN
            busy[at] = True
        found = tuple(span for span in _runs(busy[steps], shift.minutes) if span[1] - span[0] >= LEAST_WINDOW_MIN)
        spans = found or (self._best_of(steps, shift.minutes),)
        return ShiftHours(spans, self.expected(shift, spans), usual=bool(found))

    def expected(self, shift: Shift, spans: tuple[tuple[int, int], ...]) -> float:
        """Return what is expected in an hour of some spans of a shift, in minutes of it, on average."""
        rates = self.week[_steps_of(shift) * STEP_MIN // 60]
        inside = np.zeros(len(rates))
        for first, last in spans:
            edges = np.arange(len(rates)) * STEP_MIN
            inside += np.clip(np.minimum(edges + STEP_MIN, last) - np.maximum(edges, first), 0, STEP_MIN)
        return float((rates * inside).sum() / inside.sum()) if inside.any() else 0.0

    def _best_of(self, steps: Ints, minutes: int) -> tuple[int, int]:
        """Return the best two hours of a shift, or all of a shorter one."""
        width = min(BEST_OF_SHIFT_MIN // STEP_MIN, len(steps))
        rates = np.concatenate([[0.0], np.cumsum(self.week[steps * STEP_MIN // 60])])
        start = int(np.argmax(rates[width:] - rates[:-width])) * STEP_MIN
        return start, min(start + width * STEP_MIN, minutes)


def _steps_of(shift: Shift) -> Ints:
    """Return the quarter of an hour of the week, by the clock, in which each quarter of a shift begins."""
    times = [shift.at(minute) for minute in range(0, shift.minutes, STEP_MIN)]
    return np.array([(at.weekday() * DAY_MIN + at.hour * 60 + at.minute) // STEP_MIN for at in times], dtype=np.int64)


def _runs(flags: np.ndarray[tuple[int], np.dtype[np.bool_]], minutes: int) -> list[tuple[int, int]]:
    """Return where flags by quarters of an hour are set, in minutes, cut to the shift."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [
        (int(first) * STEP_MIN, min(int(last) * STEP_MIN, minutes))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]
