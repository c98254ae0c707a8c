"""Remember by their hashes which rows of a file were seen, in little memory."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO, TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import FaultError
from geo_service.model.hashing import Hashes, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Rows: TypeAlias = NDArray[np.int64]

_PARTITIONS: Final = 64
_PARTITION_SHIFT: Final = np.uint64(58)
"""The upper bits of a hash name its partition, so that partitions follow each other in the order of their hashes."""
_HELD_BYTES: Final = 512 * 1024
"""Bytes of a partition that wait in memory: beyond about two million rows in all, they wait in the temporary folder."""


def buckets(hashes: Hashes, count: int) -> NDArray[np.uint8]:
    """Spread hashes over 0 … count - 1, both halves of each hash taking part."""
    spread: NDArray[np.uint8] = (folded(hashes) % np.uint64(count)).astype(np.uint8)
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
        """Look through a whole file, given in parts with ascending rows; memory holds one partition of its hashes.

        Raises FaultError where the temporary folder cannot take 16 bytes a row.
        """
        with ExitStack() as stack:
            # Such a file has no name: it is gone with the process, however that ends.
            partitions = [stack.enter_context(SpooledTemporaryFile(max_size=_HELD_BYTES)) for _ in range(_PARTITIONS)]
            try:
                for hashes, rows in parts:
                    _spread(hashes, rows, partitions)
                found = [_repeated(partition) for partition in partitions]
            except OSError as error:
                raise FaultError(
                    "The crime numbers of a large file do not fit into the temporary folder",
                    found=error.strerror or error,
                    do=f"Free some space in {gettempdir()}, or name another folder in TMPDIR",
                ) from error
        return cls(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def later(self, hashes: Hashes, rows: Rows) -> Rows:
        """Return for each of n rows the last row with the same hash, 0 where the row is that one itself."""
        if not len(self.hashes):
            return np.zeros(len(hashes), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        last = np.where(self.hashes[at] == hashes, self.rows[at], rows)
        return np.where(last == rows, 0, last)


def _spread(hashes: Hashes, rows: Rows, partitions: Sequence[IO[bytes]]) -> None:
    """Append (hash, row) to the partition of each hash, rows staying in order."""
    number = (hashes >> _PARTITION_SHIFT).astype(np.int64)
    order = np.argsort(number, kind="stable")
    pairs = np.column_stack([hashes, rows.astype(np.uint64)])[order]
    ends = np.cumsum(np.bincount(number, minlength=len(partitions)))
    for partition, part in zip(partitions, np.split(pairs, ends[:-1]), strict=True):
        partition.write(part.tobytes())


def _repeated(partition: IO[bytes]) -> tuple[Hashes, Rows]:
    """Return the hashes of a partition that occur more than once, ascending, with the last row of each."""
    partition.seek(0)
    pairs = np.frombuffer(partition.read(), np.uint64).reshape(-1, 2)
    order = np.argsort(pairs[:, 0], kind="stable")
    hashes = pairs[order, 0]
    same_as_next = np.append(hashes[1:] == hashes[:-1], False)[: len(hashes)]
    same_as_previous = np.insert(same_as_next[:-1], 0, values=False)[: len(hashes)]
    last = same_as_previous & ~same_as_next
    return hashes[last], pairs[order[last], 1].astype(np.int64)
