"""Crossover trials: hotspot-days drawn in blocks from a seed and sealed before the first of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints

    Flags = NDArray[np.bool_]

REFERENCE: Final = (
    "Basford, L., Sims, C., Agar, I., Harinam, V. and Strang, H. (2021): Effects of one-a-day foot patrols on hot "
    "spots of serious violence and crime harm: a randomised crossover trial. Cambridge Journal of Evidence-Based "
    "Policing 5, 119-133."
)
DAY_BEGINS: Final = dt.time(6)
"""The operational day is from six to six."""
TREATED, CONTROL = "patrol", "no patrol"
MOST_DAYS: Final = 1_000
MOST_ZONES: Final = 1_000
_SEAL: Final = "geo_service crossover allocation 1"


@dataclass(frozen=True, slots=True)
class Design:
    """Say what is drawn: the same design gives the same allocation on every machine."""

    zones: tuple[str, ...]
    """Ids, each once."""
    first_day: dt.date
    days: int
    """Operational days, a whole number of blocks."""
    seed: int
    period_days: int = 1
    """Days in a row that a hotspot is in one condition."""
    block_periods: int = 2
    """Periods of a block, even: half of them are patrol in each hotspot."""
    wash_out_days: int = 0
    """First days of each period that are left out of the analysis: what was before still works on them."""

    def __post_init__(self) -> None:
        """Refuse a design that cannot be drawn, naming the parameter."""
        _refuse(not 1 <= len(self.zones) <= MOST_ZONES, "zones", len(self.zones), f"Name 1 to {MOST_ZONES:,} hotspots")
        _refuse(len(set(self.zones)) < len(self.zones), "zones", "one twice", "Name each hotspot once")
        _refuse(not 0 <= self.seed < 2**32, "seed", self.seed, "Give 0 to 4294967295")
        _refuse(self.period_days < 1, "period_days", self.period_days, "Give 1 day or more")
        odd = self.block_periods < 2 or self.block_periods % 2  # noqa: PLR2004 - a pair at least
        _refuse(bool(odd), "block_periods", self.block_periods, "Give an even number: half of each block is patrol")
        late = not 0 <= self.wash_out_days < self.period_days
        _refuse(late, "wash_out_days", self.wash_out_days, f"Give fewer days than a period has ({self.period_days})")
        block = self.period_days * self.block_periods
        broken = not 0 < self.days <= MOST_DAYS or self.days % block != 0
        _refuse(broken, "days", self.days, f"Give whole blocks of {block} days, {MOST_DAYS:,} days at most")

    @property
    def blocks(self) -> int:
        """Return the number of blocks."""
        return self.days // (self.period_days * self.block_periods)

    @property
    def dates(self) -> list[dt.date]:
        """Return the operational days (d), each named by the date on which it begins."""
        return [self.first_day + dt.timedelta(days=day) for day in range(self.days)]

    @property
    def counted(self) -> Flags:
        """Tell which days are analysed: all but those of the wash-out (d)."""
        return np.arange(self.days) % self.period_days >= self.wash_out_days


def _refuse(wrong: bool, field: str, found: object, do: str) -> None:  # noqa: FBT001 - a check in one line
    if wrong:
        raise QueryError(f"The trial cannot have that: {field.replace('_', ' ')}", found=found, do=do, field=field)


def _draws(design: Design, times: int, rng: np.random.Generator) -> Iterator[tuple[Ints, Ints]]:
    """Yield for each block +1 or -1 by hotspot (times, z) and by period (times, p); their product is the condition.

    Half of the periods of a block are +1, and half of the hotspots follow them while the others do the opposite. So
    each hotspot is patrolled in half of each block, and as nearly as can be half of the hotspots on each day: a
    shift has the same work every day.
    """
    zones, periods = len(design.zones), design.block_periods
    for _ in range(design.blocks):
        rank = rng.random((times, zones)).argsort(axis=1).argsort(axis=1)
        more = rng.integers(0, 2, (times, 1)) if zones % 2 else 0
        side = np.where(rank < zones // 2 + more, 1, -1)
        order = rng.random((times, periods)).argsort(axis=1).argsort(axis=1)
        yield side, np.where(order < periods // 2, 1, -1)


def allocate(design: Design) -> Flags:
    """Return the hotspot-days that are patrolled, drawn from the design's seed (z, d). Source: REFERENCE."""
    drawn = [side[0][:, None] * order[0][None, :] for side, order in _draws(design, 1, _generator(design.seed))]
    patrolled: Flags = np.repeat(np.concatenate(drawn, axis=1), design.period_days, axis=1) > 0
    return patrolled


def _generator(seed: int) -> np.random.Generator:
    # PCG64 by name: what `default_rng` is may change with a release, and a drawn allocation may not.
    return np.random.Generator(np.random.PCG64(seed))


def redraw(design: Design, by_period: Sequence[Floats], times: int, seed: int) -> list[Floats]:
    """Sum outcomes over patrolled minus other hotspot-periods, for allocations drawn anew.

    by_period: outcomes, each (z, periods of the trial). Returns for each of them the sums (times).
    """
    sums = [np.zeros(times) for _ in by_period]
    size = design.block_periods
    for block, (side, order) in enumerate(_draws(design, times, _generator(seed))):
        held = [outcome[:, block * size : (block + 1) * size] for outcome in by_period]
        sums = [total + ((side @ each) * order).sum(axis=1) for total, each in zip(sums, held, strict=True)]
    return sums


def periods_of(design: Design, daily: Floats) -> Floats:
    """Add the days that are analysed up by period: (z, d) becomes (z, periods)."""
    kept = np.where(design.counted, daily, 0.0)
    summed: Floats = kept.reshape(len(design.zones), -1, design.period_days).sum(axis=2)
    return summed


def seal(design: Design, patrolled: Flags) -> str:
    """Return the SHA-256 that proves afterwards which allocation was drawn: publish it before the first day.

    Of the design and of every hotspot-day in order, as UTF-8 lines, so that anybody can work it out without this
    program: see docs/analyst.md.
    """
    said = {name: getattr(design, name) for name in ("days", "period_days", "block_periods", "wash_out_days", "seed")}
    head = f"first_day={design.first_day.isoformat()} " + " ".join(f"{name}={value}" for name, value in said.items())
    lines = [
        f"{zone},{day.isoformat()},{TREATED if is_treated else CONTROL}"
        for zone, row in zip(design.zones, patrolled, strict=True)
        for day, is_treated in zip(design.dates, row, strict=True)
    ]
    return hashlib.sha256("\n".join((_SEAL, head, *lines, "")).encode()).hexdigest()


def operational_days(moments: Floats) -> Ints:
    """Return the operational day of moments, in days since 1970-01-01, as they stand on the clock.

    A moment before six belongs to the day before. Exactly midnight is what many systems write where only the date is
    known: it stays on its date.
    """
    begins = DAY_BEGINS.hour / 24
    day = np.floor(moments)
    unknown = np.abs(moments - day) < 1 / 86_400
    return np.where(unknown, day, np.floor(moments - begins)).astype(np.int64)
