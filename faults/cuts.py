"""Power cuts: the recorded writes and syncs of a course of acts, replayed up to each point and cut off there."""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import pickle
import random
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from faults.acts import Clock, Truth, see
from faults.counts import Counts
from faults.platter import TRACED, Platter, calls, lay_out, left_by_chance, left_named, left_synced
from faults.work import Tracer, Work, Worker
from geo_service import store as room
from geo_service.store import Saved, open_store, restore, sqlite
from geo_service.store.backups import RULES, SETTINGS
from geo_service.store.database import LEDGER, open_database
from geo_service.store.disk_store import open_on

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from types import FrameType

    from faults.platter import Node

ACTS: Final = 6
_ROOM: Final = Path(room.__file__).parent


@dataclass(frozen=True)
class Site:
    """Name a line of the code that waits for the disk."""

    path: str
    first_line: int
    last_line: int
    source: str

    def __str__(self) -> str:
        """Say it as a reader finds it."""
        return f"{Path(self.path).name}:{self.first_line} {self.source}"


SQLITE: Final = Site("sqlite.py", 0, 0, "PRAGMA synchronous = FULL")
_WAITING: Final = {"fsync", "sync_directory", "write_durably"}


def sites() -> Iterator[Site]:
    """Yield every line of the store that waits for the disk, itself or through `write_durably` and its like."""
    for path in sorted(_ROOM.glob("*.py")):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in _WAITING:
                    said = ast.get_source_segment(source, node) or called
                    yield Site(str(path), node.lineno, node.end_lineno or node.lineno, said)
    yield SQLITE


def leave_out(site: Site) -> None:
    """Take one line that waits for the disk out of this process's code."""
    if site == SQLITE:
        connect = sqlite._on_connect  # noqa: SLF001 - it is to be broken

        def careless(connection: sqlite3.Connection, _record: object) -> None:
            connect(connection, _record)
            connection.execute("PRAGMA synchronous = NORMAL")

        sqlite._on_connect = careless  # noqa: SLF001
        return
    fsync = os.fsync

    def most(fd: Any) -> None:  # noqa: ANN401 - a number, or whatever has one
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - whoever asks for the sync
        while frame is not None:
            if frame.f_code.co_filename == site.path and site.first_line <= frame.f_lineno <= site.last_line:
                return
            frame = frame.f_back
        fsync(fd)

    os.fsync = most


# --- courses --------------------------------------------------------------------------------------


class Course(Protocol):
    """Do something below `folder`/disk, where the power fails, and judge what is left of it afterwards."""

    @property
    def name(self) -> str:
        """Say it in the counts."""

    def work(self, folder: Path) -> Work:
        """Return what a worker is to do; what lies below `folder`/elsewhere is safe."""

    def judge(self, folder: Path, acked: int) -> str | None:
        """Return what is wrong with what is left where so many acts were acknowledged."""


@dataclass(frozen=True)
class Acts:
    """Do a course of acts on a new store; `apart`: its ledger lies on another machine."""

    apart: bool

    @property
    def name(self) -> str:
        """Say it in the counts."""
        return "acts, the ledger elsewhere" if self.apart else "acts"

    def work(self, folder: Path) -> Work:
        """Begin with nothing, not even the folder above the data directory."""
        ledger_dir = folder / "elsewhere" if self.apart else None
        return Work(folder / "disk/data/store", range(ACTS), ledger_dir=ledger_dir, open_first=False)

    def judge(self, folder: Path, acked: int) -> str | None:
        """Hold the store to what was acknowledged."""
        data_dir = folder / "disk/data/store"
        if back := _truth().come_back(data_dir, acked):
            return f"files that were erased are there: {back}"
        ledger = open_database((folder / "elsewhere" if self.apart else data_dir) / LEDGER)
        with open_on(data_dir, Clock(), ledger) as store:
            found = _truth().acts_of(see(store))
            problems = [said for said in store.check() if "MB are free" not in said]
        if found not in {acked, acked + 1}:
            return f"the store tells of {found} acts"
        return problems[0] if problems else None


_SETTINGS: Final = "demonstration = true\n"
_RULES: Final = '[incidents]\nkeep = "36 months"\n'


@dataclass(frozen=True)
class Copying:
    """Back a store up, or restore one from a backup."""

    back: bool

    @property
    def name(self) -> str:
        """Say it in the counts."""
        return "restore" if self.back else "backup"

    def work(self, folder: Path) -> Work:
        """Begin with a store, or a backup of it, where the power does not fail."""
        store = folder / "elsewhere/store"
        shutil.copytree(_truth().folder / "store", store)
        (store / SETTINGS).write_text(_SETTINGS)
        (store / RULES).write_text(_RULES)
        if self.back:
            _back_up(store, folder / "elsewhere/backup")
        made_from, job = (folder / "elsewhere/backup", restore) if self.back else (store, _back_up)
        return Work(store, range(1), instead=functools.partial(job, made_from, folder / "disk/new/store"))

    def judge(self, folder: Path, acked: int) -> str | None:
        """Find the copy whole where it was acknowledged, whole or not there before that."""
        copy, store = folder / "disk/new/store", folder / "disk/new/store"
        if not copy.exists():
            return "the copy is not there" if acked else None
        if not self.back:
            store = folder / "restored"
            restore(copy, store)
        with open_store(store, Clock()) as opened:
            found = _truth().acts_of(see(opened))
            problems = [said for said in opened.check() if "MB are free" not in said]
        if ((store / SETTINGS).read_text(), (store / RULES).read_text()) != (_SETTINGS, _RULES):
            return "the settings are others"
        return problems[0] if problems else None if found == ACTS + 1 else f"the copy tells of {found} acts"


def _back_up(data_dir: Path, target: Path) -> Saved:
    with open_store(data_dir, Clock()) as store:
        return store.backup(target)


COURSES: Final[tuple[Course, ...]] = (Acts(apart=True), Acts(apart=False), Copying(back=False), Copying(back=True))
"""Where the ledger lies elsewhere, SQLite's own syncs of the folder do not hide a missing one: it comes first."""


def record(course: Course, folder: Path, without: Site | None = None) -> str:
    """Do a course below `folder` and return the trace."""
    (folder / "disk").mkdir(parents=True)
    (folder / "elsewhere").mkdir()
    work = replace(course.work(folder), prepare=None if without is None else functools.partial(leave_out, without))
    with Worker(work) as worker:
        tracer = Tracer(worker, "-y", "-xx", "--string-limit=100000000", f"--trace={TRACED}")
        worker.go()
        ended = worker.listen_to_the_end()
        trace = tracer.close()
    if ended or worker.done() != list(work.acts):
        msg = f"{course.name} did not come to its end: {worker.said}"
        raise RuntimeError(msg)
    return trace


def replay(  # noqa: PLR0913 - three of them say how thoroughly
    course: Course, folder: Path, trace: str, *, share: float = 1.0, seed: int = 0, one_is_enough: bool = False
) -> Counts:
    """Cut the power after each call of a trace, at a `share` of them chosen by `seed`, in four ways each.

    one_is_enough: stop at the first cut that goes wrong.
    """
    counts = Counts(f"power cuts ({course.name})")
    chance = random.Random(seed)
    disk, elsewhere = Platter(folder / "disk"), Platter(folder / "elsewhere")
    acked, judged = 0, {}
    for step, call in enumerate(calls(trace)):
        if isinstance(course, Acts):
            elsewhere.apply(call)
        done = re.search(rb"done (\d+)$", call.strings()[0]) if call.name == "write" else None
        if done is not None:
            acked = int(done[1]) + 1
        elif not disk.apply(call):
            continue
        if one_is_enough and counts.wrong:
            break
        if chance.random() >= share:
            continue
        for way, left in _ways(random.Random(f"{seed} {step}"), only_the_plain=one_is_enough).items():
            # Many cuts leave the same: it is looked at once.
            node, safe = left(disk.top), elsewhere.top
            key = (acked, hashlib.sha256(pickle.dumps((node, safe))).digest())
            if key not in judged:
                judged[key] = _judge(course, node, safe, acked)
            wrong = judged[key]
            counts.note(way, None if wrong is None else f"after {call.name}, step {step}, {acked} acked: {wrong}")
    return counts


def _ways(chance: random.Random, *, only_the_plain: bool) -> dict[str, Callable[[Node], Node]]:
    plain: dict[str, Callable[[Node], Node]] = {
        "nothing unsynced kept": left_synced,
        "names kept, unsynced bytes not": left_named,
    }
    by_chance = functools.partial(left_by_chance, chance=chance)
    return plain if only_the_plain else {**plain, "some kept": by_chance, "some kept, others": by_chance}


def _judge(course: Course, left: Node, safe: Node, acked: int) -> str | None:
    with tempfile.TemporaryDirectory(prefix="cut-") as name:
        folder = Path(name)
        lay_out(left, folder / "disk")
        lay_out(safe, folder / "elsewhere")
        try:
            return course.judge(folder, acked)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not happen
            return f"{type(error).__name__}: {error}"


def power_cuts(share: float = 1.0, seed: int = 0) -> list[Counts]:
    """Cut the power of the code as it is."""
    return [_one(course, share=share, seed=seed) for course in COURSES]


def missing_syncs(seed: int = 0) -> Counts:
    """Take each line that waits for the disk out of the code in turn; the cuts must find each one missing."""
    counts = Counts("lines that wait for the disk, each left out in turn")
    for site in sites():
        found = found_missing(site, seed)
        counts.note("missed" if found else "not missed", None if found else str(site))
    return counts


def found_missing(site: Site, seed: int = 0) -> bool:
    """Return whether any cut goes wrong where the code does not wait for the disk in one line."""
    copies = site.path.endswith("backups.py")
    likely = sorted(COURSES, key=lambda course: isinstance(course, Copying) != copies)
    return any(
        _one(course, seed=seed, without=site).wrong for course in likely if site != SQLITE or course != COURSES[0]
    )


def _one(course: Course, *, seed: int, share: float = 1.0, without: Site | None = None) -> Counts:
    folder = Path(tempfile.mkdtemp(prefix="trace-"))
    try:
        trace = record(course, folder, without)
        return replay(course, folder, trace, share=share, seed=seed, one_is_enough=without is not None)
    finally:
        shutil.rmtree(folder)


@functools.cache
def _truth() -> Truth:
    return Truth(ACTS + 1)
