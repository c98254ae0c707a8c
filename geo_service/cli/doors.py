"""A listening address, and a site behind it."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from geo_service.cli.connections import LIMITS, Connection, Limits
from geo_service.errors import FaultError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi import FastAPI

_BACKLOG = 512
"""Connections that the system keeps for us until they are taken; short bursts are no refusals."""
_SENT_BYTES = 262_144
"""What the system keeps of an answer that is on its way: with more, a slow reader looks like one that stopped."""
_RECEIVED_BYTES = 65_536
"""What the system takes of a request before we do: forms are small."""
_LAST_ANSWERS_S = 10
"""How long answers that are being made may still take when the site is stopped."""


class Tls(NamedTuple):
    """Name the files that prove who a site is, as PEM."""

    certificate: Path
    key: Path


class Door:
    """Hold a listening address and the site behind it."""

    def __init__(
        self, host: str, port: int, option: str = "--port", *, tls: Tls | None = None, limits: Limits = LIMITS
    ) -> None:
        """Take a port at once, 0 for a free one, so that a taken one is told before any work is done.

        option: what the command line calls the port. tls: files of the certificate; plain HTTP without. Raises
        InputError where the address cannot be listened on, or the certificate cannot be used.
        """
        if not host.strip():
            raise InputError("--host is empty", do="Name an address of this machine, or leave it out", field="host")
        self.host = host
        self._tls = tls
        self._limits = limits
        self._socket = _listening(host, port, option)
        self.port: int = self._socket.getsockname()[1]

    @property
    def name(self) -> str:
        """Return the host as an address or a Host header writes it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def address(self) -> str:
        """Return the site's address without a closing slash."""
        return f"{'https' if self._tls else 'http'}://{self.name}:{self.port}"

    def open(self, site: FastAPI) -> None:
        """Put a site behind the address; raise InputError where the certificate cannot be used."""
        self._config = _config(site, self._tls)
        self._site = site

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def stop(self) -> None:
        """End `serve` soon, from any thread; answers that are being made are still sent."""
        self._server.should_exit = True

    async def serve(self, started: Callable[[], None]) -> None:
        """Serve until interrupted; call `started` once requests are answered.

        Raises FaultError where the site refuses to start.
        """
        # Entered once here, because uvicorn would keep to itself why a site refuses to start.
        async with self._site.router.lifespan_context(self._site):
            pass
        self._server = _Server(self._config, self._limits, started)
        try:
            await self._server.serve(sockets=[self._socket])
        except SystemExit:
            raise FaultError("The site could not be started", found=self.address) from None


class _Server(uvicorn.Server):
    """Serve connections of our own kind."""

    def __init__(self, config: uvicorn.Config, limits: Limits, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._limits = limits
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(STARTUP_FAILURE)
        loop = asyncio.get_running_loop()
        tls = self.config.ssl
        self.servers = [
            await loop.create_server(
                lambda: Connection(self.config, self.server_state, self.lifespan.state, self._limits),
                sock=held,
                backlog=_BACKLOG,
                ssl=tls,
                ssl_handshake_timeout=self._limits.header_s if tls else None,
                ssl_shutdown_timeout=self._limits.linger_s if tls else None,
            )
            for held in sockets or []
        ]
        self.started = True
        # From here on what fails is the site's fault, and belongs in the log of the command.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self._told()


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


def _config(site: FastAPI, tls: Tls | None) -> uvicorn.Config:
    # No access log: what a member of the public looks for must not be written down. No header of a proxy is believed.
    config = uvicorn.Config(
        site,
        log_level="critical",
        access_log=False,
        lifespan="on",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
        ssl_certfile=tls and tls.certificate,
        ssl_keyfile=tls and tls.key,
    )
    try:
        config.load()
    except OSError as problem:  # the errors of TLS are of this kind, too
        found = f"{tls.certificate if tls else ''}: {problem.strerror or problem.args[0]}"
        do = "Give PEM files that belong together: --certificate with the whole chain, --key without a password"
        raise InputError("The certificate or its key cannot be used", found=found, do=do, field="certificate") from None
    return config


def _listening(host: str, port: int, option: str) -> socket.socket:
    """Return a socket that listens.

    It names its protocol: one that does not, as `socket.create_server` makes it, is not known to asyncio as TCP, and
    every answer on a kept connection then waits 40 ms for an acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two programs listen on one port
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_BYTES)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED_BYTES)
        held.bind((host, port))
        held.listen(_BACKLOG)
    except OSError as problem:
        held.close()
        raise _refused(problem, f"{host}:{port}", option) from None
    return held


def _refused(problem: OSError, where: str, option: str) -> InputError:
    known = problem.errno is not None and problem.errno > 0  # what looks names up counts its errors below 0
    do = {
        errno.EADDRINUSE: f"Another program listens there: stop it, or choose another port with {option}",
        errno.EACCES: f"Ports below 1024 are for the administrator: choose another with {option}",
    }.get(problem.errno or 0, "Give --host an address of this machine, for example 127.0.0.1")
    said = os.strerror(problem.errno) if known and problem.errno else problem.strerror
    return InputError("The address cannot be listened on", found=f"{where}, {said}", do=do, field=option.strip("-"))
