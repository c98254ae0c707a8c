"""The public site as its users start it: switched under load, and fed damaged releases."""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import httpx

from faults.counts import Counts
from faults.leaks import AREA, COMMAND, build
from geo_service.app import open_area
from geo_service.releases import FOLDER, ReleaseFolder, WatchedReleases
from geo_service.workflows.releasing import release_pruning, releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_LONGEST_S: Final = 60


@contextmanager
def public_process(releases_dir: Path, *before: str, env: Mapping[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """Serve a folder of releases by the command that a user gives; yield its origin and the process that was started.

    before: words before the command, of a program that watches it.
    """
    words = [*before, COMMAND, "serve", "--site", "public", "--releases", str(releases_dir), "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as site:
        assert site.stdout is not None  # noqa: S101 - it was asked for
        said = site.stdout.readline()
        try:
            if not said:
                raise RuntimeError(site.communicate()[1])
            yield json.loads(said)["url"].removesuffix("/"), site.pid
        finally:
            _interrupt(site, watched=bool(before))
            site.communicate(timeout=_LONGEST_S)


def _interrupt(site: subprocess.Popen[str], *, watched: bool) -> None:
    """Interrupt the site itself, not the program that watches it."""
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children")
    found = children.read_text().split() if watched and children.exists() else []
    if found:
        subprocess.run(["kill", "-INT", found[0]], check=False)
    elif site.poll() is None:
        site.send_signal(signal.SIGINT)


class Load:
    """Ask for pages from some threads until told to stop, and keep every answer that is not right."""

    def __init__(self, origin: str, paths: Sequence[str], threads: int, right: Callable[[httpx.Response], str]) -> None:
        """Ask `origin` for `paths`; right: returns what is wrong with an answer, empty where nothing is."""
        self.origin, self.paths, self.right = origin, paths, right
        self.asked = [0] * threads
        self.wrong: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(at,)) for at in range(threads)]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and wait for the last answers."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, at: int) -> None:
        with httpx.Client(base_url=self.origin, timeout=_LONGEST_S) as client:
            while not self._stop.is_set():
                for path in self.paths:
                    try:
                        found = self.right(client.get(path))
                    except httpx.HTTPError as error:
                        found = f"{type(error).__name__}: {error}"
                    if found:
                        self.wrong.append(f"{path}: {found}")
                    self.asked[at] += 1


def two_releases(area: Path) -> tuple[ReleaseFolder, Mapping[int, str]]:
    """Publish the unverified places of a demonstration area too; return the folder, and a text of each release."""
    services = open_area(area)
    second = releases.publish(services, area=AREA, show_unverified=True).release
    first = ReleaseFolder(area / FOLDER).read(1)
    services.close()
    only = set(second.places.rows["name"]) - set(first.places.rows["name"])
    return ReleaseFolder(area / FOLDER), {1: "", 2: min(only)}


def switches(times: int, threads: int, area: Path | None = None) -> tuple[Counts, list[float]]:
    """Switch between two releases under load; return what went wrong, and the seconds until each switch showed.

    area: a demonstration area that may be changed; one is built where none is given.
    """
    counts, seconds = Counts("switches of the public release under load"), []
    with tempfile.TemporaryDirectory(prefix="switched-") as scratch:
        root = Path(scratch) / "demo" if area is None else area
        if area is None:
            build(root)
        folder, marks = two_releases(root)
        mark = marks[2]

        def right(answer: httpx.Response) -> str:
            whole = answer.status_code == httpx.codes.OK and answer.text.rstrip().endswith("</html>")
            return "" if whole else f"status {answer.status_code}, {len(answer.content)} bytes"

        # A client of its own that stays open: a new one for each look takes longer than the switch.
        with (
            public_process(folder.root) as (origin, _),
            Load(origin, ["/"], threads, right) as load,
            httpx.Client(timeout=_LONGEST_S) as looking,
        ):
            for turn in range(times):
                wanted = 1 + turn % 2
                folder.use(wanted)
                seconds.append(_until(lambda shown=wanted == 2: (mark in looking.get(f"{origin}/").text) is shown))  # type: ignore[misc] # noqa: PLR2004
                counts.note("switches that showed", None if seconds[-1] < _LONGEST_S else f"release {wanted} never did")
    for problem in load.wrong:
        counts.note("failed requests", problem)
    counts.outcomes["requests"] = sum(load.asked)
    return counts, seconds


def prunings(times: int, threads: int, area: Path | None = None) -> Counts:
    """Publish, and remove all old releases, again and again under load; return what went wrong.

    area: a demonstration area that may be changed; one is built where none is given.
    """
    counts = Counts("removals of old public releases under load")
    with tempfile.TemporaryDirectory(prefix="pruned-") as scratch:
        root = Path(scratch) / "demo" if area is None else area
        if area is None:
            build(root)
        services = open_area(root)
        paths = ["/", "/map.json", "/map.pmtiles", "/open-data/safe-places.csv"]
        with (
            public_process(root / FOLDER) as (origin, _),
            Load(
                origin, paths, threads, lambda got: "" if got.status_code == httpx.codes.OK else got.reason_phrase
            ) as load,
        ):
            for turn in range(times):
                releases.publish(services, area=AREA, show_unverified=turn % 2 == 0)
                gone = release_pruning.prune(services, 1).gone
                counts.note("removed" if gone else "kept, being served or the one before", None)
        services.close()
        for line in ReleaseFolder(root / FOLDER).lines():
            if line.damage:
                counts.note("damaged", line.damage)
    for problem in load.wrong:
        counts.note("failed requests", problem)
    counts.outcomes["requests"] = sum(load.asked)
    return counts


def _until(shown: Callable[[], bool]) -> float:
    """Return the seconds until something shows, at most _LONGEST_S."""
    start = dt.datetime.now(dt.UTC)
    while True:
        there = shown()
        passed = (dt.datetime.now(dt.UTC) - start).total_seconds()
        if there or passed >= _LONGEST_S:
            return passed


def damages(times: int, seed: int, area: Path | None = None) -> Counts:
    """Flip, cut, empty or take away a file of the release that is shown: it is refused by name, the former one stays.

    area: a demonstration area, which is left as it is; one is built where none is given.
    """
    counts, drawn = Counts("damaged public releases"), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="damaged-") as scratch:
        root = Path(scratch) / "demo" if area is None else area
        if area is None:
            build(root)
        for turn in range(times):
            folder = ReleaseFolder(Path(shutil.copytree(root / FOLDER, Path(scratch) / f"copy-{turn}")))
            watched = WatchedReleases(folder.root)
            shown = watched.current()
            files = [path for path in folder.path(1).rglob("*") if path.is_file() and path.suffix != ".sha256"]
            path = drawn.choice(sorted(files))
            how = _damage(path, drawn)
            (folder.root / "current").touch()
            stays = watched.current() is shown
            named = path.name in folder.lines()[0].damage
            counts.note(how, None if stays and named else f"{path.name}: stays {stays}, named {named}")
            shutil.rmtree(folder.root)
    return counts


def _damage(path: Path, drawn: random.Random) -> str:
    content = bytearray(path.read_bytes())
    how = drawn.choice(["flipped", "cut", "emptied", "taken away"])
    if how == "taken away":
        path.unlink()
        return how
    if how == "flipped":
        content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)
    kept = {"flipped": len(content), "cut": drawn.randrange(len(content)), "emptied": 0}[how]
    path.write_bytes(content[:kept])
    return how
