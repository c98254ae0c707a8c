"""A served site, and invented places for it."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
import shapely
import uvicorn
from playwright.sync_api import sync_playwright

from geo_service.errors import SignInError
from geo_service.model.access import Audience
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.release import PublicRelease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI
    from playwright.sync_api import Browser

    from geo_service.model.access import Principal


class People:
    """Stand in for the authority: accounts, sessions and keys in memory."""

    def __init__(self) -> None:
        self.passwords: dict[str, tuple[Principal, str]] = {}
        self.sessions: dict[str, Principal] = {}
        self.keys: dict[str, Principal] = {}
        self.came_from: list[str] = []

    def has_accounts(self) -> bool:
        """Tell whether there is any account."""
        return bool(self.passwords)

    def sign_in(self, name: str, password: str, address: str = "") -> str:
        """Return a new session."""
        self.came_from.append(address)
        principal, right = self.passwords.get(name, (None, None))
        if principal is None or password != right:
            raise SignInError("The name or the password is not right", do="Check both")
        return self.admit(principal)

    def admit(self, principal: Principal) -> str:
        """Return a new session."""
        token = f"session-{len(self.sessions)}"
        self.sessions[token] = principal
        return token

    def by_session(self, token: str) -> Principal | None:
        """Return who holds a session."""
        return self.sessions.get(token)

    def by_key(self, key: str) -> Principal | None:
        """Return whose key it is."""
        return self.keys.get(key)

    def sign_out(self, token: str) -> None:
        """End every session of whoever holds this one."""
        who = self.sessions.pop(token, None)
        if who is not None and who.account:
            self.sessions = {held: other for held, other in self.sessions.items() if other.account != who.account}


@pytest.fixture
def people_of() -> type[People]:
    """Return the authority in memory: tests are no package to import it from."""
    return People


LONDON = ZoneInfo("Europe/London")
NOON = dt.datetime(2025, 6, 3, 12, 0, tzinfo=LONDON)
"""A Tuesday, no holiday."""
COLUMNS = (
    "id", "name", "category", "address", "town", "postcode", "phone", "web", "opening_hours", "step_free", "toilet",
    "hearing_loop", "quiet_space", "languages", "for_whom", "last_verified", "status", "as_listed", "position_source",
)  # fmt: skip
# Ofcom keeps 01632 960000 to 960999 for drama.
PLACES = (
    ("p1", "Harbour Library", "Library", "1 Quay Street", "Northmere", "ZZ1 1AA", "01632 960001",
     "https://www.northmere.example/libraries/harbour-library/opening-times-and-how-to-find-us",
     "Mo-Sa 09:00-12:40; PH off", True, True, True, True, "English, Polish", None, dt.date(2025, 3, 1), "verified",
     None, None),
    ("p2", "Market Café", "Café", "4 Market Square", "Northmere", "ZZ1 1AB", "01632 960002", None,
     "Mo-Su 18:00-02:00; PH off", True, False, None, None, None, None, dt.date(2024, 1, 1), "verified", None, None),
    ("p3", "Corner Shop <script>alert(1)</script>", "Shop", "9 Market Square", "Northmere", "ZZ1 1AB", None, None,
     None, None, None, None, None, None, None, None, "unverified", "2023-11-01", "postcode centre"),
    ("p4", "Night Chapel", "Place of worship", "2 Hill Lane", "Overton", "ZZ2 2AA", "+44 1632 960004", None,
     "24/7", False, True, None, True, None, "Everybody", dt.date(2025, 5, 1), "verified", None, None),
    ("p5", "Advice Centre", "Advice", None, "Overton", None, None, None,
     None, None, None, None, None, None, None, None, "unverified", "2023-11-01", None),
)  # fmt: skip
POINTS = ((-1.001, 55.001), (-1.004, 55.002), (-1.004, 55.002), (-1.02, 55.01), None)


def places_table(*, demonstration: bool = False, audience: Audience = Audience.PUBLIC) -> FeatureTable:
    geometry = np.array([None if at is None else shapely.Point(at) for at in POINTS], dtype=object)
    return FeatureTable(
        id="safe-places",
        title="Safe Places",
        rows=pl.DataFrame(PLACES, schema=list(COLUMNS), orient="row"),
        geometry=geometry,
        provenance=Provenance(data_version=3, data_to="2025-05", demonstration=demonstration),
        licences=("Facts invented for tests.",),
        audience=audience,
        style=LayerStyle(shape="circle", colour="#00703c", letter="S"),
    )


def wards_table() -> FeatureTable:
    boxes = np.array([shapely.box(-1.03, 54.99, -1.01, 55.02), shapely.box(-1.01, 54.99, -0.99, 55.02)], dtype=object)
    return FeatureTable(
        id="boundaries-wards",
        title="Wards",
        rows=pl.DataFrame({"id": ["W1", "W2"], "name": ["Overton", "Northmere"]}),
        geometry=boxes,
        provenance=Provenance(data_version=3, data_to="2025"),
        licences=("Outlines invented for tests.",),
        audience=Audience.PUBLIC,
        style=LayerStyle(shape="line", colour="#505a5f"),
    )


def make_release(*, demonstration: bool = False, show_unverified: bool = True) -> PublicRelease:
    return PublicRelease(
        area="Northmere",
        places=places_table(demonstration=demonstration),
        show_unverified=show_unverified,
        outline=wards_table(),
    )


def start_up(app: FastAPI) -> None:
    """Start an application and stop it again."""

    async def run() -> None:
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(run())


@pytest.fixture
def start() -> Callable[[FastAPI], None]:
    return start_up


@pytest.fixture
def release() -> Callable[..., PublicRelease]:
    return make_release


@pytest.fixture
def table_of_places() -> Callable[..., FeatureTable]:
    return places_table


@pytest.fixture
def table_of_wards() -> Callable[[], FeatureTable]:
    return wards_table


@pytest.fixture
def noon() -> dt.datetime:
    return NOON


@pytest.fixture(scope="session")
def assets() -> Path:
    """Return the folder of the built front-end files."""
    folder = Path(__file__).parents[2] / "geo_service" / "assets"
    if not (folder / "web" / "site.css").is_file():
        pytest.fail("the front-end files are not built: run `make setup`")
    return folder


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Open one browser for a file of tests."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@dataclass(frozen=True)
class Served:
    """Say where a site is served."""

    origin: str
    host: str


@contextmanager
def served(build: Callable[[str], FastAPI]) -> Iterator[Served]:
    """Serve an application on a free port of the loopback; `build` is given its host and port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(build(host), log_level="critical", ws="none", lifespan="on"))
        started = threading.Event()
        startup = server.startup

        async def tell(sockets: list[socket.socket] | None = None) -> None:
            await startup(sockets)
            started.set()

        server.startup = tell  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert started.wait(10)
            yield Served(f"http://{host}", host)
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture
def serve() -> Callable[[Callable[[str], FastAPI]], object]:
    return served
