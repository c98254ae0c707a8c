"""What one connection may take of a site: bytes and time for its header and body, time for its answer, and a place.

Measured with 500 slow clients, no server cuts them all: uvicorn lets everything stay but what is idle after an answer,
hypercorn a body that trickles and an answer that nobody reads, granian every body and that answer. uvicorn takes a
protocol of our own, so the caps stand here.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.protocols.http.h11_impl import RequestResponseCycle
    from uvicorn.server import ServerState


@dataclass(frozen=True, slots=True)
class Limits:
    """Say how much of everything one client may take; times in seconds."""

    header_bytes: int = 16_384
    headers: int = 64
    header_s: float = 10
    """From the first moment of a connection, or the first byte of a further request, to the end of the header."""
    body_bytes: int = 65_536
    """Of what is sent to us: forms are small, and no site takes files."""
    body_s: float = 20
    request_s: float = 300
    """From the end of the request to the end of its answer."""
    unread_s: float = 20
    """How long a full buffer may wait for a client to read some of its answer."""
    linger_s: float = 2
    """How long a client may take to hear that the connection is over."""
    connections: int = 800
    """At one time, for each site; below the 1,024 open files that a process commonly may have."""


LIMITS: Final = Limits()
_NO_LINGER: Final = struct.pack("ii" if os.name == "posix" else "hh", 1, 0)
_LEAST_READ_BYTES: Final = 4_096
"""Of an answer, in `unread_s`: who reads less does not read."""


class _Requests(h11.Connection):
    """Parse requests, and refuse more and other than is taken before the application hears of them."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(h11.SERVER, limits.header_bytes)
        self._limits = limits
        self._body_bytes = 0
        self.refused = HTTPStatus.BAD_REQUEST, "This is no request that is understood."
        """Status and words for what was refused last."""

    def next_event(self) -> Any:  # noqa: ANN401 - h11's own union of events and marks
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as problem:
            status = HTTPStatus(problem.error_status_hint)
            self.refused = status, f"This is no request that is understood: {status.phrase.lower()}."
            raise
        if isinstance(event, h11.Request):
            self._body_bytes = 0
            self._check(event)
        elif isinstance(event, h11.Data):
            self._body_bytes += len(event.data)
            self._check_body(self._body_bytes)
        return event

    def _check(self, request: h11.Request) -> None:
        fields = list(request.headers)
        names = [name for name, _ in fields]
        # h11 counts a header only while it is incomplete: one that comes in a single piece may be longer.
        held = len(request.target) + sum(len(name) + len(value) + 4 for name, value in fields)
        if held > self._limits.header_bytes or len(fields) > self._limits.headers:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The header is too large.")
        if not request.target.startswith(b"/"):
            self._refuse(HTTPStatus.BAD_REQUEST, "The address must begin with a slash.")
        if b"transfer-encoding" in names and (b"content-length" in names or request.http_version < b"1.1"):
            self._refuse(HTTPStatus.BAD_REQUEST, "The length of the body is said in two ways.")
        for name, value in fields:
            if name == b"content-length":
                self._check_body(int(value))

    def _check_body(self, length: int) -> None:
        if length > self._limits.body_bytes:
            most = f"The body is too large: at most {self._limits.body_bytes:,} bytes are taken."
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, most)

    def _refuse(self, status: HTTPStatus, words: str) -> None:
        self.refused = status, words
        raise h11.RemoteProtocolError(words, status)


class Connection(H11Protocol):
    """Serve one connection within its limits; of too many, the one that waits longest for its client makes room."""

    conn: _Requests
    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # None before the first request

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], limits: Limits) -> None:
        """Take what uvicorn gives its protocols, and the limits."""
        super().__init__(config, server_state, app_state)
        self.limits = limits
        self.conn = _Requests(limits)
        self.since = time.monotonic()
        """Since when it is as it is: who waits longest gives a place up."""
        self._stage = ""
        self._stage_ends: asyncio.TimerHandle | None = None
        self._reading_ends: asyncio.TimerHandle | None = None
        self._unread_bytes = 0

    # --- what asyncio tells -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, where there is a place."""
        super().connection_made(transport)
        self._enter("header", self.limits.header_s)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every clock."""
        self._enter("over")
        _stop(self._reading_ends)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; after the end, nothing."""
        if self._stage == "idle":
            self._enter("header", self.limits.header_s)
        if self._stage != "over":
            super().data_received(data)

    def pause_writing(self) -> None:
        """Wait for the client to read some of its answer, for a while."""
        super().pause_writing()
        self.since = time.monotonic()
        self._watch_reading()

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        if self._stage != "over":
            _stop(self._reading_ends)
        super().resume_writing()

    # --- what uvicorn does --------------------------------------------------------------------

    def handle_events(self) -> None:
        """Handle what is complete, and say what is waited for."""
        super().handle_events()
        if self._stage == "over" or self.cycle is None or self.cycle.response_complete:
            return
        if self.conn.their_state is not h11.SEND_BODY:
            self._enter("answer", self.limits.request_s)
        elif self._stage != "body":
            # Nothing more is read before the application asks for it; of whom it refuses, it never does.
            self.flow.pause_reading()
            self._enter("body", self.limits.body_s)

    def on_response_complete(self) -> None:
        """Go on with the next request, or end where the body of this one was not read."""
        if self.transport.is_closing() or self.conn.their_state is h11.SEND_BODY:
            self._end()
        else:
            self._enter("idle")
            super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, or more than is taken, in words of our own."""
        del msg
        self._refuse(*self.conn.refused)

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that was idle for long."""
        super().timeout_keep_alive_handler()
        self._end()

    def shutdown(self) -> None:
        """End, after the answer that is being made or read."""
        if self._stage == "answer" or (self._stage == "idle" and self.transport.get_write_buffer_size()):
            super().shutdown()
        else:
            self.cut()

    # --- what is ours -------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Tell whether it waits for its client, not for us."""
        return self._stage != "answer" or self.flow.write_paused

    def cut(self) -> None:
        """End at once; what was not read is lost, by us and by the system, which would keep it for minutes."""
        self._enter("over")
        held = self.transport.get_extra_info("socket")
        if held is not None:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def _make_room(self) -> None:
        held = [other for other in self.connections if isinstance(other, Connection)]
        if len(held) > self.limits.connections:
            waiting = (other for other in held if other.waits and other is not self)
            min(waiting, key=lambda other: other.since, default=self).cut()

    def _enter(self, stage: str, longest_s: float = 0) -> None:
        """Begin a stage, once, and with it its clock; 0 for none."""
        if self._stage in {stage, "over"}:
            return
        self._stage, self.since = stage, time.monotonic()
        _stop(self._stage_ends)
        if longest_s:
            self._stage_ends = self.loop.call_later(longest_s, self.cut if stage == "answer" else self._late)

    def _late(self) -> None:
        """Say that it took too long, where anything was said at all."""
        if self._stage == "header" and not self.conn.trailing_data[0]:
            self.cut()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to come.")

    def _refuse(self, status: HTTPStatus, words: str) -> None:
        """Answer in a line and end; what is being answered already is broken off."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.cut()
                return
        said = f"{words}\n".encode()
        self.transport.write(
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(said)}\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        self.transport.write(said)
        self._end()

    def _end(self) -> None:
        """Say that nothing more is coming, take nothing more, and be gone soon whatever the client does.

        Closed at once with bytes of the client's unread, its own system would throw our answer away.
        """
        self._enter("over")
        self._unset_keepalive_if_required()
        if not self.transport.is_closing():
            self.flow.pause_reading()
            if self.transport.can_write_eof():
                self.transport.write_eof()
            else:
                self.transport.close()
        self._watch_reading()

    def _watch_reading(self) -> None:
        """Look again later whether the client has read some of what waits for it."""
        _stop(self._reading_ends)
        self._unread_bytes = self.transport.get_write_buffer_size()
        after_s = self.limits.unread_s if self._unread_bytes else self.limits.linger_s
        self._reading_ends = self.loop.call_later(after_s, self._look_whether_read)

    def _look_whether_read(self) -> None:
        unread = self.transport.get_write_buffer_size()
        if not unread or unread > self._unread_bytes - _LEAST_READ_BYTES:
            self.cut() if unread else self.transport.abort()
        else:
            self._watch_reading()


def _stop(clock: asyncio.TimerHandle | None) -> None:
    if clock is not None:
        clock.cancel()
