"""Lay out a rolling origin: which months are fitted, which are scored, which must be left out and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from geo_service.errors import QueryError
from geo_service.model.periods import Period, month_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geo_service.model.periods import Month
    from geo_service.model.surfaces import Observed, Points

_EPOCH: Final = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Name one fit and what may be scored after it."""

    number: int
    """Month that is scored first, counted from 1, the first month of the data."""
    fit: Period
    """Months that a statistic looks at."""
    ahead: tuple[int, ...]
    """Numbers of months after the fit that can be scored."""

    @property
    def month(self) -> Month:
        """Return the first month that is scored."""
        return self.fit.last + 1

    def scored(self, ahead: int) -> Period:
        """Return the months that are scored so many ahead."""
        return Period(self.month, self.fit.last + ahead)


@dataclass(frozen=True, slots=True)
class Origins:
    """Hold the origins of a backtest, and those that had to be left out."""

    kept: tuple[Origin, ...]
    left_out: tuple[str, ...]
    """What is not scored, each with the reason."""


def lay_origins(
    loaded: Collection[Month], *, fit_months: int | None, ahead: Sequence[int], first: Month | None, last: Month | None
) -> Origins:
    """Lay out the origins that some months of data allow.

    loaded: months that can be trusted, in any order. fit_months: months before each origin, None for all since the
    first. ahead: numbers of months to score. first: earliest month that is scored; None takes the first that has enough
    months before it (12 where all are fitted). last: latest month that any score may look at, so that months beyond it
    stay reserved; None takes the last loaded. A missing month is missing, not zero: an origin that would have to look
    at one is left out and named. Raises QueryError where nothing can be scored.
    """
    if not loaded:
        raise QueryError("No month is loaded", do="Import incidents first", field="from")
    begin, end = min(loaded), max(loaded)
    earliest = begin + (fit_months or 12)
    opening, closing = max(first or earliest, begin + (fit_months or 1)), min(last or end, end)
    kept: list[Origin] = []
    left_out: list[str] = []
    held = set(loaded)
    for month in Period(opening, closing) if opening <= closing else ():
        number = month.ordinal - begin.ordinal + 1
        fit = Period(month - fit_months if fit_months else begin, month - 1)
        lacking = [each for each in fit if each not in held]
        if lacking:
            left_out.append(f"origin {number} ({month}): {month_words(lacking)} is missing from the months fitted")
            continue
        reach = [months for months in ahead if month + (months - 1) <= closing]
        whole = tuple(months for months in reach if all(month + step in held for step in range(months)))
        if len(whole) < len(reach):
            missing = [each for each in Period(month, month + (max(reach) - 1)) if each not in held]
            left_out.append(f"origin {number} ({month}): {month_words(missing)} is missing from the months scored")
        if whole:
            kept.append(Origin(number, fit, whole))
    if not kept:
        raise QueryError(
            "No origin can be scored with these months",
            found=f"{month_words(sorted(held))}; fit {fit_months or 'all before'}, scores from {opening} to {closing}",
            do="Fit fewer months, score fewer ahead, or import the months that are missing",
            field="fit_months",
        )
    return Origins(tuple(kept), tuple(left_out))


def fitted(observed: Observed, period: Period) -> Observed:
    """Return what a statistic looks at over some of its months; everything that is not of months is shared, not copied.

    Raises QueryError where none of the months is loaded.
    """
    inside = [row for row, month in enumerate(observed.months) if period.first <= month <= period.last]
    if not inside:
        raise QueryError("No month of the period is loaded", found=str(period), do="Fit other months", field="from")
    rows = slice(inside[0], inside[-1] + 1)
    by_month, by_month_inside = observed.by_month[rows], observed.by_month_inside[rows]
    return replace(
        observed,
        months=observed.months[rows],
        by_month=by_month,
        by_month_inside=by_month_inside,
        value=by_month.sum(axis=0),
        value_inside=by_month_inside.sum(axis=0),
        points=None if observed.points is None else _points(observed.points, period),
    )


def _points(points: Points, period: Period) -> Points:
    """Keep the incidents that lie within some months, both moments of each: nothing later is known."""
    start, stop = ((month.first_day - _EPOCH).days for month in (period.first, period.last + 1))
    kept = (points.first_day >= start) & (points.last_day <= stop)
    return replace(points, **{field.name: getattr(points, field.name)[kept] for field in fields(points)})
