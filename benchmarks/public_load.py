"""The public site as a phone loads it, and under load: bytes of the first view and of the map, p50 and p95.

`python -m benchmarks.public_load DATA_DIR [--rate 200] [--seconds 30]`; not part of `make bench`. The site runs as its
users run it, in a process of its own; what asks runs in this one, at times that were drawn before. A delay counts from
when the request was due, so that a site that stands still is not spared the requests that waited.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import numpy as np

from geo_service.releases.watching import WatchedReleases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED: Final = 1
CONNECTIONS: Final = 40
FIRST_VIEW: Final = ("/", "/assets/web/public.css", "/static/leave.js", "/static/public.js", "/static/icon.svg")
MAP: Final = (
    "/assets/leaflet/leaflet.css", "/assets/leaflet/leaflet.js", "/static/public-map.js", "/static/public-basemap.js",
    "/static/basemap.js", "/assets/protomaps/protomaps-leaflet.js", "/map.json",
)  # fmt: skip
LIST_SHARE: Final = 0.5
"""Of the requests; the rest are searches by postcode, town and street."""


@contextmanager
def site(data_dir: Path) -> Iterator[str]:
    """Serve the public site in a process of its own; yield its address."""
    words = [str(Path(sys.executable).with_name("geo-service")), "--data-dir", str(data_dir), "serve"]
    words += ["--site", "public", "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as served:  # noqa: S603
        try:
            yield json.loads(served.stdout.readline() if served.stdout else "{}")["url"].rstrip("/")
        finally:
            served.send_signal(signal.SIGINT)


def request(host: str, path: str, form: dict[str, str] | None = None) -> bytes:
    """Write one request as a browser sends it."""
    body = b"" if form is None else urlencode(form).encode()
    lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: {host}", "Accept-Encoding: gzip"]
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Read one answer; return its status and its bytes, headers included."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    sizes = [int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")]
    total = len(head)
    if sizes:
        await reader.readexactly(sizes[0])
        return int(lines[0].split()[1]), total + sizes[0]
    while True:  # in pieces
        line = await reader.readline()
        size = int(line, 16)
        await reader.readexactly(size + 2)
        total += len(line) + size + 2
        if size == 0:
            return int(lines[0].split()[1]), total


async def weigh(origin: str, paths: Sequence[str]) -> dict[str, int]:
    """Return the bytes of each answer as it is sent, packed and with its headers."""
    parts = urlsplit(origin)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    sizes = {}
    for path in paths:
        writer.write(request(parts.netloc, path))
        status, sizes[path] = await answer(reader)
        if status != 200:  # noqa: PLR2004 - a page
            print(f"{path}: {status}")
    writer.close()
    return sizes


async def load(origin: str, requests: Sequence[bytes], due: np.ndarray) -> tuple[np.ndarray, int]:
    """Send each request when it is due; return the milliseconds from then to its answer, and how many failed."""
    parts = urlsplit(origin)
    taken, failed = np.full(len(requests), np.inf), 0
    waiting: asyncio.Queue[int] = asyncio.Queue()
    start = perf_counter()

    async def ask() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while (number := await waiting.get()) >= 0:
            try:
                writer.write(requests[number])
                status, _ = await answer(reader)
            except (OSError, asyncio.IncompleteReadError):
                # It was closed, as one that is kept too long is: asked again on a new one, at the cost of this request.
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
                writer.write(requests[number])
                status, _ = await answer(reader)
            failed += status != 200  # noqa: PLR2004
            taken[number] = (perf_counter() - start - due[number]) * 1000
        writer.close()

    askers = [asyncio.create_task(ask()) for _ in range(CONNECTIONS)]
    for number, at in enumerate(due):
        await asyncio.sleep(max(0.0, at - (perf_counter() - start)))
        waiting.put_nowait(number)
    for _ in askers:
        waiting.put_nowait(-1)
    await asyncio.gather(*askers)
    return taken, failed


def mixed(data_dir: Path, host: str, count: int) -> list[bytes]:
    """Draw the requests: the list, and searches in every way that the release knows."""
    gazetteer = WatchedReleases(data_dir / "public" / "releases").current().gazetteer
    said = [
        *gazetteer.postcodes["postcode"].to_list(), *gazetteer.towns["name"].to_list(),
        *gazetteer.streets["name"].to_list(),
    ]  # fmt: skip
    drawn = np.random.default_rng(SEED)
    listed, which = drawn.random(count) < LIST_SHARE, drawn.integers(0, len(said), count)
    paths = ("", "/cy", "/pl", "/ur", "")
    return [
        request(host, paths[number % 5] + "/")
        if listed[number]
        else request(
            host, paths[number % 5] + "/near", {"where": said[which[number]], "open": "yes" if number % 3 else ""}
        )
        for number in range(count)
    ]


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    said = parser.parse_args()
    with site(said.data_dir) as origin:
        for name, paths in (("first view", FIRST_VIEW), ("map, tiles apart", MAP)):
            sizes = asyncio.run(weigh(origin, paths))
            print(f"{name}: {sum(sizes.values()):,} bytes as sent, with headers")
            print("".join(f"  {size:>8,}  {path}\n" for path, size in sizes.items()), end="")
        count = said.rate * said.seconds
        requests = mixed(said.data_dir, urlsplit(origin).netloc, count)
        asyncio.run(load(origin, requests[: said.rate], np.arange(said.rate) / said.rate))  # warm
        before = os.getloadavg()[0]
        taken, failed = asyncio.run(load(origin, requests, np.arange(count) / said.rate))
        p50, p95, p99 = np.percentile(taken, [50, 95, 99])
        print(
            f"{count:,} requests at {said.rate} a second, half of them searches: p50 {p50:.1f} ms, p95 {p95:.1f} ms, "
            f"p99 {p99:.1f} ms, longest {taken.max():.0f} ms; {failed} failed; "
            f"load of the machine {before:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} cores"
        )


if __name__ == "__main__":
    main()
