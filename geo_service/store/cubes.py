"""Cubes kept on disk: derived from the files of a state, named by what they were made from, rebuilt at will."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import threading
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from geo_service.model.cells import Cube
from geo_service.model.periods import Month
from geo_service.store.disk import Identity, Workspace, disk_errors, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

CUBE_FORMAT: Final = 1
"""Raise it whenever the files of a cube, or what CubeBuilder counts, come to mean something else."""

_ARRAYS: Final = ("loaded", "cell", "member", "group", "prefix")
_GROUPS: Final = "groups.parquet"
_MANIFEST: Final = "manifest.json"
_KEPT_ON_DISK: Final = 48
_KEPT_OPEN: Final = 12


def cube_key(resolution: int, sources: Iterable[tuple[str, str, str]]) -> str:
    """Return the name of a cube: SHA-256 of its resolution and the (slot, incident SHA, assignment SHA) it is of.

    The slots belong to it because they name the months that are loaded, which an empty month's bytes do not.
    """
    made_from = [CUBE_FORMAT, resolution, sorted(sources)]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()


class CubeShelf:
    """Open cubes once for each process, building what is not there or damaged."""

    def __init__(self, root: Path, temporary: Path) -> None:
        """Keep them below `root`, making them in `temporary` on the same disk."""
        self._root = root
        self._temporary = temporary
        self._open: OrderedDict[str, tuple[list[Identity], Cube]] = OrderedDict()
        # One thread builds, the others wait for it: two would do the same work.
        self._lock = threading.Lock()

    def get(self, key: str, build: Callable[[], Cube]) -> Cube:
        """Return the cube of that name, memory-mapped; build it where it is missing or damaged.

        An open one whose files were written to since they were proved is proved again.
        """
        with self._lock:
            proved, cube = self._open.get(key, (None, None))
            if cube is None or proved != _identities(self._root / key):
                cube = self._load_or_build(key, build)
                self._open[key] = (_identities(self._root / key), cube)
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

    def _load_or_build(self, key: str, build: Callable[[], Cube]) -> Cube:
        folder = self._root / key
        with disk_errors():
            found = _load(folder)
            if found is not None:
                os.utime(folder)
                return found
            built = build()
            self._keep(folder, built)
            self._forget_old()
            # Answer from the copy on disk, so that memory holds only the pages that are asked for.
            return _load(folder) or built

    def _keep(self, folder: Path, cube: Cube) -> None:
        workspace = Workspace(self._temporary)
        try:
            made = workspace.path / "cube"
            _save(made, cube)
            try:
                made.replace(folder)
            except OSError:
                # A damaged one lies there, or another process has just built the same: put it aside.
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


def _save(folder: Path, cube: Cube) -> None:
    """Write the parts of a cube and a manifest with the hash of each.

    Nothing waits for the disk: what a power cut takes away is missed when the cube is opened, and built again.
    """
    folder.mkdir()
    parts: dict[str, bytes] = {}
    for name in _ARRAYS:
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(getattr(cube, name)), allow_pickle=False)
        parts[f"{name}.npy"] = buffer.getvalue()
    buffer = io.BytesIO()
    cube.groups.write_parquet(buffer)
    parts[_GROUPS] = buffer.getvalue()
    for name, content in parts.items():
        (folder / name).write_bytes(content)
    manifest = {
        "format": CUBE_FORMAT,
        "resolution": cube.resolution,
        "first": cube.first.ordinal,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()},
    }
    (folder / _MANIFEST).write_bytes(json.dumps(manifest).encode())


def _load(folder: Path) -> Cube | None:
    """Return the cube in a folder after proving each part; None where it is missing or damaged."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        proved = all(_hash(folder / name) == manifest["sha256"][name] for name in _parts())
        if not proved or manifest["format"] != CUBE_FORMAT:
            return None
        arrays: dict[str, Any] = {name: _mapped(folder / f"{name}.npy") for name in _ARRAYS}
        groups = pl.read_parquet(io.BytesIO((folder / _GROUPS).read_bytes()))
        return Cube(resolution=manifest["resolution"], first=Month(manifest["first"]), groups=groups, **arrays)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _mapped(path: Path) -> np.ndarray[Any, Any]:
    """Map an array that never changes; one without entries cannot be mapped and is read."""
    array: np.ndarray[Any, Any] = np.load(path, mmap_mode="r")
    return array


def _parts() -> tuple[str, ...]:
    return (*(f"{name}.npy" for name in _ARRAYS), _GROUPS)


def _identities(folder: Path) -> list[Identity]:
    """Return what changes with the bytes of a cube's parts; nothing where one is missing."""
    try:
        return [identity(folder / name) for name in (*_parts(), _MANIFEST)]
    except OSError:
        return []


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
