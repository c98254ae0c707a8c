"""Bytes to a socket and back: requests that no client library would send."""

from __future__ import annotations

import socket
from typing import Final, NamedTuple

_LONGEST_S: Final = 20.0


class Answer(NamedTuple):
    """Hold all that came back on one connection."""

    said: bytes

    @property
    def status(self) -> int:
        """Return the status of the first answer, 0 where there is none."""
        first = self.said.split(b" ", 2)
        return int(first[1]) if len(first) > 1 and first[0].startswith(b"HTTP/") else 0

    def header(self, name: str) -> str:
        """Return a header of the first answer, empty where it has none."""
        for line in self.said.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]:
            found, _, value = line.partition(":")
            if found.casefold() == name:
                return value.strip()
        return ""


def ask(address: tuple[str, int], request: bytes) -> Answer:
    """Send a request and return all that comes back until the other side closes."""
    with socket.create_connection(address, _LONGEST_S) as held:
        said = bytearray()
        try:
            held.sendall(request)
            while more := held.recv(65_536):
                said += more
        except (ConnectionResetError, BrokenPipeError):
            pass
        return Answer(bytes(said))
