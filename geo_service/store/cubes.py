"""Cubes kept on disk: derived from the files of a state, named by what they were made from, rebuilt at will."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo_service.errors import FaultError
from geo_service.spatial.binning import DENSE_BYTES, CubeBuilder
from geo_service.store.cube_files import CUBE_FORMAT, cube_identities, read_cube, write_cube, write_run
from geo_service.store.disk import Identity, Workspace, disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import polars as pl

    from geo_service.model.cells import Cube
    from geo_service.model.periods import Month
    from geo_service.store.cube_files import DiskRun

_TRIES: Final = 3
_KEPT_ON_DISK: Final = 48
_KEPT_OPEN: Final = 12


def cube_key(resolution: int, sources: Iterable[tuple[str, str, str]], held: Mapping[str, tuple[Month, ...]]) -> str:
    """Return the name of a cube: SHA-256 of its resolution, the (slot, incident SHA, assignment SHA) it is of, months.

    The months that each source holds belong to it, because an empty month's bytes do not tell them.
    """
    months = {source: [month.ordinal for month in has] for source, has in held.items()}
    made_from = [CUBE_FORMAT, resolution, sorted(sources), sorted(months.items())]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say what a cube is made of."""

    key: str
    """Its name (see `cube_key`)."""
    resolution: int
    held: Mapping[str, tuple[Month, ...]]
    """Months that each source holds."""
    fill: Callable[[CubeBuilder], None]
    """Adds all incidents to a builder."""


class CubeShelf:
    """Open cubes once for each process, building what is not there or damaged."""

    def __init__(self, root: Path, temporary: Path, dense_bytes: int = DENSE_BYTES) -> None:
        """Keep them below `root`, making them in `temporary` on the same disk.

        dense_bytes: a cube whose prefix sums need more is kept sparse; it gives the same answers.
        """
        self._root = root
        self._temporary = temporary
        self._dense_bytes = dense_bytes
        self._open: OrderedDict[str, tuple[list[Identity], Cube]] = OrderedDict()
        # One thread builds, the others wait for it: two would do the same work.
        self._lock = threading.Lock()

    def get(self, wanted: Wanted) -> Cube:
        """Return a cube, memory-mapped; build it where it is missing or damaged.

        An open cube whose files were written to since they were proved is proved again.
        """
        key = wanted.key
        with self._lock:
            proved, cube = self._open.get(key, (None, None))
            if cube is None or proved != cube_identities(self._root / key):
                cube = self._read_or_build(self._root / key, wanted)
                self._open[key] = (cube_identities(self._root / key), cube)
            self._open.move_to_end(key)
            while len(self._open) > _KEPT_OPEN:
                self._open.popitem(last=False)
            return cube

    def clear(self) -> None:
        """Remove every cube: whatever of them is asked for again is built from the files as they are then."""
        with self._lock:
            self._open.clear()
            for folder in self._root.iterdir():
                shutil.rmtree(folder, ignore_errors=True)

    def _read_or_build(self, folder: Path, wanted: Wanted) -> Cube:
        with disk_errors():
            # Another process may put aside or forget a cube at any moment, even one that was just written.
            for _ in range(_TRIES):
                found = read_cube(folder)
                if found is not None:
                    with suppress(FileNotFoundError):
                        os.utime(folder)
                    return found
                self._build(folder, wanted)
                self._forget_old()
            found = read_cube(folder)
            if found is None:
                raise FaultError("A cube that was just written cannot be read", found=folder.name, do="Check the disk")
            return found

    def _build(self, folder: Path, wanted: Wanted) -> None:
        """Write a cube in a temporary folder and move it to its place."""
        workspace = Workspace(self._temporary)
        runs: list[DiskRun] = []

        def set_aside(frame: pl.DataFrame) -> DiskRun:
            runs.append(write_run(workspace.path / f"run-{len(runs)}", frame))
            return runs[-1]

        try:
            builder = CubeBuilder(wanted.resolution, set_aside)
            wanted.fill(builder)
            made = workspace.path / "cube"
            write_cube(made, wanted.resolution, builder, wanted.held, self._dense_bytes)
            try:
                made.replace(folder)
            except OSError:
                # Another process has just built the same, or a damaged one lies there: put that aside.
                if read_cube(folder) is None:
                    with suppress(OSError):
                        folder.replace(workspace.path / "aside")
                        made.replace(folder)
        finally:
            workspace.close()

    def _forget_old(self) -> None:
        """Remove the cubes that were not asked for the longest; they can always be built again."""
        by_age = sorted(self._root.iterdir(), key=_last_used)
        for folder in by_age[:-_KEPT_ON_DISK]:
            shutil.rmtree(folder, ignore_errors=True)


def _last_used(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
