"""Rows of a change that wait on disk, in the order they came, in hash partitions of bounded size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa

from geo_service.model.hashing import fnv1a64, folded
from geo_service.store import columns
from geo_service.store.disk import disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.model.hashing import Hashes

FINEST: Final = 64
"""Pieces that the rows of a slot are cut into by the hash of their key; some neighbouring ones make a partition."""
_WAITING_ROWS: Final = 1_000_000
"""Rows that wait in memory, about 250 bytes each, before they are written."""
_WAITING_BATCHES: Final = 50
"""Batches of one slot that wait: a few rows cut out of a batch keep the text of all its rows in memory."""
_KEY: Final = "_key"
_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(slots=True)
class Spill:
    """Keep batches of rows by slot."""

    folder: Path
    name: str
    """Begins the names of its files."""
    schema: pl.Schema
    keyed: Callable[[str], bool] = lambda _slot: False
    """Tells the slots whose rows must be had by hash partition."""
    rows: dict[str, int] = field(default_factory=dict)
    """Rows of each slot."""
    _batches: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    _files: dict[str, list[Path]] = field(default_factory=dict)
    _waiting: int = 0
    _written: int = 0

    def add(self, slot: str, frame: pl.DataFrame) -> None:
        """Put a batch aside; an empty one makes the slot known. Raises ValueError for a missing column."""
        rows = columns.chosen_columns(frame, self.schema)
        self.rows[slot] = self.rows.get(slot, 0) + rows.height
        batches = self._batches.setdefault(slot, [])
        if rows.is_empty():
            return
        batches.append(rows)
        self._waiting += rows.height
        if self._waiting >= _WAITING_ROWS or len(batches) >= _WAITING_BATCHES:
            self._write()

    def slots(self) -> list[str]:
        """Return the slots that rows were put aside for."""
        return sorted(self.rows)

    def part(self, slot: str, part: int = 0, parts: int = 1) -> pl.DataFrame:
        """Return the rows of a slot in the order they came, or those of one of `parts` (a power of two) partitions."""
        self._write()
        width = FINEST // parts
        wanted = range(part * width, (part + 1) * width) if self.keyed(slot) else range(1)
        frames = [self.schema.to_frame()]
        with disk_errors():
            for path in self._files.get(slot, []):
                with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
                    table = pa.Table.from_batches([reader.get_batch(piece) for piece in wanted], reader.schema)
                frames.append(columns.to_polars(table).select(self.schema.names()))
        return pl.concat(frames)

    def keys(self, slot: str) -> Hashes:
        """Return the key of each row of a keyed slot, in any order."""
        self._write()
        found = [np.empty(0, dtype=np.uint64)]
        with disk_errors():
            for path in self._files.get(slot, []):
                with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as whole:
                    place = whole.schema.get_field_index(_KEY)
                    only = pa.ipc.IpcReadOptions(included_fields=[place])
                    with pa.ipc.open_file(file, options=only) as reader:
                        found.append(reader.read_all()[_KEY].to_numpy())
        return np.concatenate(found)

    def _write(self) -> None:
        """Write what waits in memory, one file for each slot."""
        for slot, batches in self._batches.items():
            if not batches:
                continue
            path = self.folder / f"{self.name}-{self._written:08d}.arrow"
            with disk_errors():
                _write(path, *(_keyed(pl.concat(batches)) if self.keyed(slot) else (pl.concat(batches), None)))
            self._files.setdefault(slot, []).append(path)
            self._written += 1
            batches.clear()
        self._waiting = 0


def row_keys(rows: pl.DataFrame) -> Hashes:
    """Hash what makes rows the same: the crime number, without one the row's number in its file."""
    return fnv1a64(rows.select(pl.coalesce("crime_id", pl.format("row {}", "row"))).to_series())


def _keyed(rows: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Return rows sorted by piece, otherwise in the order they came, with the number of rows of each piece."""
    keys = row_keys(rows)
    # The lowest bits of the same hash chose the slot already.
    piece = (folded(keys) >> np.uint64(8)) % np.uint64(FINEST)
    order = np.argsort(piece.astype(np.uint8), kind="stable")
    return rows.with_columns(pl.Series(_KEY, keys))[order], np.bincount(piece.astype(np.int64), minlength=FINEST)


def _write(path: Path, rows: pl.DataFrame, pieces: NDArray[np.int64] | None) -> None:
    """Write rows as an Arrow file, one record batch for each piece; one for all where there are none."""
    table = columns.to_arrow(rows)
    ends = np.cumsum([table.num_rows] if pieces is None else pieces).tolist()
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema, options=_COMPRESSED) as writer:
        for start, stop in zip([0, *ends[:-1]], ends, strict=True):
            piece = table.slice(start, stop - start).to_batches()
            writer.write_batch(piece[0] if piece else pa.RecordBatch.from_pylist([], table.schema))
