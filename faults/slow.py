"""Clients that are slow on purpose, and one that is not: do the slow ones hold it up, and when are they cut?"""

from __future__ import annotations

import asyncio
import select
import socket
import statistics
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from faults.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faults.site import StaffSite

PAGE: Final = "/sign-in"
"""A page that is made anew for everybody, signed in or not."""
LARGE: Final = "/assets/leaflet/leaflet.js"
_NARROW_BYTES: Final = 4_096
_ANSWERS: Final = 100
"""Answers of LARGE that one connection asks for and does not read: more than any buffer between the two holds."""
_LONGEST_S: Final = 10.0


@dataclass(frozen=True)
class Kind:
    """Say how one kind of client is slow."""

    name: str
    first: Callable[[str], bytes]
    """Sends this at once, given the Host header."""
    every_s: float = 0.0
    """Then one more byte so often, 0 for no more."""
    reads: bool = True


def _header(host: str, method: str, path: str, *more: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *more, ""]).encode()


def kinds(session: str = "", *, large: str = LARGE, form: str = "/find") -> tuple[Kind, ...]:
    """Return every kind of slow client; those that are slow in a body need the Cookie header of a session.

    large: address of a long answer. form: address that takes a form.
    """
    fields = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 5000")

    def body(host: str) -> bytes:
        return _header(host, "POST", form, f"Origin: http://{host}", f"Cookie: {session}", *fields) + b"\r\nboundary="

    anonymous = (
        Kind("say nothing", lambda _: b""),
        Kind("stop in the header", lambda host: _header(host, "GET", PAGE)),
        Kind("a byte of the header a second", lambda host: _header(host, "GET", PAGE) + b"X: ", every_s=1),
        Kind("never read the answers", lambda host: _header(host, "GET", large, "") * _ANSWERS, reads=False),
        Kind("read one answer and stay", lambda host: _header(host, "GET", PAGE, "")),
    )
    if not session:
        return anonymous
    return *anonymous, Kind("stop in the body", body), Kind("a byte of the body a second", body, every_s=1)


@dataclass
class Fate:
    """Tell what became of one slow client."""

    kind: str
    opened: float
    cut: float | None = None
    """Seconds after opening; None while it is let be."""


async def _slow(kind: Kind, address: tuple[str, int], host: str, fate: Fate) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as held:
        held.setblocking(False)  # noqa: FBT003 - the name of the switch is the method's
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW_BYTES)
        await loop.sock_connect(held, address)
        fate.opened = time.monotonic()
        with suppress(OSError):
            held.send(kind.first(host))
        due = fate.opened + kind.every_s
        while not ended(held, reads=kind.reads):
            await asyncio.sleep(0.25)
            if kind.every_s and time.monotonic() >= due:
                due += kind.every_s
                with suppress(OSError):
                    held.send(b"a")
    fate.cut = time.monotonic() - fate.opened


def ended(held: socket.socket, *, reads: bool) -> bool:
    """Tell whether the other side has closed, without reading where the client does not read."""
    if not reads:
        watch = select.poll()
        watch.register(held, select.POLLHUP | select.POLLERR | select.POLLRDHUP)
        return bool(watch.poll(0))
    try:
        while True:
            if not held.recv(65_536):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


@dataclass
class Normal:
    """Count what a client that is not slow met with."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say median, worst and failures."""
        median, worst = (1000 * statistics.median(self.seconds), 1000 * max(self.seconds)) if self.seconds else (0, 0)
        return f"median {median:.1f} ms, worst {worst:.0f} ms, {len(self.failures)} of {self.asked} failed"

    @property
    def asked(self) -> int:
        """Return how many pages were asked for."""
        return len(self.seconds) + len(self.failures)

    async def ask(self, address: tuple[str, int], host: str, path: str = PAGE) -> None:
        """Ask for one page on a connection of its own."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(_LONGEST_S):
                status = await _status(address, _header(host, "GET", path, "Connection: close", ""))
        except (OSError, EOFError) as problem:
            self.failures.append(type(problem).__name__)
        else:
            if status == b"200":
                self.seconds.append(time.monotonic() - start)
            else:
                self.failures.append(f"status {status.decode()}")


async def _status(address: tuple[str, int], request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(request)
        answer = await reader.read()
    finally:
        writer.close()
    if not answer:
        raise EOFError
    return answer.split(b" ", 2)[1]


async def hold(  # noqa: PLR0913 - each is a part of the trial
    address: tuple[str, int], host: str, some: Sequence[Kind], count: int, *, longest_s: float, every_s: float
) -> tuple[Normal, Normal, list[Fate]]:
    """Open `count` slow clients of some kinds in turn; return what a normal one met before and meanwhile, and fates.

    longest_s: how long the slow ones may stay before they are given up. every_s: how often the normal one asks.
    """
    before, meanwhile = Normal(), Normal()
    for _ in range(20):
        await before.ask(address, host)
    chosen = [some[number % len(some)] for number in range(count)]
    fates = [Fate(kind.name, 0.0) for kind in chosen]
    async with asyncio.TaskGroup() as group:
        slow = [group.create_task(_slow(kind, address, host, fate)) for kind, fate in zip(chosen, fates, strict=True)]
        end = time.monotonic() + longest_s
        while time.monotonic() < end and not all(task.done() for task in slow):
            await meanwhile.ask(address, host)
            await asyncio.sleep(every_s)
        for task in slow:
            task.cancel()
    return before, meanwhile, fates


def counted(before: Normal, meanwhile: Normal, fates: Sequence[Fate]) -> Counts:
    """Count the fates; a slow client that was let be, and a page that was not answered, must not have happened."""
    counts = Counts(f"slow clients (a page without them: {before}; with them: {meanwhile})")
    for kind in dict.fromkeys(fate.kind for fate in fates):
        cuts = [fate.cut for fate in fates if fate.kind == kind]
        done = [cut for cut in cuts if cut is not None]
        said = f"{kind}: cut after {min(done):.0f} to {max(done):.0f} s" if done else kind
        for cut in cuts:
            counts.note(said, "it was let be" if cut is None else None)
    counts.wrong += [f"a page was not answered: {failure}" for failure in meanwhile.failures]
    return counts


def slow_clients(site: StaffSite, count: int) -> Counts:
    """Open so many slow clients of a site, those that are slow in a body with a session."""
    session = site.sign_in("sergeant.one")
    return counted(*asyncio.run(hold(site.address, site.host, kinds(session), count, longest_s=60, every_s=0.1)))
