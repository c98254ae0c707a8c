"""What one connection may take of a site."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from faults import slow
from geo_service.cli.connections import LIMITS, Limits
from geo_service.cli.doors import Door, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request

BRIEF = replace(LIMITS, header_s=0.3, body_s=0.3, unread_s=0.3, linger_s=0.2, request_s=5)
"""Limits in which a test need not wait."""
LARGE, PARTS = b"x" * 65_536, 128
"""Together more than the buffers between two ends hold."""


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def refuse(request: Request) -> PlainTextResponse:
    return PlainTextResponse("no", 403)


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def much(request: Request) -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(PARTS):
            yield LARGE

    return StreamingResponse(parts())


@contextmanager
def site(limits: Limits) -> Iterator[Door]:
    """Serve a small site in a thread."""
    routes = [
        Route("/", hello),
        Route("/sign-in", hello),
        Route("/refuse", refuse, methods=["POST"]),
        Route("/echo", echo, methods=["POST"]),
        Route("/much", much),
    ]
    door = Door("127.0.0.1", 0, limits=limits)
    door.open(Starlette(routes=routes))  # type: ignore[arg-type]  # all that a door needs of a site
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve(door, announce=ready.set)))
    thread.start()
    try:
        assert ready.wait(20)
        yield door
    finally:
        door.stop()
        thread.join(20)


@pytest.fixture(scope="module")
def brief() -> Iterator[Door]:
    with site(BRIEF) as door:
        yield door


def say(door: Door, *parts: bytes) -> bytes:
    """Send bytes on a connection of their own, and return all that comes back until it ends."""
    with socket.create_connection(("127.0.0.1", door.port), 20) as held:
        for part in parts:
            held.sendall(part)
        said = bytearray()
        try:
            while more := held.recv(65_536):
                said += more
        except ConnectionResetError:
            pass
        return bytes(said)


def sent_until_refused(held: socket.socket) -> int:
    """Send for as long as the other side lets us; return how many bytes its system took."""
    sent = 0
    try:
        while True:
            sent += held.send(LARGE)
    except (ConnectionResetError, BrokenPipeError):
        return sent


def head(method: str, path: str, *fields: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: here", *fields, "", ""]).encode()


CLOSE = "Connection: close"
REFUSED = {
    "a header in one piece that is too long": (head("GET", "/", f"X: {'a' * 17_000}"), 431),
    "a header without an end": (b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000, 431),
    "an address that is too long": (head("GET", "/" + "a" * 17_000), 431),
    "more header lines than anybody needs": (head("GET", "/", *(f"X-{n}: a" for n in range(80))), 431),
    "a body that says it is too long": (head("POST", "/echo", "Content-Length: 400000000"), 413),
    "a body that is too long without saying so": (
        head("POST", "/echo", "Transfer-Encoding: chunked") + b"10000\r\n" + b"a" * 65_536 + b"\r\n1\r\nb\r\n",
        413,
    ),
    "a body whose length is said twice": (
        head("POST", "/echo", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        400,
    ),
    "an address of another site": (head("GET", "http://elsewhere.example/"), 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (head("GET", "/", "Host: there"), 400),
    "no request": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "half a header": (b"GET / HTTP/1.1\r\nHost: here\r\nX: ", 408),
    "half a body": (head("POST", "/echo", "Content-Length: 10") + b"abc", 408),
}


@pytest.mark.parametrize("what", REFUSED)
def test_more_and_other_than_is_taken_is_refused_in_a_line_and_the_connection_ends(what: str, brief: Door) -> None:
    sent, status = REFUSED[what]
    answer = say(brief, sent)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.lower().count(b"\r\nconnection: close") == 1
    assert answer.count(b"HTTP/1.1") == 1


def test_what_is_within_the_limits_is_answered(brief: Door) -> None:
    assert say(brief, head("GET", "/", CLOSE)).endswith(b"hello")
    assert say(brief, head("POST", "/echo", CLOSE, "Content-Length: 65536"), b"a" * 65_536).endswith(b"65536")
    chunked = head("POST", "/echo", CLOSE, "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n"
    assert say(brief, chunked).endswith(b"3")


def test_requests_may_follow_each_other_on_one_connection(brief: Door) -> None:
    assert say(brief, head("GET", "/") * 3 + head("GET", "/", CLOSE)).count(b"hello") == 4


def test_who_says_nothing_is_cut_without_a_word(brief: Door) -> None:
    assert say(brief) == b""


def test_a_body_that_nobody_reads_is_not_read_and_its_sender_hears_why() -> None:
    with site(replace(BRIEF, body_bytes=1 << 30)) as door:
        many = head("POST", "/refuse", "Content-Length: 400000000")
        with socket.create_connection(("127.0.0.1", door.port), 20) as held:
            held.sendall(many)
            answer = held.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 403")
            taken = sent_until_refused(held)
            assert taken < 16_000_000  # what the two ends' buffers hold, not what we read


def test_an_answer_that_is_read_comes_whole() -> None:
    with site(LIMITS) as door:
        assert say(door, head("GET", "/much", CLOSE)).count(b"x") == PARTS * len(LARGE)


def test_an_answer_that_is_not_read_is_cut(brief: Door) -> None:
    with closing(socket.socket()) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        held.settimeout(20)
        held.connect(("127.0.0.1", brief.port))
        held.sendall(head("GET", "/much", CLOSE))
        fate = asyncio.run(watched(held))
    assert fate


async def watched(held: socket.socket) -> bool:
    """Tell whether a connection that is not read from is ended by the other side within 20 seconds."""
    async with asyncio.timeout(20):
        while not slow.ended(held, reads=False):  # noqa: ASYNC110 - what is waited for has no event on this side
            await asyncio.sleep(0.05)
    return True


def test_of_too_many_connections_the_one_that_waits_longest_makes_room() -> None:
    with site(replace(LIMITS, connections=3)) as door:
        held = [socket.create_connection(("127.0.0.1", door.port), 20) for _ in range(3)]
        assert say(door, head("GET", "/", CLOSE)).endswith(b"hello")
        with pytest.raises(ConnectionResetError):
            held[0].recv(1)
        held[2].sendall(head("GET", "/", CLOSE))
        assert held[2].recv(65_536).startswith(b"HTTP/1.1 200")
        for each in held:
            each.close()


def test_slow_clients_of_every_kind_are_cut_and_keep_nobody_waiting(brief: Door) -> None:
    address = ("127.0.0.1", brief.port)
    kinds = slow.kinds("none", large="/much", form="/echo")
    found = asyncio.run(slow.hold(address, f"127.0.0.1:{brief.port}", kinds, 42, longest_s=30, every_s=0.05))
    counts = slow.counted(*found)
    assert counts.wrong == []
    assert counts.points == 42
    assert found[1].asked > 0
