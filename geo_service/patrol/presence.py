"""From stays of devices to visits: who is in a zone at once is one presence, and the minutes of each are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.patrol.dosage import ALONE

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.patrol.dosage import Stays

Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Presences:
    """Hold visits, by zone, crew and time."""

    zone: Ints
    crew: Ints
    officers: Ints
    """Devices."""
    start_s: Floats
    end_s: Floats
    patrol_min: Floats
    """Minutes that anybody was inside: never more than the officer-minutes."""
    officer_min: Floats
    """Minutes of all together."""
    error_min: Floats
    """Half the width of the interval of the patrol-minutes."""
    officer_error_min: Floats
    """Half the width of the interval of the officer-minutes."""
    near_edge_min: Floats
    """The part of `error_min` that does not average out over visits (see `Stays`)."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.zone)


def presences(stays: Stays) -> Presences:
    """Put the stays of one zone and crew that overlap, or may, together as one visit.

    Two devices that go together cross an edge at once, but their pings do not: where their times differ by no more than
    either may be off, the edge lies at their mean, for the earliest of two guesses is too early; where they differ by
    more, one officer was there first, and the edge is theirs. Where no stay of a crew is longer than the gaps of its
    pings, mates who were not heard of there may have been there as well: the minutes are shared among all of the crew
    who have any stay. Errors of devices are taken as independent.
    """
    order = np.lexsort((stays.end_s, stays.start_s, stays.crew, stays.zone))
    zone, crew, start, end = (getattr(stays, name)[order] for name in ("zone", "crew", "start_s", "end_s"))
    edge, minutes, error = stays.edge_s[order], stays.minutes[order], stays.error_min[order]
    group = _overlapping(zone, crew, start, end)
    count = int(group[-1]) + 1 if len(group) else 0
    first = np.searchsorted(group, np.arange(count))
    start_s, begun = _edge(group, count, start, edge)
    end_s, ended = _edge(group, count, -end, edge)
    end_s = -end_s
    officer_min: Floats = np.bincount(group, weights=minutes, minlength=count).astype(np.float64)
    span = np.bincount(group, weights=(end - start) / 60, minlength=count)
    dense = np.divide(officer_min, span, out=np.ones(count), where=span > 0)
    unsure = stays.near_edge_min[order]
    squares = np.bincount(group, weights=(error - unsure) ** 2, minlength=count)
    members = np.bincount(group, minlength=count)
    near_edge = np.bincount(group, weights=unsure, minlength=count)
    # The mean of several guesses of one edge is off by less than each of them.
    together = np.sqrt(squares / np.maximum(members, 1)) / np.sqrt(np.maximum((begun + ended) / 2, 1))
    brief = np.bincount(group, weights=end - start > 2 * edge, minlength=count) == 0
    shared = officer_min / np.maximum(_mates(stays)[order][first], 1) if count else officer_min
    whole = np.maximum(end_s - start_s, 0.0) / 60 * dense
    return Presences(
        zone=zone[first],
        crew=crew[first],
        officers=_different(group, count, stays.device[order]),
        start_s=start_s,
        end_s=np.maximum(end_s, start_s),
        patrol_min=np.minimum(np.where(brief & (crew[first] != ALONE), shared, whole), officer_min),
        officer_min=officer_min,
        error_min=together + near_edge / np.maximum(members, 1),
        officer_error_min=np.sqrt(squares) + near_edge,
        near_edge_min=near_edge / np.maximum(members, 1),
    )


def _mates(stays: Stays) -> Ints:
    """Return for each stay how many devices its crew has."""
    pairs = np.unique(np.stack([stays.crew, stays.device]), axis=1)
    crews, many = np.unique(pairs[0], return_counts=True)
    found: Ints = many[np.searchsorted(crews, stays.crew)]
    return found


def _overlapping(zone: Ints, crew: Ints, start: Floats, end: Floats) -> Ints:
    """Number the groups of stays that overlap in time, of one zone and crew; the stays are in order of start."""
    if not len(zone):
        return np.zeros(0, dtype=np.int64)
    fresh = np.append(True, (zone[1:] != zone[:-1]) | (crew[1:] != crew[:-1]))
    block = np.cumsum(fresh) - 1
    # The latest end so far, within a block: blocks are lifted apart so that one running maximum serves all.
    low = float(start.min())
    lift = block * (float(end.max()) - low + 1.0)
    latest = np.maximum.accumulate(end - low + lift)
    apart = fresh.copy()
    apart[1:] |= start[1:] - low + lift[1:] >= latest[:-1]
    found: Ints = np.cumsum(apart) - 1
    return found


def _edge(group: Ints, count: int, at: Floats, off: Floats) -> tuple[Floats, Floats]:
    """Return the earliest edge of each group, the mean of those that may be the same, and how many these are."""
    order = np.lexsort((at, group))
    first = order[np.searchsorted(group[order], np.arange(count))]
    same = at - at[first][group] <= off + off[first][group]
    many = np.bincount(group[same], minlength=count)
    # From the first one, so that times since 1970 lose no digits.
    later = np.bincount(group[same], weights=(at - at[first][group])[same], minlength=count)
    return at[first] + later / np.maximum(many, 1), many.astype(np.float64)


def _different(group: Ints, count: int, device: Ints) -> Ints:
    pairs = np.unique(np.stack([group, device]), axis=1)
    found: Ints = np.bincount(pairs[0], minlength=count).astype(np.int64)
    return found


def total(minutes: Floats, error_min: Floats, near_edge_min: Floats | float = 0.0) -> tuple[float, float, float]:
    """Return a sum of minutes and the interval it lies in.

    What position error along edges makes is added up, for it may all be of one sign; the rest of the errors are
    independent, and their squares are.
    """
    unsure = np.minimum(np.broadcast_to(near_edge_min, np.shape(error_min)), error_min)
    half = float(np.sum(unsure) + np.sqrt(np.sum(np.square(error_min - unsure))))
    summed = float(np.sum(minutes))
    return summed, max(summed - half, 0.0), summed + half


def covered_minutes(start_s: Floats, end_s: Floats) -> float:
    """Return the minutes that some spans of time cover together, each counted once."""
    if not len(start_s):
        return 0.0
    order = np.argsort(start_s)
    begin, end = start_s[order], np.maximum.accumulate(end_s[order])
    before = np.append(begin[0], end[:-1])
    return float(np.maximum(end - np.maximum(begin, before), 0.0).sum() / 60)
