"""Disks that take nothing: full, read-only, or failing to sync, struck at each system call that asks them."""

from __future__ import annotations

import gc
import random
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faults.acts import NAMES, Clock, Truth, perform, see
from faults.counts import Counts
from faults.work import Tracer, Work, Worker
from geo_service.errors import GeoServiceError
from geo_service.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ACTS: Final = range(1, 10)
"""The acts that are struck; the first only makes the store."""
FAILURES: Final = {
    "full": ("ENOSPC", ("openat", "write", "pwrite64", "mkdir", "rename", "ftruncate")),
    "read-only": ("EROFS", ("openat", "mkdir", "rename", "unlink", "unlinkat")),
    "failing to sync": ("EIO", ("fsync", "fdatasync")),
    "failing to write": ("EIO", ("write", "pwrite64", "rename")),
    "failing to read": ("EIO", ("pread64", "read")),
}
_SIZE: Final = 4 * 1024 * 1024
_MOST_LEFT: Final = 300_000


def struck(share: float = 1.0, seed: int = 0, acts: Sequence[int] = ACTS) -> Counts:
    """Let each system call of each act that asks the disk fail once, at a `share` of them chosen by `seed`.

    The worker tries a refused act again without reopening the store, and must then succeed.
    """
    counts = Counts("a disk that fails once")
    chance = random.Random(seed)
    truth = Truth(max(acts) + 2)
    with tempfile.TemporaryDirectory(prefix="disks-") as name:
        folder = Path(name)
        for act in acts:
            _store_before(folder / "before", act)
            for kind, call, nth in _points(folder, act):
                if chance.random() < share:
                    outcome, wrong = _strike(truth, folder, act, (kind, call, nth))
                    counts.note(f"{kind}: {outcome}", wrong)
    truth.close()
    return counts


def _store_before(path: Path, act: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    clock = Clock()
    with open_store(path, clock) as store:
        for earlier in range(act):
            perform(store, clock, earlier)


def _points(folder: Path, act: int) -> Iterator[tuple[str, str, int]]:
    """Yield kind of failure, system call and its number, of the calls that touch the store."""
    data_dir = Path(shutil.copytree(folder / "before", folder / "store"))
    called = sorted({call for _, calls in FAILURES.values() for call in calls})
    with Worker(Work(data_dir, range(act, act + 1))) as worker:
        tracer = Tracer(worker, "-y", f"--trace={','.join(called)}")
        worker.go()
        worker.listen_to_the_end()
        trace = tracer.close()
    shutil.rmtree(data_dir)
    numbers: dict[str, int] = {}
    for call, words in re.findall(rf"^{worker.pid}\s+(\w+)\((.*)", trace, re.MULTILINE):
        numbers[call] = numbers.get(call, 0) + 1
        if str(data_dir) in words and not (call == "openat" and "O_RDONLY" in words):
            for kind, (_, calls) in FAILURES.items():
                if call in calls:
                    yield kind, call, numbers[call]


def _strike(truth: Truth, folder: Path, act: int, point: tuple[str, str, int]) -> tuple[str, str | None]:
    """Strike twice: a worker that tries again must succeed, one that dies must leave nothing of what was refused."""
    kind, call, nth = point
    where = f"{NAMES[act % len(NAMES)]}, {call} {nth}"
    for again in (True, False):
        data_dir = Path(shutil.copytree(folder / "before", folder / "store"))
        try:
            with Worker(Work(data_dir, range(act, act + 1), again=again, die=not again)) as worker:
                inject = f"--inject={call}:error={FAILURES[kind][0]}:when={nth}"
                tracer = Tracer(worker, f"--trace={call}", inject, threads=False)
                worker.go()
                worker.listen_to_the_end()
                tracer.close()
            if again and not worker.done():
                return "not recovered", f"{where}: {worker.said}"
            acts = {act + len(worker.done())}
            if any("was kept" in said for said in worker.refused()):
                acts.add(act + 1)
            if wrong := _judge(truth, data_dir, acts):
                return "wrong", f"{where}: {wrong}; {worker.said}"
            outcome = "refused, then done" if worker.refused() else "done all the same"
        finally:
            shutil.rmtree(data_dir)
    return outcome, None


def _judge(truth: Truth, data_dir: Path, acts: set[int]) -> str | None:
    try:
        with open_store(data_dir, Clock()) as store:
            found = truth.acts_of(see(store))
            problems = [said for said in store.check() if "MB are free" not in said]
    except GeoServiceError as error:
        return error.message
    if found not in acts:
        return f"the store tells of {found} acts, not {acts}"
    return problems[0] if problems else None


# --- disks that really are full -------------------------------------------------------------------


@contextmanager
def small_disk(size: int = _SIZE) -> Iterator[Path]:
    """Mount a small disk in memory; only root may."""
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def filled(count: int, seed: int = 0) -> Counts:
    """Fill a small disk up to a few bytes before an act, and make room again once the act was refused."""
    counts = Counts("a disk that is full")
    chance = random.Random(seed)
    truth = Truth(max(ACTS) + 2)
    with tempfile.TemporaryDirectory(prefix="filled-") as name, small_disk() as disk:
        before, ballast, data_dir = Path(name) / "before", disk / "ballast", disk / "store"
        for number in range(count):
            act = ACTS[number * len(ACTS) // count]
            _store_before(before, act)
            shutil.copytree(before, data_dir)
            with Worker(Work(data_dir, range(act, act + 1), again=True)) as worker:
                # Room for some of what the act will write, rarely for all of it.
                left = int(_MOST_LEFT ** chance.random())
                ballast.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - left)))
                worker.go()
                worker.listen_to_the_end(lambda: ballast.write_bytes(b""))
            ballast.unlink()
            wrong = None if worker.done() else f"act {act}, {left} bytes left: {worker.said}"
            wrong = wrong or _judge(truth, data_dir, {act + 1})
            counts.note("refused, then done" if worker.refused() else "done all the same", wrong)
            shutil.rmtree(data_dir)
    truth.close()
    return counts


def locked(count: int) -> Counts:
    """Open a store on a disk that is read-only, and again once it is not, in one process."""
    counts = Counts("a disk that is read-only")
    truth = Truth(count + 1)
    with small_disk() as disk:
        data_dir = disk / "store"
        for act in range(count):
            with Worker(Work(data_dir, range(act, act + 1), open_first=False, again=True)) as worker:
                # What a judge before this one has open goes with it only when it is collected.
                gc.collect()
                subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
                worker.go()
                worker.listen_to_the_end(lambda: _unlock(disk))
            wrong = None if worker.refused() and worker.done() else str(worker.said)
            counts.note("refused, then done", wrong or _judge(truth, data_dir, {act + 1}))
    truth.close()
    return counts


def _unlock(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
