"""A cube as files of plain arrays, written without holding it in memory and mapped when it is asked."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final, Self

import numpy as np
import polars as pl

from geo_service.model.cells import Cube, DenseCounts, SparseCounts
from geo_service.model.periods import Month
from geo_service.spatial.binning import RUN_SCHEMA, dense_fits, prefix_sums
from geo_service.store.disk import Identity, identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.model.cells import Cells, Ints
    from geo_service.spatial.binning import CubeBuilder, CubePart

CUBE_FORMAT: Final = 3
"""Raise it whenever the files of a cube, or what CubeBuilder counts, come to mean something else."""

_GROUPS: Final = "groups.parquet"
_MANIFEST: Final = "manifest.json"
_ROWS: Final[dict[str, np.dtype[Any]]] = {
    "cell": np.dtype(np.uint64),
    "member": np.dtype(np.int32),
    "group": np.dtype(np.int32),
}
_ENTRIES: Final = ("row", "month", "count")
_BLOCK_BYTES: Final = 64 * 1024**2
"""Most bytes of prefix sums in memory while a cube is written."""


# --- partial counts that wait on disk -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DiskRun:
    """Be partial counts in a file, column after column (see `binning.Run`)."""

    path: Path
    rows: int

    def places(self, cells: Cells) -> Ints:
        """Return the number of rows before the first row of each cell."""
        column = np.memmap(self.path, dtype=np.uint64, mode="r", shape=(self.rows,))
        return np.searchsorted(column, cells)

    def read(self, start: int, stop: int) -> pl.DataFrame:
        """Return some rows."""
        columns, before = {}, 0
        for name, kind in _run_dtypes().items():
            at = before + start * kind.itemsize
            columns[name] = _read(self.path, kind, stop - start, at)
            before += self.rows * kind.itemsize
        return pl.DataFrame(columns, schema=RUN_SCHEMA)


def write_run(path: Path, frame: pl.DataFrame) -> DiskRun:
    """Write partial counts (RUN_SCHEMA, ascending by cell)."""
    with path.open("xb") as file:
        for name, kind in _run_dtypes().items():
            _append(file, frame[name].to_numpy().astype(kind, copy=False))
    return DiskRun(path, frame.height)


def _run_dtypes() -> dict[str, np.dtype[Any]]:
    return {name: np.dtype(np.uint64 if kind == pl.UInt64 else np.int32) for name, kind in RUN_SCHEMA.items()}


# --- writing --------------------------------------------------------------------------------------


def write_cube(
    folder: Path, resolution: int, builder: CubeBuilder, held: Mapping[str, tuple[Month, ...]], dense_bytes: int
) -> None:
    """Write the parts of a cube and a manifest with the hash of each; `folder` is made.

    Prefix sums where they fit into `dense_bytes`, sparse counts otherwise. Nothing waits for the disk: what a power
    cut takes away is missed when the cube is opened, and built again.
    """
    folder.mkdir()
    waiting = folder.with_name(f"{folder.name}-entries")
    waiting.mkdir()
    entries = _write_rows(folder, waiting, builder.parts())
    steps = np.array(sorted(entries.months), dtype=np.int32)
    (folder / "steps.bin").write_bytes(steps.tobytes())
    sizes = {"steps": len(steps), **dict.fromkeys(_ROWS, entries.rows)}
    if dense_fits(entries.rows, len(steps), dense_bytes):
        sizes["prefix"] = (len(steps) + 1) * entries.rows
        _write_dense(folder / "prefix.bin", entries, steps)
    else:
        sizes |= {"starts": len(steps) + 1, "row": entries.entries, "count": entries.entries}
        _write_sparse(folder, entries, steps)
    buffer = io.BytesIO()
    builder.groups.write_parquet(buffer)
    (folder / _GROUPS).write_bytes(buffer.getvalue())
    manifest: dict[str, object] = {
        "format": CUBE_FORMAT,
        "resolution": resolution,
        "held": {source: [month.ordinal for month in months] for source, months in held.items()},
        "sizes": sizes,
        "sha256": {name: _hash(folder / name) for name in (*(f"{array}.bin" for array in sizes), _GROUPS)},
    }
    manifest["seal"] = _seal(manifest)
    (folder / _MANIFEST).write_bytes(json.dumps(manifest).encode())


@dataclass(slots=True)
class _Entries:
    """Know where the entries of each part of a cube wait: files `row`, `month` and `count`."""

    folder: Path
    rows: int = 0
    entries: int = 0
    parts: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, row after the last, first entry, entry after the last."""
    months: dict[int, int] = field(default_factory=dict)
    """Entries of each Month.ordinal that occurs."""

    def note(self, part: CubePart) -> None:
        """Count a part in."""
        after = (self.rows + len(part.cell), self.entries + len(part.row))
        self.parts.append((self.rows, after[0], self.entries, after[1]))
        self.rows, self.entries = after
        months, counts = np.unique(part.month, return_counts=True)
        for month, count in zip(months.tolist(), counts.tolist(), strict=True):
            self.months[month] = self.months.get(month, 0) + count

    def read(self, start: int, stop: int) -> Iterator[NDArray[np.int32]]:
        """Yield row, month and count of some entries."""
        for name in _ENTRIES:
            yield _read(self.folder / name, np.dtype(np.int32), stop - start, start * 4)


def _write_rows(folder: Path, waiting: Path, parts: Iterator[CubePart]) -> _Entries:
    """Write what rows are, and put their entries aside until all months are known."""
    noted = _Entries(waiting)
    with _Files(folder, [f"{name}.bin" for name in _ROWS]) as of_rows, _Files(waiting, _ENTRIES) as of_entries:
        for part in parts:
            for name, kind in _ROWS.items():
                _append(of_rows[f"{name}.bin"], getattr(part, name).astype(kind, copy=False))
            for name, values in zip(_ENTRIES, (part.row + noted.rows, part.month, part.count), strict=True):
                _append(of_entries[name], values.astype(np.int32, copy=False))
            noted.note(part)
    return noted


class _Files(dict[str, IO[bytes]]):
    """Hold new files open for writing."""

    def __init__(self, folder: Path, names: list[str] | tuple[str, ...]) -> None:
        super().__init__({name: (folder / name).open("xb") for name in names})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.values():
            file.close()


def _write_dense(path: Path, entries: _Entries, steps: NDArray[np.int32]) -> None:
    """Write prefix sums, shape (steps + 1, rows), block of rows by block of rows."""
    lines = len(steps) + 1
    most = max(_BLOCK_BYTES // (4 * lines), 1)
    with path.open("xb") as file:
        for first, last, start, stop in entries.parts:
            row, month, count = entries.read(start, stop)
            step = np.searchsorted(steps, month)
            for low in range(first, last, most):
                high = min(low + most, last)
                a, b = np.searchsorted(row, [low, high])
                block = prefix_sums(high - low, len(steps), row[a:b] - low, step[a:b], count[a:b])
                for line in range(lines):
                    _write_at(file, block[line], 4 * (line * entries.rows + low))


def _write_sparse(folder: Path, entries: _Entries, steps: NDArray[np.int32]) -> None:
    """Write the entries sorted by step, as a counting sort does: each step's place is known beforehand."""
    starts = np.concatenate([[0], np.cumsum([entries.months[step] for step in steps.tolist()])]).astype(np.int64)
    (folder / "starts.bin").write_bytes(starts.tobytes())
    free = starts[:-1].copy()
    with (folder / "row.bin").open("xb") as rows, (folder / "count.bin").open("xb") as counts:
        for _, _, start, stop in entries.parts:
            row, month, count = entries.read(start, stop)
            order = np.argsort(month, kind="stable")
            row, month, count = row[order], month[order], count[order]
            ends = np.searchsorted(month, steps, side="right")
            begins = np.concatenate([[0], ends[:-1]])
            for step in np.flatnonzero(ends > begins).tolist():
                one = slice(begins[step], ends[step])
                _write_at(rows, row[one], 4 * int(free[step]))
                _write_at(counts, count[one], 4 * int(free[step]))
            free += ends - begins


def _read(path: Path, kind: np.dtype[Any], count: int, offset: int) -> NDArray[Any]:
    """Read part of an array; raise OSError where the disk gives less (numpy's own reader says nothing of it)."""
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read(count * kind.itemsize)
    if len(content) != count * kind.itemsize:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
    return np.frombuffer(content, dtype=kind)


def _write_at(file: IO[bytes], values: NDArray[np.int32], offset: int) -> None:
    file.seek(offset)
    _append(file, values)


def _append(file: IO[bytes], values: NDArray[Any]) -> None:
    file.write(np.ascontiguousarray(values).data)


# --- reading --------------------------------------------------------------------------------------


def read_cube(folder: Path) -> Cube | None:
    """Return the cube in a folder, its arrays mapped, after proving each part; None where it is missing or damaged."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        # Months and sizes stand in the manifest alone, so it must prove itself.
        if manifest["format"] != CUBE_FORMAT or manifest.pop("seal") != _seal(manifest):
            return None
        if not all(_hash(folder / name) == sha256 for name, sha256 in manifest["sha256"].items()):
            return None
        sizes = manifest["sizes"]
        if {*manifest["sha256"]} != {_GROUPS, *(f"{name}.bin" for name in sizes)}:
            return None
        arrays = {name: _mapped(folder / f"{name}.bin", _dtype(name), size) for name, size in sizes.items()}
        return Cube(
            resolution=manifest["resolution"],
            held={source: tuple(map(Month, months)) for source, months in manifest["held"].items()},
            groups=pl.read_parquet(io.BytesIO((folder / _GROUPS).read_bytes())),
            counts=_read_counts(arrays, sizes["steps"], sizes["cell"]),
            **{name: arrays[name] for name in ("steps", *_ROWS)},
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None


def cube_identities(folder: Path) -> list[Identity]:
    """Return what changes with the bytes of a cube's files; nothing where there is none."""
    try:
        return [identity(path) for path in sorted(folder.iterdir())]
    except OSError:
        return []


def _read_counts(arrays: Mapping[str, NDArray[Any]], steps: int, rows: int) -> DenseCounts | SparseCounts:
    if "prefix" in arrays:
        return DenseCounts(arrays["prefix"].reshape(steps + 1, rows))
    return SparseCounts(rows, arrays["starts"], arrays["row"], arrays["count"])


def _dtype(name: str) -> np.dtype[Any]:
    return _ROWS[name] if name in _ROWS else np.dtype(np.int64 if name == "starts" else np.int32)


def _mapped(path: Path, dtype: np.dtype[Any], size: int) -> NDArray[Any]:
    """Map an array that never changes; one without entries cannot be mapped."""
    return np.memmap(path, dtype=dtype, mode="r", shape=(size,)) if size else np.empty(0, dtype=dtype)


def _seal(manifest: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
