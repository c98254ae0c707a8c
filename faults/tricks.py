"""Host and path tricks: requests that mean to be taken for another address, another host or somebody else."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from faults.counts import Counts
from faults.raw import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from faults.site import StaffSite


class Target(NamedTuple):
    """Name a protected address, and what only its own answer holds."""

    path: str
    mark: bytes
    opened_by: str
    """Somebody whom it is for."""


TARGETS: Final = (
    Target("/find", b'name="boundary"', "sergeant.one"),
    Target("/runs/latest/zones.csv", b"text/csv", "sergeant.one"),
    Target("/audit", b"<table", "auditor.one"),
    Target("/audit.csv", b"text/csv", "auditor.one"),
)
"""None of them is for an officer."""
FOR_PROGRAMS: Final = Target("/api/collections", b'"collections":', "analyst.one")

_AT_ONCE: Final = 32
"""Some of them are no whole request, and wait until they are cut."""

_PATHS: Final[tuple[Callable[[str], str], ...]] = (
    lambda path: path,
    lambda path: f"/{path}",
    lambda path: f"//127.0.0.1{path}",
    lambda path: f"/.{path}",
    lambda path: f"/..{path}",
    lambda path: f"{path}/.",
    lambda path: f"{path}/..{path}",
    lambda path: f"{path}//",
    lambda path: f"{path}/",
    lambda path: f"/%2e{path}",
    lambda path: f"/%2e%2e{path}",
    lambda path: f"/%2E%2E%2F{path[1:]}",
    lambda path: f"/static/..{path}",
    lambda path: f"/static/%2e%2e{path}",
    lambda path: f"/static/..%2f..%2f{path[1:]}",
    lambda path: f"/static/..%5c..%5c{path[1:]}",
    lambda path: f"/sign-in/..{path}",
    lambda path: f"/sign-in%2f..{path}",
    lambda path: f"/sign-in;{path}",
    lambda path: f"{path};/sign-in",
    lambda path: f"{path};jsessionid=1",
    lambda path: f"{path}%00",
    lambda path: f"{path}%00.css",
    lambda path: f"{path}%0d%0aHost:%20127.0.0.1",
    lambda path: f"{path}%20",
    lambda path: f"{path}%09",
    lambda path: f"{path}%3f",
    lambda path: f"{path}?/static/site.css",
    lambda path: f"{path}#/static/site.css",
    lambda path: f"{path}.css",
    lambda path: f"{path}/site.css",
    lambda path: path.upper(),
    lambda path: path.title(),
    lambda path: path.replace("/", "%2f"),
    lambda path: path.replace("/", "%252f"),
    lambda path: path.replace("/", "\\"),
    lambda path: path.replace("/", "/%c0%af/"),
    lambda path: path.replace("i", "%69").replace("u", "%75"),
    lambda path: path.replace("i", "\u0131"),
    lambda path: path.replace("f", "\uff46"),
    lambda path: path.replace("f", "%ef%bd%86"),
    lambda path: f"/api{path}",
    lambda path: f"/api/..{path}",
    lambda path: f"/api/%2e%2e{path}",
    lambda path: f"/{'a/../' * 400}{path[1:]}",
    lambda path: f"{path}?{'a' * 20_000}",
    lambda path: f"/{'a' * 20_000}{path}",
    lambda path: f"http://127.0.0.1{path}",
    lambda path: f"https://localhost{path}",
    lambda path: f"{path} HTTP/1.1\r\nX: y",
    lambda path: path[1:],
    lambda _: "*",
)
_HOSTS: Final = (
    "{host}",
    "localhost:{port}",
    "evil.example",
    "{host}.evil.example",
    "{host}@evil.example",
    "evil.example@{host}",
    "127.0.0.1",
    "127.0.0.1.:{port}",
    "localhost.:{port}",
    "127.0.0.1:0{port}",
    "127.0.0.1:80",
    "0.0.0.0:{port}",
    "127.1:{port}",
    "2130706433:{port}",
    "[::1]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "[::1",
    "LOCALHOST:{port}",
    "\u24db\u24de\u24d2alhost:{port}",
    "localhost\x00.evil.example:{port}",
    " {host}",
    "{host} ",
    "{host},evil.example",
    "{host}/find",
    "{host}#",
    "{host}?",
    "http://{host}",
    "",
)
_MORE: Final = (
    "",
    "Host: {host}",
    "Host : {host}",
    "X-Forwarded-Host: {host}",
    "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https",
    "Forwarded: for=127.0.0.1;host={host};proto=https",
    "X-Original-URL: {path}",
    "X-Rewrite-URL: {path}",
    "X-Forwarded-Prefix: {path}",
    "X-Forwarded-User: sergeant.one",
    "Remote-User: sergeant.one",
    "X-HTTP-Method-Override: GET",
    "Referer: http://{host}{path}",
    "X-Fold: a\r\n {path}",
    "Authorization: Bearer ",
    "Authorization: Basic c2VyZ2VhbnQub25lOg==",
    "Authorization: Bearer null\r\nAuthorization: Bearer undefined",
    "Cookie: session=1; admin=true",
    "Cookie: __Host-session=; __Host-session-00000000=a",
    "Connection: Upgrade\r\nUpgrade: websocket",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
    "Sec-Fetch-Site: same-origin",
    "Content-Length: 0\r\nContent-Length: 5",
    "Expect: 100-continue",
)
_METHODS: Final = (
    "GET",
    "GET",
    "GET",
    "HEAD",
    "get",
    "POST",
    "PUT",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "G\tET",
)
_VERSIONS: Final = ("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.10", "")


def _smuggled(host: str, path: str, fields: str) -> Iterator[bytes]:
    """Yield requests with a second one in the body of the first, for readers who disagree where a body ends."""
    inner = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"
    for framing in (
        f"Content-Length: {len(inner) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
        f"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\n{inner}\r\n0\r\n\r\n",
        f"Transfer-Encoding: xchunked\r\n\r\n{inner}",
        f"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{inner}",
        f"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{inner}",
        f"Transfer-Encoding:\x0bchunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n{inner}",
        f"Content-Length: +5\r\n\r\n{inner}",
        f"Content-Length: 0\r\nContent-Length: {len(inner)}\r\n\r\n{inner}",
        f"Content-Length: 0\r\n\r\n{inner}",
    ):
        for first in ("POST /sign-in", "GET /static/icon.svg", "GET /sign-in"):
            yield f"{first} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{fields}{framing}".encode("latin-1")


def requests(site: StaffSite, count: int, seed: int, cookie: str, targets: Sequence[Target]) -> list[bytes]:
    """Return so many requests that mean to get at targets; cookie: the header of whoever sends them, or empty.

    First each trick alone, then tricks together at random.
    """
    fields = "Connection: close\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "")
    host, port = site.host, str(site.address[1])

    def one(target: Target, method: str = "GET", path: int = 0, *host_more_version: str) -> bytes:
        at, more, version = host_more_version or ("{host}", "", "HTTP/1.1")
        said = at.format(host=host, port=port)
        more = f"{more.format(host=host, path=target.path)}\r\n" if more else ""
        line = f"{method} {_PATHS[path](target.path)} {version}".rstrip()
        return f"{line}\r\nHost: {said}\r\n{fields}{more}\r\n".encode("utf-8", "surrogateescape")

    made: list[bytes] = []
    chance = random.Random(seed)
    for target in targets:
        made += [one(target, "GET", path) for path in range(len(_PATHS))]
        made += [one(target, "GET", 0, at, "", "HTTP/1.1") for at in _HOSTS]
        made += [one(target, "GET", 0, "{host}", more, "HTTP/1.1") for more in _MORE]
        made += [one(target, method) for method in _METHODS]
        made += [one(target, "GET", 0, "{host}", "", version) for version in _VERSIONS]
        made += [f"GET {target.path} HTTP/1.0\r\n{fields}\r\n".encode()]
        made += _smuggled(host, target.path, fields)
    chance.shuffle(made)
    while len(made) < count:
        path = chance.randrange(len(_PATHS))
        made.append(
            one(
                chance.choice(targets),
                chance.choice(_METHODS),
                path,
                chance.choice(_HOSTS),
                chance.choice(_MORE),
                chance.choice(_VERSIONS),
            )
        )
    return made[:count]


def tricks(site: StaffSite, count: int, seed: int) -> list[Counts]:
    """Send so many tricks without a session, and as many with an officer's, for what is above their role.

    Raises AssertionError where the targets do not open for those whom they are for: then nothing would be proved.
    """
    for target in (*TARGETS, FOR_PROGRAMS):
        right = site.ask("GET", target.path, {"Cookie": site.sign_in(target.opened_by)})
        assert right.status == 200 and target.mark in right.said, target  # noqa: S101, PT018, PLR2004 - the control
    officer = site.sign_in("officer.one")
    return [
        _sent(site, "tricks without a session", requests(site, count, seed, "", (*TARGETS, FOR_PROGRAMS)), ()),
        _sent(site, "tricks of an officer", requests(site, count, seed + 1, officer, TARGETS), (FOR_PROGRAMS,)),
    ]


def _sent(site: StaffSite, title: str, made: Sequence[bytes], open_to_them: Sequence[Target]) -> Counts:
    counts = Counts(title)
    closed = {target.mark for target in (*TARGETS, FOR_PROGRAMS)} - {target.mark for target in open_to_them}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda request: ask(site.address, request), made))
    for request, answer in zip(made, answers, strict=True):
        through = [mark for mark in closed if mark in answer.said]
        counts.note(str(answer.status or "cut"), f"{request[:200]!r} was answered" if through else None)
    if site.process.poll() is not None:
        counts.wrong.append("the site ended")
    return counts
