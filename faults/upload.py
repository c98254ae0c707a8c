"""Somebody unknown sends 400 MB: how much of it does the site take before it refuses and closes?"""

from __future__ import annotations

import re
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Final

from faults.counts import Counts

if TYPE_CHECKING:
    from faults.site import StaffSite

_BYTES: Final = 400_000_000
_MOST_BYTES: Final = 262_144
"""What one call of the system may hand over together with the header."""
_PIECE: Final = b"a" * 65_536
_KINDS: Final = {
    "with its length": (f"Content-Length: {_BYTES}", _PIECE),
    "in chunks": ("Transfer-Encoding: chunked", b"10000\r\n" + _PIECE + b"\r\n"),
    "that waits to be asked": (f"Content-Length: {_BYTES}\r\nExpect: 100-continue", _PIECE),
}


def uploads(site: StaffSite) -> Counts:
    """Send each kind of upload, to a page and to the API; the site must take no more than came with the header.

    What the site takes is counted by strace, what the two systems' buffers hold by the sender.
    """
    counts = Counts("anonymous uploads of 400 MB")
    said = []
    for path in ("/find", "/api/collections", "/sign-in"):
        for kind, (framing, piece) in _KINDS.items():
            status, sent, taken = _upload(site, path, framing, piece)
            refused = status in {401, 403, 413} and taken <= _MOST_BYTES
            counts.note(str(status), None if refused else f"{path} {kind}: {taken:,} bytes were taken")
            said.append(f"{path} {kind}: {taken:,} taken, {sent:,} sent")
    counts.title += f" ({'; '.join(said)})"
    return counts


def _upload(site: StaffSite, path: str, framing: str, piece: bytes) -> tuple[int, int, int]:
    """Return the status, the bytes that our own system took, and those that the site read, header included."""
    head = f"POST {path} HTTP/1.1\r\nHost: {site.host}\r\nOrigin: http://{site.host}\r\n{framing}\r\n\r\n".encode()
    watch = ["strace", "-f", "-e", "trace=recvfrom,read", "-e", "signal=none", "-p", str(site.process.pid)]
    with subprocess.Popen(watch, stderr=subprocess.PIPE, text=True) as watcher:
        assert watcher.stderr is not None  # noqa: S101 - it was asked for
        watcher.stderr.readline()  # it says that it is attached
        with socket.create_connection(site.address, 20) as held:
            held.sendall(head + piece)
            sent = len(piece)
            answer = b""
            try:
                if b"100-continue" in head:
                    answer = held.recv(65_536)
                while sent < _BYTES and b"100-continue" not in head:
                    held.settimeout(2)
                    sent += held.send(piece)
            except OSError:
                pass
            held.settimeout(20)
            try:
                while not answer.startswith(b"HTTP/") and (more := held.recv(65_536)):
                    answer += more
            except OSError:
                pass
        time.sleep(0.2)  # strace writes what it saw
        watcher.terminate()
        seen = watcher.stderr.read()
    taken = sum(int(count) for count in re.findall(r'recvfrom\(\d+, "[^"]*"\.*, \d+, 0, NULL, NULL\) = (\d+)', seen))
    status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0
    return status, sent, taken
