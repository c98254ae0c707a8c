"""Dosage from synthetic tracks whose truth is known: error and coverage at each ping interval.

    python -m benchmarks.dosage

Officers walk from the station to zones of 1 to 6 hectares, wander there for 10 to 16 minutes (every third visit along
the zone's edge), go on, and come back, an hour at a time; the truth is their position each second. Pings are that
position at an interval with a jitter of a fifth of it, moved by an error whose 68 % radius is 10 m and which fades over
half a minute, as the errors of receivers do. Pairs are two tracks three metres apart with pings of their own.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geo_service.patrol.dosage import Pings, StayRules, stays
from geo_service.patrol.presence import presences, total

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.patrol.dosage import Stays

INTERVALS_S = (5, 15, 60, 900)
WALK_M_PER_S = 4.8 / 3.6
ACCURACY_M = 10.0
_FADES_S = 30.0
_BESIDE_M, _MOSTLY = 3.0, 0.7
"""Who walks along an edge is so far inside it, or outside, and mostly inside."""


class Tracks(NamedTuple):
    """Hold true positions at each second: (officers, seconds)."""

    time_s: NDArray[np.float64]
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]
    crew: NDArray[np.int64]


class Row(NamedTuple):
    """Say how the estimates of one interval did."""

    interval_s: int
    visits: int
    found: int
    bias_min: float
    mae_min: float
    covered: float
    shift_bias_min: float
    shift_mae_min: float
    shift_covered: float
    patrol_bias_min: float
    patrol_mae_min: float
    patrol_covered: float


def zones_of(generator: np.random.Generator, count: int = 4) -> NDArray[np.object_]:
    """Return hexagonal blobs of 1 to 6 hectares, 400 m apart."""
    middles = np.stack(np.meshgrid(np.arange(2), np.arange((count + 1) // 2)), axis=-1).reshape(-1, 2)[:count] * 400.0
    return np.array([_blob(generator, middle) for middle in middles], dtype=object)


def _blob(generator: np.random.Generator, middle: NDArray[np.float64]) -> shapely.Geometry:
    around = np.linspace(0, 2 * np.pi, 6, endpoint=False)
    hexagon = np.stack([np.cos(around), np.sin(around)], axis=1) * 66.0
    steps = generator.integers(0, 6, size=int(generator.integers(1, 4)))
    places = np.vstack([np.zeros(2), np.cumsum([_step(step) for step in steps], axis=0)])
    return shapely.union_all([shapely.Polygon(hexagon + middle + place) for place in places]).buffer(0.5)


def _step(side: int) -> NDArray[np.float64]:
    angle = np.pi / 6 + side * np.pi / 3
    step: NDArray[np.float64] = np.array([np.cos(angle), np.sin(angle)]) * 66.0 * np.sqrt(3)
    return step


def walk(generator: np.random.Generator, zones: NDArray[np.object_], hours: int = 8) -> NDArray[np.float64]:
    """Return one officer's positions each second of a shift: (seconds, 2)."""
    station = np.array([200.0, -350.0])
    legs = [station[None]]
    for _ in range(hours):
        legs.append(np.repeat(station[None], 600, axis=0))
        for zone in generator.permutation(len(zones))[:3]:
            legs.append(_way(legs[-1][-1], _inside(generator, zones[zone], edge=False)))
            legs.append(_wander(generator, zones[zone], legs[-1][-1], int(generator.uniform(10, 16) * 60)))
        legs.append(_way(legs[-1][-1], station))
    return np.vstack(legs)[: hours * 3600]


def _way(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    seconds = max(int(np.hypot(*(end - start)) / WALK_M_PER_S), 1)
    return start + (end - start) * (np.arange(1, seconds + 1) / seconds)[:, None]


def _inside(generator: np.random.Generator, zone: shapely.Geometry, *, edge: bool) -> NDArray[np.float64]:
    if edge:
        ring = shapely.boundary(shapely.buffer(zone, -_BESIDE_M if generator.random() < _MOSTLY else _BESIDE_M))
        point = shapely.line_interpolate_point(ring, generator.random(), normalized=True)
        return np.array([point.x, point.y])
    west, south, east, north = zone.bounds
    while True:
        at = generator.uniform((west, south), (east, north))
        if zone.contains(shapely.Point(at)):
            return at


def _wander(
    generator: np.random.Generator, zone: shapely.Geometry, start: NDArray[np.float64], seconds: int
) -> NDArray[np.float64]:
    edge, parts, left = generator.random() < 1 / 3, [start[None]], seconds
    while left > 0:
        part = _way(parts[-1][-1], _inside(generator, zone, edge=edge))
        rest = np.repeat(part[-1:], int(generator.integers(0, 60)), axis=0)
        parts.append(np.vstack([part, rest])[:left])
        left -= len(parts[-1])
    return np.vstack(parts)


def shift(generator: np.random.Generator, zones: NDArray[np.object_], pairs: int = 2) -> Tracks:
    """Return the tracks of some pairs over one shift."""
    tracks, crews = [], []
    for crew in range(pairs):
        led = walk(generator, zones)
        tracks += [led, led + np.array([3.0, 0.0])]
        crews += [crew, crew]
    seconds = min(len(track) for track in tracks)
    both = np.stack([track[:seconds] for track in tracks])
    return Tracks(np.arange(seconds, dtype=np.float64), both[..., 0], both[..., 1], np.array(crews))


def sampled(generator: np.random.Generator, tracks: Tracks, interval_s: int) -> Pings:
    """Return what devices say of tracks: positions at about an interval, each with its error."""
    found = []
    for device in range(len(tracks.crew)):
        ticks = np.arange(generator.uniform(0, interval_s), tracks.time_s[-1], interval_s)
        when = ticks + generator.uniform(-0.2, 0.2, len(ticks)) * interval_s
        at = np.unique(np.clip(np.round(when), 0, len(tracks.time_s) - 1).astype(np.int64))
        error = _errors(generator, at)
        found.append(
            (
                np.full(len(at), device),
                tracks.time_s[at],
                tracks.east_m[device, at] + error[:, 0],
                tracks.north_m[device, at] + error[:, 1],
                np.full(len(at), ACCURACY_M),
                np.full(len(at), tracks.crew[device]),
            )
        )
    return Pings(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _errors(generator: np.random.Generator, at: NDArray[np.int64]) -> NDArray[np.float64]:
    keep = np.exp(-np.diff(at, prepend=at[0] - 10_000) / _FADES_S)
    fresh = generator.standard_normal((len(at), 2)) * np.sqrt(1 - keep**2)[:, None]
    error = np.zeros((len(at), 2))
    for number in range(len(at)):
        error[number] = error[number - 1] * keep[number] + fresh[number]
    return error * ACCURACY_M / 1.515


def truth(tracks: Tracks, zones: NDArray[np.object_], rules: StayRules) -> list[Stays]:
    """Return the true stays of each officer in each zone, by the second and by the same words."""
    count = len(tracks.time_s)
    none = np.full(count, 1e-6)
    found = []
    for device, crew in enumerate(tracks.crew):
        of = np.full(count, device), tracks.time_s, tracks.east_m[device], tracks.north_m[device]
        found.append(stays(Pings(*of, none, np.full(count, crew)), zones, rules))
    return found


def measure(shifts: int = 20, seed: int = 1, intervals: tuple[int, ...] = INTERVALS_S) -> list[Row]:
    """Return a row for each interval."""
    rows = []
    for interval_s in intervals:
        generator = np.random.default_rng(seed)
        single, sums, patrol, seen, real = [], [], [], 0, 0
        for _ in range(shifts):
            zones = zones_of(generator)
            tracks = shift(generator, zones)
            known = truth(tracks, zones, StayRules())
            guess = stays(sampled(generator, tracks, interval_s), zones)
            for device, true in enumerate(known):
                matched, hit = _matched(guess, true, device)
                single += matched
                seen, real = seen + hit, real + len(true)
                sums += [_summed(guess, true, device, zone) for zone in range(len(zones))]
            patrol += [_patrolled(guess, known, crew, zone) for crew in (0, 1) for zone in range(len(zones))]
        rows.append(Row(interval_s, real, seen, *_told(single), *_told(sums), *_told(patrol)))
    return rows


def _matched(guess: Stays, true: Stays, device: int) -> tuple[list[tuple[float, float, float]], int]:
    """Return (true, estimated minutes, error) of each true visit that exactly one estimate overlaps, and vice versa."""
    mine = np.flatnonzero(guess.device == device)
    overlap = (
        (guess.zone[mine][:, None] == true.zone[None])
        & (guess.start_s[mine][:, None] < true.end_s[None])
        & (guess.end_s[mine][:, None] > true.start_s[None])
    )
    alone = overlap & (overlap.sum(axis=0) == 1)[None] & (overlap.sum(axis=1) == 1)[:, None]
    pairs = [(true.minutes[t], guess.minutes[mine[g]], guess.error_min[mine[g]]) for g, t in np.argwhere(alone)]
    return pairs, int(overlap.any(axis=0).sum())


def _summed(guess: Stays, true: Stays, device: int, zone: int) -> tuple[float, float, float]:
    mine = (guess.device == device) & (guess.zone == zone)
    estimate, _, high = total(guess.minutes[mine], guess.error_min[mine], guess.near_edge_min[mine])
    return float(true.minutes[true.zone == zone].sum()), estimate, high - estimate


def _patrolled(guess: Stays, known: list[Stays], crew: int, zone: int) -> tuple[float, float, float]:
    """Return the true, the estimated patrol-minutes of a pair in a zone over the shift, and the error."""
    led = known[2 * crew]
    made = presences(guess)
    mine = (made.crew == crew) & (made.zone == zone)
    estimate, _, high = total(made.patrol_min[mine], made.error_min[mine], made.near_edge_min[mine])
    return float(led.minutes[led.zone == zone].sum()), estimate, high - estimate


def _told(found: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    true, estimate, half = np.array(found).T
    off = estimate - true
    return float(off.mean()), float(np.abs(off).mean()), float((np.abs(off) <= half + 1e-9).mean())


def main() -> None:
    """Print the table."""
    shifts = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    head = "interval  visits  found | visit: bias  MAE  cover | officer-min, zone x shift: bias  MAE  cover"
    print(head + " | patrol-min of a pair: bias  MAE  cover")
    for row in measure(shifts):
        print(
            f"{row.interval_s:6d} s {row.visits:7d} {row.found / row.visits:6.1%} | {row.bias_min:+11.2f} "
            f"{row.mae_min:4.2f} {row.covered:6.1%} | {row.shift_bias_min:+32.2f} {row.shift_mae_min:5.2f} "
            f"{row.shift_covered:6.1%} | {row.patrol_bias_min:+26.2f} {row.patrol_mae_min:5.2f} "
            f"{row.patrol_covered:6.1%}"
        )


if __name__ == "__main__":
    main()
