"""A listening address, and the site behind it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from geo_service.cli.doors import Door, serve
from geo_service.errors import FaultError, InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port of the loopback that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_free_port_is_taken_at_once_and_named() -> None:
    door = Door("127.0.0.1", 0)
    assert door.address == f"http://127.0.0.1:{door.port}"
    with pytest.raises(InputError, match="Address already in use"):
        Door("127.0.0.1", door.port)
    door.close()


def test_an_address_of_the_sixth_version_stands_in_brackets() -> None:
    door = Door("::1", 0)
    assert door.address == f"http://[::1]:{door.port}"
    door.close()


def test_a_taken_port_is_told_with_the_option_that_chooses_another(taken: int) -> None:
    expected = rf"Found: 127\.0\.0\.1:{taken}, Address already in use\. Another program .* port with --staff-port"
    with pytest.raises(InputError, match=expected):
        Door("127.0.0.1", taken, "--staff-port")


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "300.1.1.1"])
def test_an_address_that_is_not_this_machine_s_is_told(host: str) -> None:
    with pytest.raises(InputError, match="Give --host an address of this machine"):
        Door(host, 0)


def test_an_empty_address_is_not_every_address() -> None:
    with pytest.raises(InputError, match="--host is empty"):
        Door(" ", 0)


def test_a_site_that_refuses_to_start_says_why_and_is_never_announced() -> None:
    async def refuse(site: FastAPI) -> AsyncIterator[None]:
        message = "A route declares no audience"
        raise FaultError(message, found="/secrets")
        yield

    door = Door("127.0.0.1", 0)
    door.open(FastAPI(lifespan=refuse))
    announced: list[str] = []
    with pytest.raises(FaultError, match=r"A route declares no audience\. Found: /secrets"):
        asyncio.run(serve(door, announce=lambda: announced.append("ready")))
    assert announced == []
    door.close()
