"""Tell whether incidents follow each other nearby and soon more often than chance would have it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
from scipy.spatial import cKDTree

from geo_service.errors import QueryError
from geo_service.hotspots.repeats.many_bands import p_of_any
from geo_service.model.surfaces import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints

Metric: TypeAlias = Literal["euclidean", "manhattan"]
METRICS: Final = ("euclidean", "manhattan")
Closed: TypeAlias = Literal["left", "right"]
SAME_PLACE_M: Final = 0.1
"""Metres below which two incidents are at the same place."""
FEWEST_INCIDENTS: Final = 2
MOST_INCIDENTS: Final = 60_000
MOST_PAIRS: Final = 10_000_000
MOST_COMPARED: Final = 500_000_000
"""Pairs that all permutations together look at unless their number is asked for."""
FEWEST_PERMUTATIONS: Final = 99
USUAL_PERMUTATIONS: Final = 999
_POWER: Final = {"manhattan": 1.0, "euclidean": 2.0}


@dataclass(frozen=True, slots=True)
class Bands:
    """Say where the rows (metres) and columns (days) of the table end; one more of each holds all that is beyond."""

    edges_m: tuple[float, ...] = (SAME_PLACE_M, 100.0, 200.0, 300.0, 400.0)
    edges_days: tuple[float, ...] = (1.0, 8.0, 15.0, 29.0, 43.0)
    """The first column holds the same day: 0 up to, without, 1."""
    metric: Metric = "euclidean"
    closed: Closed = "left"
    """`left`: a band holds its lower edge, as the Near Repeat Calculator has it; `right`: its upper edge."""

    def __post_init__(self) -> None:
        """Refuse edges that do not ascend, and an unknown distance."""
        one_of("distance", self.metric, METRICS)
        one_of("closed", self.closed, ("left", "right"))
        for name, edges in (("distances", self.edges_m), ("bands", self.edges_days)):
            if not edges or not np.isfinite(edges).all() or edges[0] <= 0 or list(edges) != sorted(set(edges)):
                raise QueryError(
                    "The bands do not ascend from more than 0",
                    found=", ".join(f"{edge:g}" for edge in edges) or "none",
                    do="Give their upper ends in ascending order, for example 100,200,400",
                    field=name,
                )

    @property
    def rows(self) -> tuple[str, ...]:
        """Return what each row is called."""
        first = "same place" if self.edges_m[0] <= SAME_PLACE_M else f"up to {self.edges_m[0]:g} m"
        named = [f"{low if low > SAME_PLACE_M else 0:g} to {high:g} m" for low, high in pairwise(self.edges_m)]
        return (first, *named, f"more than {self.edges_m[-1]:g} m")

    @property
    def columns(self) -> tuple[str, ...]:
        """Return what each column is called, in whole days."""
        return (
            _days(0, self.edges_days[0], self.closed),
            *(_days(low, high, self.closed) for low, high in pairwise(self.edges_days)),
            f"{self.edges_days[-1] if self.closed == 'left' else self.edges_days[-1] + 1:g} days and more",
        )

    def number(self, amounts: Floats, edges: tuple[float, ...]) -> Ints:
        """Return the band that each amount falls into."""
        side: Literal["left", "right"] = "right" if self.closed == "left" else "left"
        return np.searchsorted(edges, amounts, side=side).astype(np.int64)


def _days(low: float, high: float, closed: Closed) -> str:
    first, last = (low, high - 1) if closed == "left" else (low + 1 if low else 0, high)
    if last <= first:
        return "same day" if first == 0 else f"{first:g} day{'s' if first > 1 else ''}"
    return f"{first:g} to {last:g} days"


@dataclass(frozen=True, slots=True)
class Knox:
    """Hold a table of pairs by distance (rows) and days between them (columns)."""

    bands: Bands
    incidents: int
    permutations: int
    seed: int
    observed: Ints
    """Pairs (rows, columns)."""
    expected: Floats
    """Mean pairs over the permutations; by the margins where there are none."""
    by_margins: Floats
    """Pairs if distance and time had nothing to do with each other: row total times column total over all pairs."""
    p: Floats
    """One-sided, (permutations with as many pairs or more + 1) / (permutations + 1); nan without permutations."""
    p_any: float
    """Of all near bands together, see `p_of_any`: among dozens of bands some p is always small."""

    @property
    def ratio(self) -> Floats:
        """Return observed over expected, the Knox ratio; nan where nothing is expected."""
        empty = np.full(self.observed.shape, np.nan)
        found: Floats = np.divide(self.observed, self.expected, out=empty, where=self.expected > 0)
        return found


def knox(east_north_m: Floats, day: Ints, bands: Bands, *, permutations: int | None = None, seed: int = 1) -> Knox:
    """Count pairs of incidents by distance and days apart, and hold them against shuffled days.

    east_north_m: metres of any plane (n, 2). day: whole days since any day (n). permutations: None takes 999, or fewer
    where there are many pairs. Only the pairs within the last distance are looked at one by one; what lies beyond
    follows from the totals. Raises QueryError for fewer than two incidents and for more than memory can take. Sources:
    Knox, E.G. (1964), "The detection of space-time interactions", Applied Statistics 13; Besag, J. and Diggle, P.J.
    (1977), "Simple Monte Carlo tests for spatial pattern", Applied Statistics 26; Ratcliffe, J.H. (2009), "Near Repeat
    Calculator".
    """
    count = len(day)
    _refuse_number(count)
    east_north_m, day = _in_order(east_north_m, day)
    one, other = close_pairs(east_north_m, bands.edges_m[-1], bands.metric)
    row = bands.number(_distance(east_north_m[one] - east_north_m[other], bands.metric), bands.edges_m)
    rows, columns = len(bands.edges_m) + 1, len(bands.edges_days) + 1
    # Row after row, so that each is one run of pairs; what lies beyond the last distance follows from the totals.
    order = np.argsort(row, kind="stable")[: int((row < rows - 1).sum())]
    ends = np.searchsorted(row[order], np.arange(rows))
    since = day - day.min()
    band_of = bands.number(np.arange(int(since.max()) + 1, dtype=np.float64), bands.edges_days)
    totals = _pairs_by_days(since, band_of, columns)
    # Days are whole, so a band ends before a whole number of them.
    limits = np.searchsorted(band_of, np.arange(columns - 1), side="right")
    apart = _Apart(one[order], other[order], since)

    def table(days: Ints) -> Ints:
        found = apart.days(days)
        runs = [found[first:last] for first, last in pairwise(ends)]
        # Comparing and counting a run is several times faster than a bincount of all pairs.
        up_to = np.array([[np.count_nonzero(run < limit) for limit in limits] + [len(run)] for run in runs])
        near = np.diff(up_to, axis=1, prepend=0)
        return np.vstack([near, totals - near.sum(axis=0)])

    observed = table(since)
    permutations = permutations_for(len(order)) if permutations is None else permutations
    margins = observed.sum(axis=1, keepdims=True) * (totals / max(int(totals.sum()), 1))
    rng = np.random.default_rng(seed)
    shuffled = [table(rng.permutation(since)) for _ in range(permutations)]
    if not permutations:
        return Knox(bands, count, 0, seed, observed, margins, margins, np.full(observed.shape, np.nan), float("nan"))
    p = (np.sum([each >= observed for each in shuffled], axis=0) + 1) / (permutations + 1)
    p_any = p_of_any(observed[:-1, :-1].ravel(), [each[:-1, :-1].ravel() for each in shuffled])
    return Knox(bands, count, permutations, seed, observed, np.mean(shuffled, axis=0), margins, p, p_any)


def _in_order(east_north_m: Floats, day: Ints) -> tuple[Floats, Ints]:
    """Put incidents in an order that does not hang on how they were given, so that a seed gives the same answer."""
    order = np.lexsort((day, east_north_m[:, 1], east_north_m[:, 0]))
    return east_north_m[order], day[order]


class _Apart:
    """Take the days between the incidents of the same pairs again and again, in rooms that are made once."""

    def __init__(self, one: Ints, other: Ints, day: Ints) -> None:
        self._pairs = one, other
        self._type = np.int16 if int(day.max() - day.min()) < np.iinfo(np.int16).max else np.int64
        self._rooms = np.empty(len(one), self._type), np.empty(len(one), self._type)

    def days(self, day: Ints) -> NDArray[np.signedinteger]:
        """Return the days of each pair, without sign; the next call writes over them."""
        (one, other), (first, second) = self._pairs, self._rooms
        small = day.astype(self._type)
        np.take(small, one, out=first, mode="clip")
        np.take(small, other, out=second, mode="clip")
        np.subtract(first, second, out=first)
        apart: NDArray[np.signedinteger] = np.abs(first, out=first)
        return apart


def permutations_for(pairs: int) -> int:
    """Return how many permutations so many pairs can have in some seconds, 99 to 999."""
    return int(np.clip(MOST_COMPARED // max(pairs, 1), FEWEST_PERMUTATIONS, USUAL_PERMUTATIONS))


def _refuse_number(count: int) -> None:
    if not FEWEST_INCIDENTS <= count <= MOST_INCIDENTS:
        raise QueryError(
            "Pairs cannot be counted of so many incidents",
            found=f"{count:,} incidents",
            do=f"Choose an area and months with {FEWEST_INCIDENTS} to {MOST_INCIDENTS:,} that have a day and a place",
            field="offences",
        )


def close_pairs(east_north_m: Floats, within_m: float, metric: Metric) -> tuple[Ints, Ints]:
    """Return both incidents of every pair at most so many metres apart; raise QueryError where there are too many."""
    tree = cKDTree(east_north_m)
    # Every incident meets itself, and every pair both ways.
    pairs = (int(tree.count_neighbors(tree, within_m, p=_POWER[metric])) - len(east_north_m)) // 2
    if pairs > MOST_PAIRS:
        raise QueryError(
            "Too many incidents lie near each other for every pair to be looked at",
            found=f"{pairs:,} pairs within {within_m:g} m",
            do="Ask for fewer months, a smaller area or shorter distances",
            field="distances",
        )
    found = tree.query_pairs(within_m, p=_POWER[metric], output_type="ndarray").reshape(-1, 2)
    return found[:, 0].astype(np.int64), found[:, 1].astype(np.int64)


def _distance(apart_m: Floats, metric: Metric) -> Floats:
    found: Floats = np.abs(apart_m).sum(axis=1) if metric == "manhattan" else np.hypot(apart_m[:, 0], apart_m[:, 1])
    return found


def _pairs_by_days(since: Ints, band_of: Ints, columns: int) -> Ints:
    """Count all pairs by the band of days between them, from how many incidents each day has."""
    a_day = np.bincount(since).astype(np.float64)
    size = 1 << int(2 * len(a_day) - 1).bit_length()
    spectrum = np.fft.rfft(a_day, size)
    apart = np.rint(np.fft.irfft(spectrum * np.conj(spectrum), size)[: len(a_day)]).astype(np.int64)
    apart[0] = (apart[0] - len(since)) // 2
    return np.bincount(band_of, apart, columns).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Preventable:
    """Say which share of incidents a visited ring around the ones before them would have reached."""

    within_m: float
    within_days: int
    incidents: int
    repeats: int
    """Incidents that follow another at the same place."""
    near_repeats: int
    """Incidents that follow another nearby, and none at the same place."""
    by_chance: float
    """Share that would follow another if the days were shuffled, repeats included; nan without permutations."""
    p: float
    """One-sided, that so many follow another by chance; nan without permutations."""

    @property
    def share(self) -> float:
        """Return the share of all incidents that follow another."""
        return (self.repeats + self.near_repeats) / self.incidents if self.incidents else float("nan")


def preventable(  # noqa: PLR0913 - a ring has these parts
    east_north_m: Floats,
    day: Ints,
    *,
    within_m: float,
    within_days: int,
    metric: Metric = "euclidean",
    permutations: int = 99,
    seed: int = 1,
) -> Preventable:
    """Count the incidents that happened within so many metres and days after an earlier one.

    east_north_m: (n, 2). day: whole days (n). The same day does not count: the ring is visited from the day after on.
    An upper bound, for a visit does not prevent every offence; `by_chance` says what part is mere closeness of places.
    """
    _refuse_number(len(day))
    east_north_m, day = _in_order(east_north_m, day)
    one, other = close_pairs(east_north_m, within_m, metric)
    same = _distance(east_north_m[one] - east_north_m[other], metric) < SAME_PLACE_M

    def follows(days: Ints, kept: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        later = days[other] - days[one]
        soon = np.abs(later)
        pairs = np.flatnonzero((soon >= 1) & (soon <= within_days) & (True if kept is None else kept))
        found = np.zeros(len(days), dtype=np.bool_)
        found[np.where(later[pairs] > 0, other[pairs], one[pairs])] = True
        return found

    small = day - day.min()
    small = small.astype(np.int16) if small.max() < np.iinfo(np.int16).max else small
    repeats, either = follows(small, same), follows(small)
    rng = np.random.default_rng(seed)
    shuffled = [follows(rng.permutation(small)).sum(keepdims=True) for _ in range(permutations)]
    return Preventable(
        within_m,
        within_days,
        incidents=len(day),
        repeats=int(repeats.sum()),
        near_repeats=int((either & ~repeats).sum()),
        by_chance=float(np.mean(shuffled)) / len(day) if shuffled else float("nan"),
        p=p_of_any(either.sum(keepdims=True), shuffled),
    )
