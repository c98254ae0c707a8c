"""A process that acts on a store and says after each act that it is done, so that it can be killed on the way."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from faults.acts import Clock, perform
from geo_service.errors import GeoServiceError
from geo_service.store import open_store
from geo_service.store.database import LEDGER, open_database
from geo_service.store.disk_store import open_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    from geo_service.store import DiskStore

# A server process that has loaded everything and started no thread is forked for each worker.
_SPAWNING = multiprocessing.get_context("forkserver")
_SPAWNING.set_forkserver_preload(
    # pyarrow loads pandas, and the store its databases, only when they are first needed.
    [__name__, "pandas", "geo_service.store.sqlite", "geo_service.store.postgres", "psycopg.pq"]
)
_PATIENCE_S = 120


@dataclass(frozen=True)
class Work:
    """Say what a worker is to do."""

    data_dir: Path
    acts: range
    url: str = ""
    """Address of the ledger; empty for SQLite in the data directory."""
    ledger_dir: Path | None = None
    """Folder of a SQLite ledger that lies elsewhere, where the power does not fail."""
    open_first: bool = True
    """Whether to open the store before waiting to be told to go."""
    again: bool = False
    """Whether to try each refused act once more without reopening, as soon as the parent says so."""
    die: bool = False
    """Whether to die at once when an act is refused, as a process would whose power fails."""
    linger: bool = False
    """Whether to keep the store open once all is done, until it is killed or told to go."""
    prepare: Callable[[], None] | None = None
    """Called in the worker before anything else."""
    instead: Callable[[], object] | None = None
    """Done instead of the acts, as act 0."""

    def open(self, clock: Clock) -> DiskStore:
        """Open the store."""
        if self.ledger_dir is not None:
            return open_on(self.data_dir, clock, open_database(self.ledger_dir / LEDGER))
        return open_store(self.data_dir, clock, self.url)


def _work(work: Work, pipe: Connection) -> None:
    if work.prepare is not None:
        work.prepare()
    clock = Clock()
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(work.open(clock)) if work.open_first and work.instead is None else None
        pipe.send_bytes(b"ready")
        pipe.recv_bytes()
        for act in work.acts:
            for _ in range(1 + work.again):
                try:
                    if work.instead is not None:
                        work.instead()
                    else:
                        store = store or stack.enter_context(work.open(clock))
                        perform(store, clock, act)
                except GeoServiceError as error:
                    pipe.send_bytes(f"refused {act} {error.message}".encode())
                    if work.die:
                        os._exit(9)
                    if work.again:
                        pipe.recv_bytes()
                else:
                    pipe.send_bytes(f"done {act}".encode())
                    break
        if work.linger:
            pipe.recv_bytes()


@dataclass
class Worker:
    """Run one piece of work in a process of its own."""

    work: Work
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._pipe, theirs = _SPAWNING.Pipe()
        self._process = _SPAWNING.Process(target=_work, args=(self.work, theirs))
        self._process.start()
        theirs.close()
        if self._pipe.recv_bytes() != b"ready":
            msg = "the worker did not get ready"
            raise RuntimeError(msg)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._pipe.close()

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        assert self._process.pid is not None  # noqa: S101 - it was started
        return self._process.pid

    def go(self) -> None:
        """Let it begin."""
        self._pipe.send_bytes(b"go")

    def kill(self) -> None:
        """Kill it at once, unless it has come to its end."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def listen(self, seconds: float, refused: Callable[[], object] = lambda: None) -> bool:
        """Take what it says for so long; return whether it still lives.

        refused: called when an act was refused, before the worker is told to try again.
        """
        until = time.monotonic() + seconds
        with contextlib.suppress(EOFError, ConnectionResetError, BrokenPipeError):
            while self._pipe.poll(max(0.0, until - time.monotonic())):
                self.said.append(self._pipe.recv_bytes().decode())
                if self.work.again and self.said[-1].startswith("refused"):
                    refused()
                    self.go()
            return True
        return False

    def listen_to_the_end(self, refused: Callable[[], object] = lambda: None) -> int:
        """Take what it says until it ends; return its exit code, negative for a signal."""
        while self.listen(_PATIENCE_S, refused):
            msg = f"the worker hangs after {self.said[-1:]}"
            raise RuntimeError(msg)
        self._process.join()
        assert self._process.exitcode is not None  # noqa: S101 - it was joined
        return self._process.exitcode

    def done(self) -> list[int]:
        """Return the acts that it said were done."""
        return [int(said.split()[1]) for said in self.said if said.startswith("done")]

    def refused(self) -> list[str]:
        """Return the acts that it said were refused, each with the message."""
        return [said.removeprefix("refused ") for said in self.said if said.startswith("refused")]


class Tracer:
    """Watch a worker's system calls with strace, or strike at one of them."""

    def __init__(self, worker: Worker, *options: str, threads: bool = True) -> None:
        """Attach to a worker that waits to be told to go.

        threads: whether to watch its other threads too. strace counts the calls of each thread by themselves, so
        that a strike at the third write would hit the third of every thread, those of the libraries among them.
        """
        self._out = tempfile.NamedTemporaryFile(prefix="strace-", suffix=".txt")  # noqa: SIM115 - closed by `close`
        self.path = Path(self._out.name)
        command: Sequence[Any] = ["strace", "--quiet=all", "-p", str(worker.pid), "-o", self.path, *options]
        command = [*command, "-f"] if threads else command
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE)
        status = Path(f"/proc/{worker.pid}/status")
        while "TracerPid:\t0" in status.read_text():
            if self._process.poll() is not None:
                assert self._process.stderr is not None  # noqa: S101 - it is a pipe
                msg = f"strace failed: {self._process.stderr.read().decode()}"
                raise RuntimeError(msg)

    def close(self) -> str:
        """Wait until the worker has ended and return what was written."""
        self._process.wait()
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        self._process.stderr.close()
        text = self.path.read_text(errors="surrogateescape")
        self._out.close()
        return text
