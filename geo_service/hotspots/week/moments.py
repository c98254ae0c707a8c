"""Read local clock times as stretches of real time, placed on the clock of the week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import scipy

from geo_service.errors import QueryError
from geo_service.model.windows import DAY_MIN, WEEK_MIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints

LONDON: Final = "Europe/London"
LONGEST_H: Final = 168.0
"""Longest span, in hours, that says anything of the hour of the week."""
DEFAULT_HOURS: Final = (0, 12)
"""Midnight and noon: what forms put in when nobody knows."""

_HOUR_MIN: Final = 60
_EPOCH_MIN: Final = 3 * DAY_MIN
"""1970-01-01 was a Thursday; weeks begin on Monday."""
_US: Final = 60_000_000
_ANY_TIME: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - local clock times have no zone
_SURE: Final = 0.001
"""Largest probability that as many exact hours came about by chance, for them to be called a default."""
_LEAST_EXCESS: Final = 1.5
"""How many times the neighbouring hours' count must be there: real peaks lie at midnight too."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """Say which share of the incidents at 00:00 and 12:00, to a minute, stands there because nobody knew the time."""

    shares: tuple[float, float] = (1.0, 1.0)
    """Of midnight and of noon; all of them by default, which is the careful choice where there are few."""
    counts: tuple[int, int] = (0, 0)
    """Incidents that stand there."""
    expected: tuple[float, float] = (0.0, 0.0)
    """What the neighbouring full hours let expect."""

    @property
    def words(self) -> str:
        """Say what was found."""
        found = [
            f"{count:,} incidents stand at {hour:02d}:00 where the hours beside it let expect {expected:,.0f}"
            for hour, share, count, expected in zip(DEFAULT_HOURS, self.shares, self.counts, self.expected, strict=True)
            if share and count
        ]
        if not found:
            return "No more incidents stand at 00:00 or 12:00 than at the full hours beside them."
        return f"{'; '.join(found)}: the excess counts as unknown time."


NO_DEFAULTS: Final = Defaults((0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Spans:
    """Hold when each of n incidents may have happened, as m pieces on the local clock of the week."""

    incident: Ints
    """Incident of each piece (m); more than one piece only where the clocks change within a span."""
    start_min: Floats
    """Minute of the week that the piece begins at, 0 <= start < 10,080, Monday 00:00 first (m)."""
    length_min: Floats
    """Real minutes of the piece; 0 where the moment is known (m)."""
    part: Floats
    """Share of the incident in the piece (m)."""
    unknown: Floats
    """Share of each incident whose time is not known (n); the parts of its pieces add up to the rest."""

    def weighed(self, weight: Floats) -> Floats:
        """Return the weight of each piece (m), from a weight for each incident (n)."""
        return np.asarray(weight[self.incident] * self.part)

    def chosen(self, rows: NDArray[np.bool_]) -> Spans:
        """Return some of the incidents, by a flag for each, numbered anew."""
        kept = rows[self.incident]
        number = np.cumsum(rows) - 1
        return Spans(
            number[self.incident[kept]],
            self.start_min[kept],
            self.length_min[kept],
            self.part[kept],
            self.unknown[rows],
        )


def find_defaults(committed_from: pl.Series, committed_to: pl.Series) -> Defaults:
    """Find how many incidents at midnight or noon are there because a form filled the time in.

    committed_from, committed_to: local clock times (n), null where unknown. Only incidents without a span count: a span
    that begins at midnight says what it says. People write full hours more often than other minutes, so the hour is
    held against the hours beside it (23:00 and 01:00, 11:00 and 13:00), each with the minute before and after: many
    write 00:01 for midnight. An excess that chance gives in fewer than one case of a thousand, and of at least a half,
    is a default.
    """
    first, last = committed_from.cast(pl.Datetime("us")), committed_to.cast(pl.Datetime("us"))
    frame = pl.DataFrame({"first": first, "last": last.fill_null(first)}).filter(pl.col("first") == pl.col("last"))
    near, hour = _near_hour(frame["first"].drop_nulls())
    by_hour = np.bincount(hour[near], minlength=24)
    shares, counts, expected = [], [], []
    for default in DEFAULT_HOURS:
        there, beside = int(by_hour[default]), int(by_hour[default - 1] + by_hour[default + 1])
        chance = float(scipy.stats.binom.sf(there - 1, there + beside, 1 / 3))
        found = chance < _SURE and there > _LEAST_EXCESS * beside / 2
        shares.append(1 - beside / 2 / there if found else 0.0)
        counts.append(there)
        expected.append(beside / 2)
    return Defaults((shares[0], shares[1]), (counts[0], counts[1]), (expected[0], expected[1]))


def _near_hour(at: pl.Series) -> tuple[NDArray[np.bool_], Ints]:
    """Tell which times stand at a full hour, or a minute off it, and at which hour (no nulls)."""
    minute = (at.dt.epoch("us") % (DAY_MIN * _US)).to_numpy() / _US
    hour = np.rint(minute / _HOUR_MIN).astype(np.int64)
    near = np.isin(minute - hour * _HOUR_MIN, (-1, 0, 1))
    return near, hour % 24


def read_spans(
    committed_from: pl.Series,
    committed_to: pl.Series,
    *,
    defaults: Defaults = NO_DEFAULTS,
    longest_h: float = LONGEST_H,
    zone: str = LONDON,
) -> Spans:
    """Place incidents on the clock of the week, by the time that really passed.

    committed_from, committed_to: local clock times (n), null where unknown; without an end an incident is a moment.
    defaults: share of the moments at midnight and noon that is unknown time. A span longer than `longest_h`, or
    one that ends before it begins, is unknown time. Where the clocks go forward the missing hour gets nothing, and a
    time within it is read as if the clock had not been changed; where they go back the doubled hour gets twice its
    share. A time that comes twice is read so that the span is the widest, except that both ends of a span within the
    doubled hour are of one reading. Raises QueryError for limits that are none.
    """
    if not 0 < longest_h <= LONGEST_H:
        raise QueryError(
            "The longest span that says something of the hour is out of range",
            found=f"{longest_h:g} h",
            do=f"Give more than 0 and at most {LONGEST_H:g} h",
            field="longest_h",
        )
    frame = _elapsed(committed_from, committed_to, zone)
    start, end = frame["start"].to_numpy(), frame["end"].to_numpy()
    length = end - start
    known = frame["known"].to_numpy() & (length >= 0) & (length <= longest_h * _HOUR_MIN)
    unknown = np.where(known, _default_share(committed_from, length, defaults), 1.0)
    crosses = known & (frame["start_offset"].to_numpy() != frame["end_offset"].to_numpy()) & (length > 0)
    plain = np.flatnonzero(known & ~crosses)
    row, piece_start, piece_length = _by_hour(np.flatnonzero(crosses), start, end)
    incident = np.concatenate([plain, row])
    begin = np.concatenate([start[plain], piece_start])
    lasts = np.concatenate([length[plain], piece_length])
    offset = np.concatenate([frame["start_offset"].to_numpy()[plain], _offsets(piece_start, zone)])
    whole = length[incident]
    part = np.divide(lasts, whole, out=np.ones(len(lasts)), where=whole > 0) * (1 - unknown[incident])
    kept = part > 0
    at = (begin + offset + _EPOCH_MIN) % WEEK_MIN
    return Spans(incident[kept], at[kept], lasts[kept], part[kept], unknown)


def _elapsed(committed_from: pl.Series, committed_to: pl.Series, zone: str) -> pl.DataFrame:
    """Return minutes since 1970 in real time, and the local clock's distance from them, for both ends."""
    first, last = committed_from.cast(pl.Datetime("us")), committed_to.cast(pl.Datetime("us"))
    frame = pl.DataFrame({"from": first, "to": last.fill_null(first)})
    frame = frame.with_columns(
        from_early=_real("from", zone, "earliest"),
        from_late=_real("from", zone, "latest"),
        to_early=_real("to", zone, "earliest"),
        to_late=_real("to", zone, "latest"),
    )
    one_reading = (pl.col("from_early") != pl.col("from_late")) & (pl.col("to") >= pl.col("from"))
    moment = pl.col("to") == pl.col("from")
    end = pl.when(moment | (one_reading & (pl.col("to_early") != pl.col("to_late"))))
    frame = frame.with_columns(start="from_early", end=end.then(pl.col("to_early")).otherwise(pl.col("to_late")))
    return frame.select(
        *((pl.col(name).dt.epoch("us") / _US).fill_null(0.0).alias(name) for name in ("start", "end")),
        *(_offset(name).fill_null(0.0).alias(f"{name}_offset") for name in ("start", "end")),
        known=pl.col("start").is_not_null() & pl.col("end").is_not_null(),
    )


def _real(name: str, zone: str, reading: str) -> pl.Expr:
    """Return a local clock time as a moment; one that the clocks skipped is read as if they had not."""
    ambiguous = pl.lit(reading)
    local = pl.col(name)
    later = local.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
    return local.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null").fill_null(later)


def _offset(name: str) -> pl.Expr:
    moment = pl.col(name)
    return (moment.dt.replace_time_zone(None).dt.epoch("us") - moment.dt.epoch("us")) / _US


def _offsets(minutes: Floats, zone: str) -> Floats:
    """Return how far the local clock is ahead at some moments, in minutes."""
    moment = pl.Series((minutes * _US).astype(np.int64)).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    found: Floats = moment.to_frame("at").select(_offset("at").cast(pl.Float64)).to_series().to_numpy()
    return found


def _by_hour(rows: NDArray[np.intp], start: Floats, end: Floats) -> tuple[Ints, Floats, Floats]:
    """Cut some spans at every full hour; return the row, start and length of each piece."""
    first = np.floor(start[rows] / _HOUR_MIN).astype(np.int64)
    many = np.ceil(end[rows] / _HOUR_MIN).astype(np.int64) - first
    row = np.repeat(rows, many).astype(np.int64)
    step = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    hour = (np.repeat(first, many) + step) * float(_HOUR_MIN)
    begin = np.maximum(start[row], hour)
    return row, begin, np.minimum(end[row], hour + _HOUR_MIN) - begin


def _default_share(committed_from: pl.Series, length: Floats, defaults: Defaults) -> Floats:
    """Return which share of each incident is unknown time because it stands at a default minute."""
    moment = committed_from.cast(pl.Datetime("us"))
    near, hour = _near_hour(moment.fill_null(_ANY_TIME))
    near &= moment.is_not_null().to_numpy() & (length == 0)
    share = np.zeros(len(length))
    for default, part in zip(DEFAULT_HOURS, defaults.shares, strict=True):
        share[near & (hour == default)] = part
    return share
