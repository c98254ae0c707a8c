"""A listening address, and a site behind it."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from geo_service.errors import FaultError, InputError

_BACKLOG = 128

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI


class Door:
    """Hold a listening address and the site behind it."""

    def __init__(self, host: str, port: int, option: str = "--port") -> None:
        """Take a port at once, 0 for a free one, so that a taken one is told before any work is done.

        option: what the command line calls the port. Raises InputError where the address cannot be listened on.
        """
        if not host.strip():
            raise InputError("--host is empty", do="Name an address of this machine, or leave it out", field="host")
        self.host = host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as problem:
            raise _refused(problem, f"{host}:{port}", option) from None
        self.port: int = self._socket.getsockname()[1]

    @property
    def name(self) -> str:
        """Return the host as an address or a Host header writes it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def address(self) -> str:
        """Return the site's address without a closing slash."""
        return f"http://{self.name}:{self.port}"

    def open(self, site: FastAPI) -> None:
        """Put a site behind the address."""
        self._config = _config(site, self.host, self.port)
        self._site = site

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    async def serve(self, started: Callable[[], None]) -> None:
        """Serve until interrupted; call `started` once requests are answered.

        Raises FaultError where the site refuses to start.
        """

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[Any] | None = None) -> None:
                await super().startup(sockets)
                # From here on what fails is the site's fault, and belongs in the log of the command.
                logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
                if self.started:
                    started()

        # Entered once here, because uvicorn would keep to itself why a site refuses to start.
        async with self._site.router.lifespan_context(self._site):
            pass
        try:
            await Server(self._config).serve(sockets=[self._socket])
        except SystemExit:
            raise FaultError("The site could not be started", found=self.address) from None


async def serve(*doors: Door, announce: Callable[[], None]) -> None:
    """Serve every site until interrupted; announce them once all of them answer."""
    waiting = len(doors)

    def started() -> None:
        nonlocal waiting
        waiting -= 1
        if not waiting:
            announce()

    with suppress(asyncio.CancelledError):
        await asyncio.gather(*(door.serve(started) for door in doors))


def _config(site: FastAPI, host: str, port: int) -> uvicorn.Config:
    # No access log: what a member of the public looks for must not be written down.
    return uvicorn.Config(
        site,
        host=host,
        port=port,
        log_level="critical",
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_keep_alive=5,
        h11_max_incomplete_event_size=16_384,
    )


def _refused(problem: OSError, where: str, option: str) -> InputError:
    known = problem.errno is not None and problem.errno > 0  # what looks names up counts its errors below 0
    do = {
        errno.EADDRINUSE: f"Another program listens there: stop it, or choose another port with {option}",
        errno.EACCES: f"Ports below 1024 are for the administrator: choose another with {option}",
    }.get(problem.errno or 0, "Give --host an address of this machine, for example 127.0.0.1")
    said = os.strerror(problem.errno) if known and problem.errno else problem.strerror
    return InputError("The address cannot be listened on", found=f"{where}, {said}", do=do, field=option.strip("-"))
