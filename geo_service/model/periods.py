"""Whole months, the unit of time that every source has."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MONTHS = 12
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2199
_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """Name one calendar month."""

    ordinal: int
    """Months since January of year 0: year x 12 + month - 1."""

    @classmethod
    def parse(cls, text: str, *, field: str = "month") -> Self:
        """Read `YYYY-MM`; raise QueryError on anything else."""
        found = _WRITTEN.fullmatch(text.strip())
        if found:
            year, month = int(found[1]), int(found[2])
            if _EARLIEST_YEAR <= year <= _LATEST_YEAR and 1 <= month <= _MONTHS:
                return cls(year * _MONTHS + month - 1)
        raise QueryError("Not a month", found=text, do="Write it as YYYY-MM, for example 2025-06", field=field)

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """Return the month that holds a day."""
        return cls(day.year * _MONTHS + day.month - 1)

    @property
    def first_day(self) -> dt.date:
        """Return the first day of the month."""
        return dt.date(self.ordinal // _MONTHS, self.ordinal % _MONTHS + 1, 1)

    @property
    def last_day(self) -> dt.date:
        """Return the last day of the month."""
        return (self + 1).first_day - dt.timedelta(days=1)

    def __add__(self, months: int) -> Month:
        """Return the month so many months later."""
        return Month(self.ordinal + months)

    def __sub__(self, months: int) -> Month:
        """Return the month so many months earlier."""
        return Month(self.ordinal - months)

    def __str__(self) -> str:
        """Return `YYYY-MM`."""
        return f"{self.ordinal // _MONTHS:04d}-{self.ordinal % _MONTHS + 1:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """Name a run of whole months, both ends included."""

    first: Month
    last: Month

    def __post_init__(self) -> None:
        """Refuse an end before the beginning."""
        if self.last < self.first:
            raise QueryError(
                "The period ends before it begins",
                found=f"from {self.first} to {self.last}",
                do="Begin with the earlier month and end with the later one",
                field="to",
            )

    @classmethod
    def parse(cls, first: str, last: str) -> Self:
        """Read two `YYYY-MM`."""
        return cls(Month.parse(first, field="from"), Month.parse(last, field="to"))

    def __len__(self) -> int:
        """Return the number of months."""
        return self.last.ordinal - self.first.ordinal + 1

    def __iter__(self) -> Iterator[Month]:
        """Yield each month in order."""
        return (Month(ordinal) for ordinal in range(self.first.ordinal, self.last.ordinal + 1))

    def __str__(self) -> str:
        """Return `YYYY-MM to YYYY-MM`, or the one month."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def month_words(months: Iterable[Month]) -> str:
    """Write ascending months as the runs that they make, for example `2024-01 to 2024-04, 2025-06`."""
    runs: list[Period] = []
    for month in months:
        if runs and runs[-1].last + 1 == month:
            runs[-1] = Period(runs[-1].first, month)
        else:
            runs.append(Period(month, month))
    return ", ".join(map(str, runs))
