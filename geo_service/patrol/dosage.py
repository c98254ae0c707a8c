"""Dosage: from pings of officers' devices to stays in patrol zones, each with an interval for its minutes.

Time counts as inside from half a gap before the first ping inside to half a gap after the last: pings fall at no
particular moment of a stay, so that a crossing lies anywhere in its gap and the sum over many stays is unbiased
(systematic sampling; Cochran 1977, *Sampling Techniques*, 8). What a stay may have been instead is drawn: a crossing
anywhere in its gap, positions off by an error that changes slowly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import erfc

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats

Ints: TypeAlias = NDArray[np.int64]
ACCURACY_M: Final = 10.0
"""Taken for a ping that says none."""
LEVEL: Final = 0.9
"""Level of every interval."""
ALONE: Final = -1
"""Crew of a device that says none."""
_AXIS: Final = 1.515
"""A device's accuracy is the radius that holds 68 % of its positions; along one axis its error is so much less."""
_DRAWS: Final = 200
_FAR_SD: Final = 4.0
"""Beyond so many standard deviations of position error a ping is as far inside or outside as it says."""
_SLOWLY_S: Final = 60.0
"""Position errors keep for about so long."""
_SINGLE: Final = 1.5
"""Factor on the variance of a stay of a single ping: as many again, and shorter ones, were never seen."""
_DOUBT: Final = 0.25
"""Half of the chance that a ping so near the edge lies on its other side: see `benchmarks/dosage.py`."""
_NOTHING_S: Final = 1e-3
_AT_ONCE: Final = 2_000_000
"""Draws times pings that are worked on together."""


@dataclass(frozen=True, slots=True)
class Pings:
    """Hold where devices were; the arrays are of one length, in any order."""

    device: Ints
    """A number for each device, which says nothing about it beyond these arrays."""
    time_s: Floats
    """Seconds since 1970, UTC."""
    east_m: Floats
    """EPSG:27700."""
    north_m: Floats
    accuracy_m: Floats
    """Radius that holds the position with 68 %; NaN where the device says none."""
    crew: Ints
    """A number for those who go together; ALONE where it is not said."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.device)

    def part(self, chosen: NDArray[np.bool_] | Ints) -> Self:
        """Return some of them."""
        columns = (self.device, self.time_s, self.east_m, self.north_m, self.accuracy_m, self.crew)
        return type(self)(*(column[chosen] for column in columns))  # type: ignore[arg-type] # in their order


@dataclass(frozen=True, slots=True)
class StayRules:
    """Say what counts as having stayed."""

    silent_s: float | None = None
    """A device silent for longer is not taken to have stayed; None takes three of its usual gaps, 2 to 30 minutes."""
    bridge_s: float = 120.0
    """Who is outside for less comes back to the same stay; the minutes outside do not count."""
    accuracy_m: float = ACCURACY_M
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse rules that mean nothing, naming the field."""
        for name, value, least, most in (
            ("silent", self.silent_s, 10.0, 7_200.0),
            ("bridge", self.bridge_s, 0.0, 3_600.0),
            ("accuracy", self.accuracy_m, 0.5, 500.0),
        ):
            if value is not None and not least <= value <= most:
                raise QueryError(
                    f"`{name}` is out of range", found=f"{value:g}", do=f"Give {least:g} to {most:g}", field=name
                )


@dataclass(frozen=True, slots=True)
class Stays:
    """Hold stays of single devices in zones, by zone, device and time."""

    zone: Ints
    """Position among the zones."""
    device: Ints
    crew: Ints
    start_s: Floats
    end_s: Floats
    minutes: Floats
    """Inside; what was outside in between is left out."""
    error_min: Floats
    """Half the width of the interval of the minutes, at LEVEL."""
    near_edge_min: Floats
    """The part of it that position error along the edge makes: it has one sign for a whole stay, and does not average
    out over several."""
    edge_s: Floats
    """How far start and end may each be off: half the mean of the gaps there, and the position error."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.zone)


_NO_NUMBERS: Final = np.zeros(0, dtype=np.int64)
EMPTY: Final = Stays(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, *(np.zeros(0) for _ in range(6)))


@dataclass(frozen=True, slots=True)
class _Track:
    """Hold pings in order of device and time, with the gap after each."""

    pings: Pings
    gap_s: Floats
    """To the next ping of the same device; 0 where the device fell silent or ends."""
    tail_s: Floats
    """How long a device is usually away from a ping that another does not follow, or precede: half a usual gap."""
    sd_m: Floats
    unbroken: Ints
    """A number for each stretch without silence."""


def stays(pings: Pings, zones: Geometries, rules: StayRules | None = None) -> Stays:
    """Find the stays of every device in every zone.

    zones: (z,) polygons, EPSG:27700. The same pings in any order, with the same seed, give the same stays.
    """
    rules = rules or StayRules()
    if not len(pings) or not len(zones):
        return EMPTY
    track = _track(pings, rules)
    found = [_in_zone(track, number, zone, rules) for number, zone in enumerate(zones)]
    return _joined([part for part in found if len(part)])


def _joined(parts: list[Stays]) -> Stays:
    if not parts:
        return EMPTY
    return Stays(*(np.concatenate([getattr(part, name) for part in parts]) for name in Stays.__slots__))


def _track(pings: Pings, rules: StayRules) -> _Track:
    order = np.lexsort((pings.north_m, pings.east_m, pings.time_s, pings.device))
    ordered = pings.part(order)
    same = ordered.device[1:] == ordered.device[:-1]
    # A ping that is there twice says nothing new, and is no gap.
    again = np.append(False, same & (ordered.time_s[1:] == ordered.time_s[:-1]))
    ordered = ordered.part(~again)
    same = ordered.device[1:] == ordered.device[:-1]
    gap = np.append(np.where(same, np.diff(ordered.time_s), np.inf), np.inf)
    _, device = np.unique(ordered.device, return_inverse=True)
    usual = _usual_gaps(gap, device)
    limit = np.clip(3 * usual, 120.0, 1_800.0) if rules.silent_s is None else np.full(len(usual), rules.silent_s)
    gap_s = np.where(gap <= limit[device], gap, 0.0)
    accuracy = np.where(np.isfinite(ordered.accuracy_m) & (ordered.accuracy_m > 0), ordered.accuracy_m, np.nan)
    sd_m = np.where(np.isnan(accuracy), rules.accuracy_m, accuracy) / _AXIS
    unbroken = np.append(0, np.cumsum(gap_s[:-1] == 0))
    return _Track(ordered, gap_s, np.minimum(usual, limit)[device] / 2, sd_m, unbroken)


def _usual_gaps(gap: Floats, device: Ints) -> Floats:
    """Return the median gap of each device; 0 for one that was heard of once."""
    order = np.lexsort((gap, device))
    finite = np.isfinite(gap[order])
    count = np.bincount(device[order], weights=finite).astype(np.int64)
    first = np.searchsorted(device[order], np.arange(len(count)))
    middle = gap[order][np.minimum(first + np.maximum(count - 1, 0) // 2, len(gap) - 1)]
    return np.where(count > 0, middle, 0.0)


def _in_zone(track: _Track, number: int, zone: shapely.Geometry, rules: StayRules) -> Stays:
    near = _near(track, zone)
    if not near.any():
        return EMPTY
    at = np.flatnonzero(near)
    pings = track.pings.part(at)
    depth = _depth(zone, pings)
    # A gap counts only where both its ends are looked at; nothing is lost, for what is not looked at is far outside.
    gap = np.where(np.append(np.diff(at) == 1, False), track.gap_s[at], 0.0)
    follows = gap > 0
    preceded = np.append(False, follows[:-1])
    before = np.where(preceded, np.append(0.0, gap[:-1]) / 2, track.tail_s[at])
    after = np.where(follows, gap / 2, track.tail_s[at])
    inside = depth > 0
    share = np.where(inside, before + after, 0.0)
    stay, first, last = _grouped(inside, pings.time_s, before, after, track.unbroken[at], rules.bridge_s)
    if not len(first):
        return EMPTY
    seconds = np.bincount(stay[inside], weights=share[inside], minlength=len(first))
    spread = _spread(_Near(pings, depth, track.sd_m[at], before, after, preceded, follows), stay, len(first), rules)
    doubt = _DOUBT * erfc(np.abs(depth) / (track.sd_m[at] * np.sqrt(2)))
    unsure = np.bincount(stay, weights=doubt * (before + after), minlength=len(first))
    single = np.bincount(stay[inside], minlength=len(first)) == 1
    error = spread * np.where(single, np.sqrt(_SINGLE), 1.0)
    noise = track.sd_m[at] / _WALK_M_PER_S
    return Stays(
        zone=np.full(len(first), number, dtype=np.int64),
        device=pings.device[first],
        crew=pings.crew[first],
        start_s=pings.time_s[first] - before[first],
        end_s=pings.time_s[last] + after[last],
        minutes=seconds / 60,
        error_min=(error + unsure) / 60,
        near_edge_min=unsure / 60,
        edge_s=(before[first] + after[last]) / 2 + (noise[first] + noise[last]) / 2,
    )


_WALK_M_PER_S: Final = 4.8 / 3.6


def _near(track: _Track, zone: shapely.Geometry) -> NDArray[np.bool_]:
    """Choose the pings that may be inside, and the ping before and after each."""
    west, south, east, north = zone.bounds
    pings, room = track.pings, _FAR_SD * track.sd_m
    inside = (
        (pings.east_m > west - room)
        & (pings.east_m < east + room)
        & (pings.north_m > south - room)
        & (pings.north_m < north + room)
    )
    near: NDArray[np.bool_] = inside.copy()
    near[1:] |= inside[:-1]
    near[:-1] |= inside[1:]
    return near


def _depth(zone: shapely.Geometry, pings: Pings) -> Floats:
    """Return how far within the zone each ping lies, in metres; below zero outside."""
    shapely.prepare(zone)
    within = shapely.contains_xy(zone, pings.east_m, pings.north_m)
    away = shapely.distance(shapely.boundary(zone), shapely.points(pings.east_m, pings.north_m))
    found: Floats = np.where(within, away, -away)
    return found


def _grouped(  # noqa: PLR0913, PLR0917 - what is known of each ping
    inside: NDArray[np.bool_],
    time_s: Floats,
    before: Floats,
    after: Floats,
    unbroken: Ints,
    bridge_s: float,
) -> tuple[Ints, Ints, Ints]:
    """Number the stay of each ping (that of the one before it where it is outside), with first and last ping."""
    at = np.flatnonzero(inside)
    if not len(at):
        return np.zeros(len(inside), dtype=np.int64), at, at
    begins, ends = time_s[at] - before[at], time_s[at] + after[at]
    away = begins[1:] - ends[:-1] > max(bridge_s, _NOTHING_S)
    apart = away | (unbroken[at][1:] != unbroken[at][:-1])
    number = np.append(0, np.cumsum(apart))
    first = at[np.append(True, apart)]
    last = at[np.append(apart, True)]
    # What is drawn of a ping outside belongs to the stay that is nearest in order.
    middle = (last[:-1] + first[1:] + 1) // 2
    stay = np.searchsorted(middle, np.arange(len(inside)), side="right")
    stay[at] = number
    return stay, first, last


@dataclass(frozen=True, slots=True)
class _Near:
    pings: Pings
    depth: Floats
    sd_m: Floats
    before: Floats
    after: Floats
    preceded: NDArray[np.bool_]
    follows: NDArray[np.bool_]
    nodes: tuple[Ints, Ints, Floats] = field(init=False)

    def __post_init__(self) -> None:
        """Lay slow errors out: for each ping the node of error before and after it, and how far between it lies."""
        when = self.pings.time_s / _SLOWLY_S
        node = np.floor(when).astype(np.int64)
        _, device = np.unique(self.pings.device, return_inverse=True)
        keys = np.stack([np.append(device, device), np.append(node, node + 1)])
        _, number = np.unique(keys, axis=1, return_inverse=True)
        number = number.ravel()
        object.__setattr__(self, "nodes", (number[: len(node)], number[len(node) :], when - node))


def _spread(near: _Near, stay: Ints, count: int, rules: StayRules) -> Floats:
    """Return half the width of the interval of each stay's seconds, by drawing what may have been instead."""
    device = int(near.pings.device[0]) if len(near.pings.device) else 0
    generator = np.random.default_rng([rules.seed, len(stay), abs(device)])
    drawn = [
        np.stack([np.bincount(stay, weights=seconds, minlength=count) for seconds in batch])
        for batch in _drawn(near, generator)
    ]
    low, high = np.quantile(np.concatenate(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    found: Floats = (high - low) / 2
    return found


def _drawn(near: _Near, generator: np.random.Generator) -> Iterator[Floats]:
    """Yield batches of (draws, pings): seconds inside that fall to each ping."""
    before, after, share = near.nodes
    nodes = int(max(before.max(), after.max())) + 1
    scale = near.sd_m / np.sqrt(share**2 + (1 - share) ** 2)
    size = max(1, min(_DRAWS, _AT_ONCE // len(share)))
    for first in range(0, _DRAWS, size):
        draws = min(size, _DRAWS - first)
        error = generator.standard_normal((draws, nodes))
        depth = near.depth + scale * (error[:, before] * (1 - share) + error[:, after] * share)
        inside = depth > 0
        crossing = generator.random((draws, len(share))) * 2
        opening = generator.random((draws, len(share))) * 2
        # The share of the gap after a ping that falls to it: all of its half, but where the next ping is elsewhere.
        change = np.zeros_like(inside)
        change[:, :-1] = inside[:, 1:] != inside[:, :-1]
        mine = np.where(near.follows & ~change, 1.0, crossing) * near.after
        # A crossing lies once in its gap: who was inside before it has the first part, who is after it the last.
        came = np.ones_like(depth)
        came[:, 1:] = np.where(change[:, :-1], 2 - crossing[:, :-1], 1.0)
        theirs = np.where(near.preceded, came, opening) * near.before
        yield np.where(inside, mine + theirs, 0.0)
