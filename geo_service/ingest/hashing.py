"""Hash text in bulk, the same on every machine and in every version, and remember what was seen in little memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

Hashes: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.int64]

_OFFSET: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x00000100000001B3)


def fnv1a64(texts: pl.Series) -> Hashes:
    """Hash n texts with 64-bit FNV-1a over their UTF-8 bytes; a null hashes as the empty text.

    One pass for each byte position, so the cost grows with the longest text. Source: Fowler, Noll, Vo;
    IETF draft-eastlake-fnv, which has the test vectors.
    """
    hashes = np.full(len(texts), _OFFSET)
    binary = texts.fill_null("").cast(pl.Binary).to_arrow().cast(pa.large_binary())
    _, offsets_buffer, data_buffer = binary.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[binary.offset : binary.offset + len(binary) + 1]
    if len(offsets) == 0 or data_buffer is None:
        return hashes
    data = np.frombuffer(data_buffer, np.uint8)
    starts, lengths = offsets[:-1], np.diff(offsets)
    alive = np.flatnonzero(lengths)
    position = 0
    while len(alive):
        byte = data[starts[alive] + position].astype(np.uint64)
        hashes[alive] = (hashes[alive] ^ byte) * _PRIME
        position += 1
        alive = alive[lengths[alive] > position]
    return hashes


def buckets(hashes: Hashes, count: int) -> NDArray[np.uint8]:
    """Spread hashes over 0 … count - 1, both halves of each hash taking part."""
    folded: Hashes = hashes ^ (hashes >> np.uint64(32)) ^ (hashes >> np.uint64(60))
    spread: NDArray[np.uint8] = (folded % np.uint64(count)).astype(np.uint8)
    return spread


@dataclass(slots=True)
class FirstRows:
    """Remember on which row each hash came first, in 16 bytes a row."""

    _runs: list[tuple[Hashes, Rows]] = field(default_factory=list)
    """Sorted by hash; each run at least twice as long as the next, so there are few."""

    def earlier(self, hashes: Hashes, rows: Rows) -> Rows:
        """Return for each of n rows the earlier row with the same hash, 0 where there is none; remember the rest."""
        unique, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        known = np.zeros(len(unique), dtype=np.int64)
        for run_hashes, run_rows in self._runs:
            at = np.minimum(np.searchsorted(run_hashes, unique), len(run_hashes) - 1)
            found = run_hashes[at] == unique
            known[found] = run_rows[at[found]]
        new = known == 0
        if new.any():
            self._add(unique[new], rows[first[new]])
        earliest = np.where(new, rows[first], known)[inverse]
        return np.where(earliest == rows, 0, earliest)

    def _add(self, hashes: Hashes, rows: Rows) -> None:
        while self._runs and len(self._runs[-1][0]) < 2 * len(hashes):
            run_hashes, run_rows = self._runs.pop()
            hashes, rows = np.concatenate([run_hashes, hashes]), np.concatenate([run_rows, rows])
            order = np.argsort(hashes)
            hashes, rows = hashes[order], rows[order]
        self._runs.append((hashes, rows))


@dataclass(frozen=True, slots=True)
class LastRows:
    """Know the last row of each hash that occurs more than once."""

    hashes: Hashes
    """Repeated hashes, ascending."""
    rows: Rows
    """The last row of each."""

    @classmethod
    def of(cls, parts: Iterable[tuple[Hashes, Rows]]) -> LastRows:
        """Look through a whole file, given in parts with ascending rows; 16 bytes a row while it runs."""
        kept = list(parts)
        hashes = np.concatenate([part[0] for part in kept]) if kept else np.empty(0, np.uint64)
        rows = np.concatenate([part[1] for part in kept]) if kept else np.empty(0, np.int64)
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        same_as_next = np.append(ordered[1:] == ordered[:-1], False) if len(ordered) else np.empty(0, bool)
        same_as_previous = np.insert(same_as_next[:-1], 0, values=False) if len(ordered) else same_as_next
        last = same_as_previous & ~same_as_next
        return cls(ordered[last], rows[order[last]])

    def later(self, hashes: Hashes, rows: Rows) -> Rows:
        """Return for each of n rows the last row with the same hash, 0 where the row is that one itself."""
        if not len(self.hashes):
            return np.zeros(len(hashes), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        last = np.where(self.hashes[at] == hashes, self.rows[at], rows)
        return np.where(last == rows, 0, last)
