"""Tell the system's log how far the ledger has come, so that who rewrites ledger and directory is found out.

A line goes out after each transaction that moved a chain. It holds the newest hash of each chain, which covers all
before it. The log is kept by another program, best on another machine.
"""

from __future__ import annotations

import ipaddress
import re
import socket as sockets
from contextlib import suppress
from logging.handlers import SYSLOG_UDP_PORT, SysLogHandler
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from geo_service.errors import InputError
from geo_service.model.chain import Link
from geo_service.store.head import Head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MISSED: Final = "syslog-missed"
"""File in the data directory that names the first event whose line did not get out."""
_NAME: Final = "geo-service"
_CHAINS: Final = ("version", "event", "run")
_LINE: Final = re.compile(
    r"geo-service: head store=(\S+) version=(\d+):([0-9a-f]{64}) event=(\d+):([0-9a-f]{64}) run=(\d+):([0-9a-f]{64})"
)


class Witness(Protocol):
    """Be told how far the ledger has come; never fails and never waits."""

    def tell(self, head: Head) -> None:
        """Take the newest rows, after their transaction."""

    def problems(self) -> Iterable[str]:
        """Yield what could not be told since this was asked last, in words."""

    def close(self) -> None:
        """Give back what it holds open."""


class NoWitness:
    """Tell nobody."""

    def tell(self, head: Head) -> None:
        """Do nothing."""

    def problems(self) -> Iterable[str]:
        """Yield nothing."""
        return ()

    def close(self) -> None:
        """Do nothing."""


class Syslog:
    """Tell the system's log; what cannot be told at once is left out, and the doctor says so once."""

    def __init__(self, address: str | tuple[str, int], root: Path) -> None:
        """Tell the log at `address`: a socket's path, or host and UDP port; remember below `root` what was missed."""
        # Datagrams only: a stream waits when nobody takes from it.
        self._handler = _Datagrams(address, socktype=sockets.SOCK_DGRAM)
        self._missed = root / MISSED

    def tell(self, head: Head) -> None:
        """Send one line, without waiting."""
        try:
            self._handler.say(line(head))
        except OSError as problem:
            # The first one that was missed is the one to look for. Nothing more is done: the act is committed.
            with suppress(OSError), self._missed.open("x", encoding="utf-8") as file:
                file.write(f"event {head.event.number}: {problem.strerror or problem}")

    def problems(self) -> Iterator[str]:
        """Yield what was missed, once, unless the log still takes nothing."""
        try:
            missed = self._missed.read_text("utf-8")
        except OSError:
            missed = ""
        try:
            self._handler.say(f"{_NAME}: the doctor asks whether this log takes lines")
        except OSError as problem:
            yield (
                f"The system's log takes no lines ({problem.strerror or problem}), so that nothing outside the data "
                f"directory proves the ledger. Check the setting syslog and the program behind it"
            )
            return
        if missed:
            yield (
                f"The system's log missed lines, the first after {missed}. It takes them again, and the next line "
                f"covers those that were missed; this is told once"
            )
            with suppress(OSError):
                self._missed.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the socket."""
        self._handler.close()


class _Datagrams(SysLogHandler):
    """Send lines without ever waiting: the standard handler waits for a log whose queue is full."""

    socket: sockets.socket
    """The standard handler's own; closed where no log was found."""

    def say(self, said: str) -> None:
        """Send one line; raise OSError where the log does not take it at once."""
        self.acquire()
        try:
            try:
                self._send(said)
            except OSError:
                # The log may have been started anew since: its socket is then another.
                self.socket.close()
                self._send(said)
        finally:
            self.release()

    def _send(self, said: str) -> None:
        if self.socket.fileno() < 0:
            self.createSocket()
        if self.socket.fileno() < 0:
            missing = f"no log listens at {self.address}"
            raise FileNotFoundError(2, missing)
        self.socket.settimeout(0)
        priority = self.encodePriority(self.LOG_AUTHPRIV, "notice")
        message = f"<{priority}>{said}".encode()
        if self.unixsocket:
            self.socket.send(message)
        else:
            self.socket.sendto(message, self.address)


def witness_at(address: str, root: Path) -> Witness:
    """Return the witness at an address; raise InputError for one that cannot be read.

    address: path of a socket such as `/dev/log`, `udp://192.0.2.1:514`, or empty for none. root: the data directory.
    """
    if not address.strip():
        return NoWitness()
    if address.startswith("/"):
        return Syslog(address, root)
    return Syslog(_host_and_port(address), root)


def _host_and_port(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        if parts.scheme != "udp" or parts.path.strip("/") or parts.hostname is None:
            raise ValueError  # noqa: TRY301 - said below, with what else can be wrong
        host = "127.0.0.1" if parts.hostname == "localhost" else str(ipaddress.ip_address(parts.hostname))
        port = parts.port or SYSLOG_UDP_PORT
    except ValueError:
        raise InputError(
            "The setting syslog is no address of a log",
            found=address,
            do="Write /dev/log, or udp://192.0.2.1:514 with a number instead of a name, because looking one up can "
            "wait long; leave it empty to tell no log",
            field="syslog",
        ) from None
    return host, port


# --- lines ----------------------------------------------------------------------------------------


def line(head: Head) -> str:
    """Return the line that tells of a head."""
    marks = " ".join(f"{name}={link.number}:{link.sha256}" for name, link in zip(_CHAINS, head[1:], strict=True))
    return f"{_NAME}: head store={head.store} {marks}"


class Told(NamedTuple):
    """Hold one line of a log."""

    row: int
    """Line in the file, from 1."""
    head: Head


def heads_told(lines: Iterable[str], store: str) -> Iterator[Told]:
    """Yield the heads of one store that the lines of a log tell of; other lines are passed over."""
    for row, text in enumerate(lines, start=1):
        found = _LINE.search(text)
        if found is not None and found[1] == store:
            links = [Link(int(found[at]), found[at + 1]) for at in (2, 4, 6)]
            yield Told(row, Head(store, *links))
