"""Fixtures that every room's tests may use."""

from __future__ import annotations

import asyncio
import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import hypothesis
import pytest
import typer

from faults.cluster import Cluster, binaries
from geo_service.app import open_area, wire
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import read_settings
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fastapi import FastAPI

    from geo_service.model.access import AuditEvent
    from geo_service.workflows.services import Office, Services

# A law holds however slow the machine is.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Of many commands in one process none changes what the commands are: a process of its own would make them once too.
typer.main.get_command = functools.cache(typer.main.get_command)

AUDITOR = Principal("auditor", frozenset({Role.AUDITOR}))
TESTS = Path(__file__).parent
CHECKOUT = TESTS.parent
LONGEST = (
    *("test_docs.py", "store/test_faults.py", "api/test_site.py", "web/test_browser.py"),
    *("workflows/places/test_importing.py", "workflows/planning/test_plan.py", "printing/test_plan.py"),
    *("cli/test_questions.py", "cli/test_serving.py", "test_offline.py", "test_wheel.py", "test_notebooks.py"),
)
"""Files begun first, so that no worker is left alone with one at the end."""
MEMORY = Path("/dev/shm")  # noqa: S108 (nothing in it needs to outlive the run)
ENOUGH_BYTES = 6 << 30
"""Several times what a whole run writes."""
DAY_S = 24 * 3600
UNTRACED = ("api", "cli", "printing", "store", "web", "test_docs.py")
"""Tests that need not count for the coverage of the pure rooms: tracing makes a test slower by a third."""


def pytest_configure() -> None:
    """Write to memory where there is enough of it, so that no test waits for a disk; a TMPDIR of yours is used."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH_BYTES:
        return
    for left in MEMORY.glob("geo-service-tests-*"):  # by runs that were killed
        with suppress(FileNotFoundError):
            if time.time() - left.lstat().st_mtime > DAY_S:
                shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix="geo-service-tests-", dir=MEMORY)
    Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None
    # When this process ends, after multiprocessing has removed what it keeps there (at -100).
    Finalize(None, shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True}, exitpriority=-200)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest files; measure coverage where it counts."""
    ranks = {TESTS / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))
    if config.pluginmanager.hasplugin("_cov"):
        untraced = {TESTS / name for name in UNTRACED}
        for item in items:
            if untraced & {item.path, *item.path.parents}:
                item.add_marker("no_cover")


def _skip(reason: str) -> None:
    """Skip with a reason; where everything is promised to be there, a missing thing is a failure."""
    if os.environ.get("GEO_SERVICE_NO_SKIPS"):
        pytest.fail(f"must not be skipped here: {reason}")
    pytest.skip(reason)


class Client:
    """Ask an application without a network, as a browser that follows no redirect."""

    def __init__(self, app: FastAPI, base_url: str = "http://127.0.0.1:8001") -> None:
        self.app = app
        self.base_url = base_url
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **values: object) -> httpx.Response:
        """Send one request; cookies are kept."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url, cookies=self.cookies) as client:
                answer = await client.request(method, path, **values)  # type: ignore[arg-type]
                self.cookies = client.cookies
                for cookie in self.cookies.jar:
                    cookie.secure = False  # as browsers do on this machine itself
                return answer

        return asyncio.run(send())

    def get(self, path: str, **values: object) -> httpx.Response:
        """Ask for a page."""
        return self.request("GET", path, **values)

    def post(self, path: str, **values: object) -> httpx.Response:
        """Send a form from a page of the site itself."""
        values.setdefault("headers", {"origin": self.base_url})
        return self.request("POST", path, **values)


class Served(NamedTuple):
    """Say where the staff site is served, the key of its API, and where its data is."""

    origin: str
    key: str
    folder: Path

    @property
    def headers(self) -> dict[str, str]:
        """Return what lets a program in."""
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="session")
def client_of() -> type[Client]:
    """Return the client: tests are no package to import it from."""
    return Client


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared real data (its `data/`), or skip."""
    folder = Path(os.environ.get("GEO_SERVICE_SHARED", CHECKOUT.parent / "shared")) / "data"
    if not folder.is_dir():
        _skip("the shared real data is not beside the checkout")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium, or skip."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        _skip("Chromium is not installed")
    return str(found)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Run a private PostgreSQL server, or skip."""
    tools = binaries()
    if tools is None:
        _skip("the PostgreSQL server is not installed")
    else:
        with Cluster(tools) as cluster:
            yield cluster


@pytest.fixture(scope="session")
def command() -> str:
    """Return the path of the installed `geo-service` command."""
    return str(Path(sys.executable).with_name("geo-service"))


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a folder that `build` makes for the first worker that asks, and a copy of it for each of the others."""
    mine = factory.mktemp("area") / name
    if "PYTEST_XDIST_WORKER" not in os.environ:
        build(mine)
        return mine
    first = factory.getbasetemp().parent / name
    with first.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not first.exists():
            build(mine)
            shutil.copytree(mine, first.with_suffix(".part")).rename(first)
            return mine
    return Path(shutil.copytree(first, mine))


@pytest.fixture(scope="session")
def demonstration_dir(command: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the demonstration area once, by the command that a user gives; tests must not change it."""

    def build(folder: Path) -> None:
        words = ["demo", "--build-only", "--staff-port", "0", "--public-port", "0"]
        subprocess.run([command, "--data-dir", folder, *words], check=True, capture_output=True)

    return built_once(tmp_path_factory, "demo", build)


@pytest.fixture
def demonstration_copy(demonstration_dir: Path, tmp_path: Path) -> Path:
    """Return a copy of the demonstration area that a test may change."""
    return Path(shutil.copytree(demonstration_dir, tmp_path / "demo"))


@pytest.fixture(scope="module")
def office(demonstration_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Open a copy of the demonstration area: every question is written into its ledger.

    A copy for each file of tests, so that what one file asks is never the newest of another.
    """
    office = wire(read_settings(shutil.copytree(demonstration_dir, tmp_path_factory.mktemp("asked") / "demo")))
    yield office
    office.doers.close()


@pytest.fixture(scope="module")
def demonstration(office: Office) -> Services:
    """Return the services of whoever may do everything but audit, over a copy of the demonstration area."""
    return office.services(Principal("tests", OPERATOR))


@pytest.fixture(scope="module")
def events(office: Office) -> Callable[[int], Sequence[AuditEvent]]:
    """Return a function that gives the newest events of the copy, newest first."""
    return office.services(AUDITOR).store.events


@pytest.fixture(scope="session")
def events_of() -> Callable[[Path, int], Sequence[AuditEvent]]:
    """Return a function that gives the newest events of a data directory, newest first."""

    def read(folder: Path, limit: int) -> Sequence[AuditEvent]:
        services = open_area(folder, AUDITOR)
        try:
            return services.store.events(limit)
        finally:
            services.close()

    return read


@pytest.fixture(scope="module")
def served(demonstration_dir: Path, command: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a copy of the demonstration area: every question is written into its ledger.

    By the command and not in a thread: GDAL keeps Python's lock while it waits for an answer.
    """
    folder = tmp_path_factory.mktemp("served") / "demo"
    shutil.copytree(demonstration_dir, folder)
    arguments = [command, "--data-dir", folder, "serve", "--site", "staff", "--port", "0", "--json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as site:
        assert site.stdout is not None
        said = json.loads(site.stdout.readline())
        yield Served(said["api"].removesuffix("/api"), said["api_token"], folder)
        site.send_signal(signal.SIGINT)


@pytest.fixture(scope="session")
def redditch_dir(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Import real data once: thirteen months of West Mercia, Worcestershire's wards, Redditch's directory."""

    def build(folder: Path) -> None:
        services = open_area(folder)
        imports.import_boundaries(services, shared / "boundaries/wards-2025-worcestershire.geojson", "wards-2025")
        imports.import_incidents(services, [shared / "police-uk/west-mercia"])
        imports.import_layer(services, "safe-places", CHECKOUT / "data/places/redditch-safe-places-2023-11-01.csv")
        services.close()

    return built_once(tmp_path_factory, "redditch", build)


@pytest.fixture(scope="module")
def redditch(redditch_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Open a copy of the real data: every question is written into its ledger."""
    services = open_area(shutil.copytree(redditch_dir, tmp_path_factory.mktemp("redditch") / "area"))
    yield services
    services.close()
