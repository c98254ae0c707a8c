"""Say how much of what happened a small part of the places holds, and how much of that chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.hotspots.statistics.shrunk import fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints

SHARES: Final = (0.25, 0.5, 0.8)
"""Shares of the whole that the fewest places are counted for."""
LEVEL: Final = 0.95
CHANCES: Final = 199
"""Worlds that chance makes; the first of a hundred levels of p is 0.005."""
DRAWS: Final = 100
ALPHA: Final = 0.05
"""Share of patternless worlds that are called more concentrated than chance."""
_POINTS: Final = 101
"""Points of a Lorenz curve."""


@dataclass(frozen=True, slots=True)
class Held:
    """Say by how few of the places a share of the whole is held."""

    of_whole: float
    places: float
    """Share of the places, the fullest first."""
    low: float
    high: float
    by_chance: float
    """What chance gives for as many incidents: mean."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """Hold how concentrated one measure is over places."""

    places: int
    total: float
    """Sum of the measure."""
    incidents: float
    empty: float
    """Share of the places that hold nothing."""
    empty_by_chance: float
    held: tuple[Held, ...]
    gini: float
    """Generalised Gini: 0 as even as can be, 1 all in one place (see `gini`)."""
    gini_low: float
    gini_high: float
    gini_by_chance: float
    p: float
    """Chance of a Gini so high where incidents fall anywhere."""
    curve: Floats
    """Lorenz curve at the shares of places of `curve_at`, fullest first."""
    curve_low: Floats
    curve_high: Floats
    """What 95 of 100 patternless worlds lie between."""

    @property
    def verdict(self) -> str:
        """Say whether chance explains it."""
        if not self.total:
            return "nothing happened"
        return "more than chance" if self.p <= ALPHA else "no more than chance"


@dataclass(frozen=True, slots=True)
class Stability:
    """Say how alike two years are."""

    rank_correlation: float
    """Spearman's, over the places that held something in either; nan where that cannot be said."""
    jaccard: float
    """Of the fewest places that hold half."""


def curve_at() -> Floats:
    """Return the shares of places at which Lorenz curves are given: closer together where curves are steep."""
    at: Floats = np.linspace(0.0, 1.0, _POINTS) ** 2
    return at


def gini(value: Floats, incidents: float) -> float:
    """Return the generalised Gini coefficient of a measure over places.

    As the Gini where incidents are at least as many as places; where they are fewer, most places must be empty, and the
    coefficient is measured from the most even that so few incidents can lie (Bernasco and Steenbeek 2017, Journal of
    Quantitative Criminology 33, 451-467). value: (n). nan where there is nothing.
    """
    n, total = len(value), float(value.sum())
    if not total:
        return float("nan")
    plain = (2 * float(np.sort(value) @ np.arange(1, n + 1)) / total - n - 1) / n
    fewer = max(n / incidents, 1.0)
    return fewer * (plain - 1) + 1


def fewest(value: Floats, share: float) -> int:
    """Return the fewest places that hold a share of the whole; 0 where there is nothing."""
    total = float(value.sum())
    if not total:
        return 0
    cumulated = np.cumsum(np.sort(value)[::-1])
    return int(np.searchsorted(cumulated, share * total * (1 - 1e-12), side="left")) + 1


@dataclass(frozen=True, slots=True)
class _Figures:
    """Hold what is measured of one world."""

    numbers: Floats
    """Gini, share of empty places, then the share of places that hold each of SHARES."""
    curve: Floats


def concentration(counts: Ints, worth: Floats, size: Floats, *, seed: int) -> Concentration:
    """Measure how concentrated incidents, or their harm, are over places, against what chance gives.

    counts: incidents by kind and place (k, n). worth: of one incident of each kind, 1 for a count (k). size: of the
    places, square metres or metres (n): chance lets each incident fall anywhere alike, so a place gets its share by
    size. The test is exact for any number of worlds (one-sided Monte Carlo; Barnard 1963, JRSS B 25, 294). Intervals
    are for another period like this one (see `Another`): both differ from the truth alike, so that the figure itself is
    the middle, and the reach is what all but one in twenty pairs of such periods lie apart at most.
    """
    generator = np.random.default_rng(seed)
    totals, incidents = counts.sum(axis=1), float(counts.sum())
    own = _measure(worth @ counts, incidents)
    evenly = np.broadcast_to(size / size.sum(), counts.shape)
    throw = _Thrower(totals, worth, evenly)
    by_chance = [_measure(throw(generator), incidents) for _ in range(CHANCES)]
    another = Another(counts, worth, size, generator)
    drawn = [_measure(*another(generator)).numbers for _ in range(DRAWS)]
    one, other = np.triu_indices(DRAWS, 1)
    reach = np.quantile(np.abs(np.subtract(*(np.array(drawn)[at] for at in (one, other)))), LEVEL, axis=0)
    chance = np.mean([each.numbers for each in by_chance], axis=0)
    curves = np.quantile([each.curve for each in by_chance], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    low, high = np.maximum(own.numbers - reach, 0.0), np.minimum(own.numbers + reach, 1.0)
    at_least = sum(bool(each.numbers[0] >= own.numbers[0]) for each in by_chance)
    return Concentration(
        places=len(size),
        total=float((worth @ counts).sum()),
        incidents=incidents,
        empty=float(own.numbers[1]),
        empty_by_chance=float(chance[1]),
        held=tuple(
            Held(share, *(float(each[at]) for each in (own.numbers, low, high, chance)))
            for at, share in enumerate(SHARES, start=2)
        ),
        gini=float(own.numbers[0]),
        gini_low=float(low[0]),
        gini_high=float(high[0]),
        gini_by_chance=float(chance[0]),
        p=(1 + at_least) / (1 + CHANCES),
        curve=own.curve,
        curve_low=curves[0],
        curve_high=curves[1],
    )


class Another:
    """Let another period happen whose places draw incidents at the same rates.

    The rates are drawn once from what the counts tell of them: a gamma law is fitted to the places, and each place's
    own count moves its rate away from that of the others (gamma-Poisson; Clayton and Kaldor 1987, as in `shrunk`).
    Drawn from the counts themselves a period would leave every empty place empty and be too sure of itself. A new
    incident is of the kinds that its place had, or, as far as the place's rate is drawn from the others, of theirs.
    """

    def __init__(self, counts: Ints, worth: Floats, size: Floats, generator: np.random.Generator) -> None:
        """Fit and draw the rates; counts, worth, size: as `concentration`."""
        held = counts.sum(axis=0).astype(np.float64)
        exposure = size / size.mean()
        prior = fit(held, exposure)
        self._expected, self._own = prior.mean * exposure, np.zeros(len(held))
        if prior.variance:
            shape = prior.mean**2 / prior.variance
            self._expected = generator.gamma(shape + held) / (shape / prior.mean + exposure) * exposure
            self._own = held / (shape + held)
        occurred = counts.sum(axis=1) > 0
        self._worth = float(worth[occurred].max(initial=0.0))
        self._alike = not np.ptp(worth[occurred]) if occurred.any() else True
        # Incidents place by place, so that those of a place lie together.
        self._of_incident = np.repeat(np.tile(worth, len(held)), counts.T.ravel())
        self._held, self._first = held, np.concatenate([[0], np.cumsum(held)[:-1]])

    def __call__(self, generator: np.random.Generator) -> tuple[Floats, float]:
        """Return the measure of each place in one period (n), and its incidents."""
        happened = generator.poisson(self._expected)
        if self._alike:
            return self._worth * happened.astype(np.float64), float(happened.sum())
        place = np.repeat(np.arange(len(happened)), happened)
        of_place = generator.random(len(place)) < self._own[place]
        draw = generator.random(len(place))
        at = np.where(of_place, self._first[place] + draw * self._held[place], draw * len(self._of_incident))
        worth = self._of_incident[at.astype(np.int64)]
        value: Floats = np.bincount(place, weights=worth, minlength=len(happened)).astype(np.float64)
        return value, float(happened.sum())


class _Thrower:
    """Let the incidents of each kind fall."""

    def __init__(self, totals: Ints, worth: Floats, share: Floats) -> None:
        """Take how many of each kind there are (k), what one is worth (k), and where it may fall (k, n)."""
        self._places = share.shape[1]
        kinds = [at for at in range(len(totals)) if totals[at] and worth[at]]
        # Few incidents are placed one by one, many place by place.
        few = [at for at in kinds if totals[at] < self._places]
        self._few = [(int(totals[at]), np.cumsum(share[at])) for at in few]
        self._worth = np.repeat(worth[few], totals[few]) if few else np.zeros(0)
        self._many = [(int(totals[at]), float(worth[at]), share[at]) for at in kinds if at not in set(few)]

    def __call__(self, generator: np.random.Generator) -> Floats:
        """Return the measure of each place in one world (n)."""
        placed = [np.searchsorted(upto, generator.random(total) * upto[-1], side="right") for total, upto in self._few]
        at = np.concatenate([*placed, np.zeros(0, dtype=np.int64)])
        at = np.minimum(at, self._places - 1)
        value = np.bincount(at, weights=self._worth, minlength=self._places).astype(np.float64)
        for total, each, share in self._many:
            open_to = np.flatnonzero(share)
            value[open_to] += each * generator.multinomial(total, share[open_to])
        return value


def _measure(value: Floats, incidents: float) -> _Figures:
    n, total = len(value), float(value.sum())
    cumulated = np.concatenate([[0.0], np.cumsum(np.sort(value)[::-1])])
    curve = np.interp(curve_at(), np.arange(n + 1) / n, cumulated / (total or 1.0))
    few = [fewest(value, share) / n for share in SHARES]
    even = gini(value, incidents)
    return _Figures(np.array([0.0 if np.isnan(even) else even, float((value == 0).mean()), *few]), curve)


def stability(earlier: Floats, later: Floats) -> Stability:
    """Say how alike two years of the same places are: (n) each."""
    either = (earlier > 0) | (later > 0)
    varies = either.any() and np.ptp(earlier[either]) > 0 and np.ptp(later[either]) > 0
    rank = float(scipy.stats.spearmanr(earlier[either], later[either]).statistic) if varies else float("nan")
    halves = [_fullest(each, fewest(each, 0.5)) for each in (earlier, later)]
    both, any_of = (halves[0] & halves[1]).sum(), (halves[0] | halves[1]).sum()
    return Stability(rank, float(both / any_of) if any_of else float("nan"))


def _fullest(value: Floats, count: int) -> NDArray[np.bool_]:
    chosen = np.zeros(len(value), dtype=np.bool_)
    chosen[np.argsort(-value, kind="stable")[:count]] = True
    return chosen
