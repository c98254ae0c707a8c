"""The composition root: who is given what."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections import deque
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

import pytest

from geo_service import app
from geo_service.errors import FaultError, InputError
from geo_service.model.release import PublicRelease
from geo_service.releases import FOLDER
from geo_service.settings import read_settings
from geo_service.store import DiskStore
from geo_service.workflows.services import Office, Services

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from geo_service.settings import Settings


@pytest.fixture(scope="module")
def settings(demonstration_dir: Path) -> Settings:
    return read_settings(demonstration_dir)


def staff(settings: Settings, office: Office) -> FastAPI:
    """Make the staff site with its API."""
    return app.staff_site(settings, office, token="link", api_token="key", allowed_hosts=["localhost"])


def reachable(root: object) -> set[type]:
    """Return the types of all that can be reached from an object through attributes, containers and closures."""
    seen: set[int] = set()
    found: set[type] = set()
    waiting: deque[object] = deque([root])
    while waiting:
        held = waiting.popleft()
        if id(held) in seen or isinstance(held, (ModuleType, type)):
            continue
        seen.add(id(held))
        found.add(type(held))
        if isinstance(held, FunctionType):
            # A function's globals lead everywhere; what it was given is in its closure and defaults.
            waiting += [*(held.__closure__ or ()), held.__defaults__, held.__kwdefaults__, held.__dict__]
        else:
            waiting += gc.get_referents(held)
    return found


def start(site: FastAPI) -> None:
    """Start a site and stop it again."""

    async def run() -> None:
        async with site.router.lifespan_context(site):
            pass

    asyncio.run(run())


def test_the_public_site_is_given_no_store(settings: Settings, demonstration: Services) -> None:
    site = app.public_site(settings)
    start(site)
    given = reachable(site)
    assert PublicRelease in given
    assert {DiskStore, Office, Services, type(demonstration.registry)} & given == set()


def test_the_process_of_the_public_site_loads_no_store(settings: Settings) -> None:
    asked = (
        "import sys; from pathlib import Path; from geo_service import app; from geo_service.settings import *\n"
        f"app.public_site(environment_settings(), Path({str(settings.data_dir / FOLDER)!r}))\n"
        "rooms = {'store', 'ingest', 'registry', 'accounts', 'hotspots', 'harm', 'evaluation', 'api'}\n"
        "print(sorted(rooms & {name.split('.')[1] for name in sys.modules if name.startswith('geo_service.')}))\n"
        "print([name for name in ('sqlalchemy', 'psycopg', 'sqlite3') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n[]\n"


def test_the_staff_site_is_given_one(settings: Settings, office: Office) -> None:
    # Proves that the search would have found it.
    assert {DiskStore, Office} <= reachable(staff(settings, office))


def test_the_staff_site_starts_with_the_api_under_it(settings: Settings, office: Office) -> None:
    site = staff(settings, office)
    start(site)
    assert "/api" in {getattr(route, "path", "") for route in site.routes}


def test_a_route_that_declares_no_audience_keeps_the_staff_site_from_starting(
    settings: Settings, office: Office
) -> None:
    site = staff(settings, office)
    site.add_api_route("/secrets", lambda: "everything")
    with pytest.raises(FaultError, match="/secrets"):
        start(site)


def test_wiring_gives_every_port_a_doer_and_the_demonstration_its_mark(demonstration: Services) -> None:
    assert all(getattr(demonstration, port) is not None for port in Services.__slots__)
    assert set(demonstration.formats) >= {"csv", "geojson"}
    assert demonstration.demonstration
    assert demonstration.clock().tzinfo is not None


def test_the_ledger_is_kept_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEO_SERVICE_DATABASE_URL", "mysql://db/ledger")
    with pytest.raises(InputError, match=r"that kind of database\. Found: mysql"):
        app.wire(read_settings(tmp_path / "area"))


def test_whether_a_directory_holds_data_is_told_without_touching_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.holds_data(settings)
    assert not app.holds_data(read_settings(tmp_path / "area"))
    assert not app.holds_data(read_settings(tmp_path))
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("GEO_SERVICE_DATABASE_URL", "postgresql://db/ledger")
    assert app.holds_data(read_settings(tmp_path)), "what a database server holds is for the store to say"
