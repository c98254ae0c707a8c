"""`kill -9` of a process that imports, looks and undoes: at random, and at each system call of each act."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faults.acts import NAMES, Clock, Truth, perform, see
from faults.counts import Counts
from faults.work import Tracer, Work, Worker
from geo_service.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faults.cluster import Cluster

ACTS: Final = 40
"""After so many acts a new data directory is begun."""
CALLS: Final = (
    *("openat", "close", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename"),
    *("unlink", "unlinkat", "mkdir", "rmdir", "fcntl", "flock"),
)
"""The system calls between which the state on disk, or who holds a lock, can differ."""
_LONGEST_S: Final = 0.4


def judge(truth: Truth, data_dir: Path, acked: int, url: str = "") -> str | None:
    """Open a store after a fault and return what is wrong with it, None where all acknowledged acts are there.

    acked: how many acts were acknowledged; one more may have been done when the fault came.
    """
    if back := truth.come_back(data_dir, acked):
        return f"files that were erased are there: {back}"
    with open_store(data_dir, Clock(), url) as store:
        found = truth.acts_of(see(store))
        if found not in {acked, acked + 1}:
            return f"{acked} acts were acknowledged, the store tells of {found}"
        problems = [said for said in store.check() if "MB are free" not in said]
        if problems:
            return problems[0]
        left = [path.name for path in (data_dir / "tmp").iterdir() if path.is_dir()]
        return f"left over: {left}" if left else None


def at_random(count: int, seed: int, cluster: Cluster | None = None) -> Counts:
    """Kill a worker so many times at random moments, opening the store each time and going on from there.

    cluster: keeps the ledgers, in SQLite without one. Half of the data directories have a reader that keeps the
    store open and must never see anything torn.
    """
    counts = Counts("kill -9 at random" + (" (PostgreSQL)" if cluster else ""))
    truth = Truth(ACTS + 1)
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        for life in itertools.count():
            if counts.points >= count:
                break
            url = cluster.new_database() if cluster else ""
            _one_life(truth, Work(Path(folder) / str(life), range(ACTS), url), counts, count, seed + life)
    truth.close()
    return counts


def _one_life(truth: Truth, work: Work, counts: Counts, count: int, seed: int) -> None:
    chance = random.Random(seed)
    acked = 0
    with contextlib.ExitStack() as stack:
        reader = stack.enter_context(open_store(work.data_dir, Clock(), work.url)) if seed % 2 else None
        while acked < ACTS and counts.points < count:
            left = replace(work, acts=range(acked, ACTS), open_first=chance.random() < 0.7)  # noqa: PLR2004
            with Worker(left) as worker:
                worker.go()
                worker.listen(chance.random() * _LONGEST_S)
                worker.kill()
                worker.listen_to_the_end()
            acked = max([acked, *(act + 1 for act in worker.done())])
            wrong = None if not worker.refused() else f"refused without a fault: {worker.refused()[0]}"
            if reader is not None and truth.acts_of(see(reader)) not in {acked, acked + 1}:
                wrong = f"a reader saw something else after {acked} acts"
            wrong = wrong or judge(truth, work.data_dir, acked, work.url)
            counts.note("alone" if reader is None else "with a reader", wrong)
            if wrong is not None:
                return
            with open_store(work.data_dir, Clock(), work.url) as store:
                acked = truth.acts_of(see(store)) or 0


def of_the_server(count: int, seed: int, cluster: Cluster) -> Counts:
    """Stop the PostgreSQL server at once in the middle of acts, and start it again."""
    counts = Counts("PostgreSQL stopped at once")
    chance = random.Random(seed)
    truth = Truth(ACTS + 1)
    with tempfile.TemporaryDirectory(prefix="server-") as folder:
        for number in range(count):
            work = Work(Path(folder) / str(number), range(ACTS), cluster.new_database(), die=True)
            with Worker(work) as worker:
                worker.go()
                worker.listen(chance.random() * 2 * _LONGEST_S)
                cluster.stop("immediate")
                worker.listen_to_the_end()
            cluster.start()
            counts.note("looked at", judge(truth, work.data_dir, len(worker.done()), work.url))
    truth.close()
    return counts


def at_each_call(acts: Sequence[int], *, most: int | None = None, seed: int = 0) -> Counts:
    """Kill a worker at each system call of each act; at `most` of them, chosen by `seed`, where that is given."""
    counts = Counts("kill -9 at a system call")
    truth = Truth(max(acts) + 2)
    with tempfile.TemporaryDirectory(prefix="calls-") as folder:
        points = [point for act in acts for point in _points(Path(folder), act)]
        if most is not None and most < len(points):
            points = random.Random(seed).sample(points, most)
        for number, (act, call, nth) in enumerate(points):
            data_dir = Path(shutil.copytree(Path(folder) / f"before-{act}", Path(folder) / f"point-{number}"))
            with Worker(Work(data_dir, range(act, act + 1), open_first=act > 0)) as worker:
                tracer = Tracer(worker, f"--trace={call}", f"--inject={call}:signal=KILL:when={nth}")
                worker.go()
                ended = worker.listen_to_the_end()
                tracer.close()
            wrong = judge(truth, data_dir, act + len(worker.done()))
            counts.note(f"in {NAMES[act % len(NAMES)]}" if ended else "after the end", wrong)
            shutil.rmtree(data_dir)
    truth.close()
    return counts


def _points(folder: Path, act: int) -> Iterator[tuple[int, str, int]]:
    """Keep the store as it is before an act, and yield each system call of the act with its number."""
    before = folder / f"before-{act}"
    clock = Clock()
    if act:
        with open_store(before, clock) as store:
            for earlier in range(act):
                perform(store, clock, earlier)
    else:
        # The first act is watched together with the making of the store.
        before.mkdir()
    data_dir = Path(shutil.copytree(before, folder / "counting"))
    with Worker(Work(data_dir, range(act, act + 1), open_first=act > 0)) as worker:
        tracer = Tracer(worker, f"--trace={','.join(CALLS)}")
        worker.go()
        worker.listen_to_the_end()
        text = tracer.close()
    shutil.rmtree(data_dir)
    main = re.findall(rf"^{worker.pid}\s+(\w+)\(", text, re.MULTILINE)
    for call, times in Counter(main).items():
        for nth in range(1, times + 1):
            yield act, call, nth
