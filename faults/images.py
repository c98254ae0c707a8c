"""Power cuts of a real file system: the image of a mounted disk is copied while a worker writes to it."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faults.acts import Truth
from faults.counts import Counts
from faults.kills import judge
from faults.work import Work, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTS: Final = 40
_BYTES: Final = 32 * 1024 * 1024


def image_cuts(count: int, seed: int = 0) -> Counts:
    """Copy the image of an ext4 disk so many times in the middle of acts, and open the store on each copy.

    The worker stands still while the image is copied, so that the copy shows one moment; nothing is flushed for
    the copy's sake. Only root may mount.
    """
    counts = Counts("power cuts by copies of a mounted image")
    chance = random.Random(seed)
    truth = Truth(ACTS + 1)
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        folder = Path(name)
        while counts.points < count:
            _one_disk(truth, folder, counts, count, chance)
    truth.close()
    return counts


def _one_disk(truth: Truth, folder: Path, counts: Counts, count: int, chance: random.Random) -> None:
    image, copy = folder / "image", folder / "copy"
    image.write_bytes(b"")
    os.truncate(image, _BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    with mounted(image, folder / "disk") as disk, Worker(Work(disk / "store", range(ACTS), open_first=False)) as worker:
        worker.go()
        while counts.points < count and worker.listen(chance.uniform(0.02, 0.4)):
            os.kill(worker.pid, signal.SIGSTOP)
            worker.listen(0)
            acked = len(worker.done())
            shutil.copyfile(image, copy)
            os.kill(worker.pid, signal.SIGCONT)
            with mounted(copy, folder / "cut") as cut:
                counts.note("looked at", judge(truth, cut / "store", acked))


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    """Mount the image of a disk for a while."""
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, at], check=True)
    try:
        yield at
    finally:
        # A cube is mapped into memory for as long as anybody holds it, a reference cycle too.
        gc.collect()
        subprocess.run(["umount", at], check=True)
