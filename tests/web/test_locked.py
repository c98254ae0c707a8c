"""With the table of events locked nothing is shown, handed out, changed or let in, and each refusal says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

import psycopg
import pytest

from geo_service.api import create_api
from geo_service.app import wire
from geo_service.errors import BusyError
from geo_service.model.access import OPERATOR, Principal, Role
from geo_service.settings import read_settings
from geo_service.store import copy_ledger
from geo_service.store.postgres import PostgresDatabase
from geo_service.store.sqlite import SqliteDatabase
from geo_service.web.staff import create_staff
from geo_service.workflows import exports, tables
from geo_service.workflows.finding import zones
from geo_service.workflows.importing import imports
from geo_service.workflows.keeping import audit, history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo_service.workflows.services import Office, Services

Client: TypeAlias = Any
HOST = "127.0.0.1:8001"
WAIT_S = 0.05
AUDITOR = Principal("auditor", frozenset({Role.AUDITOR}))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, demonstration_copy: Path) -> str:
    """Return the address of the demonstration area's ledger on each database."""
    if request.param == "sqlite":
        return ""
    address: str = request.getfixturevalue("postgres").new_database()
    copy_ledger(demonstration_copy, address)
    return address


@pytest.fixture
def office(url: str, demonstration_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Open the area so that it waits for nobody for long."""
    monkeypatch.setitem(SqliteDatabase.__init__.__kwdefaults__, "busy_timeout_s", WAIT_S)
    monkeypatch.setitem(PostgresDatabase.__init__.__kwdefaults__, "lock_timeout_s", WAIT_S)
    monkeypatch.setenv("GEO_SERVICE_DATABASE_URL", url)
    opened = wire(read_settings(demonstration_copy))
    yield opened
    opened.doers.close()


@contextmanager
def locked(url: str, folder: Path) -> Iterator[None]:
    """Hold the events so that nobody can write one, as another program could."""
    if url:
        with psycopg.connect(url) as holding:
            holding.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
            yield
    else:
        with closing(sqlite3.connect(folder / "ledger.sqlite3", isolation_level=None)) as holding:
            holding.execute("BEGIN EXCLUSIVE")
            yield
            holding.execute("ROLLBACK")


def traces(services: Services, folder: Path) -> list[object]:
    """Return what an act would leave behind."""
    store = services.store._store  # the whole of it, past the roles
    files = sorted(path.name for path in folder.rglob("*.parquet"))
    kept = sorted(path.name for path in folder.iterdir())
    return [store.head(), files, kept, len(store.runs()), store.items("account", services.principal).all()]


def asked(run: str, zone: str) -> list[tuple[str, str]]:
    pages = ["/", "/find", "/history", f"/runs/{run}", f"/runs/{run}/map.html", f"/runs/{run}/sheet.pdf"]
    pages += [f"/runs/{run}/{table}.{suffix}" for table in ("zones", "cells") for suffix in ("csv", "geojson")]
    pages += [f"/zones/{zone}", f"/zones/{zone}/sheet.pdf"]
    api = ["/api/", "/api/conformance", "/api/collections", "/api/collections/cctv/items", "/api/hotspots"]
    api += ["/api/windows", "/api/near-repeat", "/api/concentration", "/api/backtest", "/api/impact"]
    api += ["/api/evaluate/wdd"]
    return [("GET", path) for path in [*pages, *api]] + [("POST", "/find")]


def test_with_the_events_locked_no_page_file_or_answer_leaves_and_nobody_comes_in(
    office: Office, url: str, demonstration_copy: Path, client_of: Callable[..., Any], assets: Path
) -> None:
    def site(token: str) -> Client:
        app = create_staff(office, token=token, allowed_hosts=[HOST], assets=assets)
        app.mount("/api", create_api(office))
        return client_of(app, f"https://{HOST}")

    staff, stranger, auditor = site("link"), site("another"), site("third")
    assert staff.get("/sign-in?token=link").status_code == 200
    session = office.authority().admit(AUDITOR)
    auditor.cookies.set(next(iter(staff.cookies)), session)
    operator = office.services(Principal("tests", OPERATOR))
    run = zones.zone_runs(operator)[0]
    requests = [(staff, *request) for request in asked(run.id, run.zones[0].id)]
    requests += [(auditor, "GET", path) for path in ("/", "/audit", "/audit.csv", "/audit.json")]
    requests += [(stranger, "GET", "/sign-in?token=another"), (staff, "POST", "/sign-out")]
    values = {"content": urlencode({"boundary": run.query.boundary, "area_share": "2"})}
    headers = {"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded"}
    before = traces(operator, demonstration_copy)
    told = {}
    with locked(url, demonstration_copy):
        for client, method, path in requests:
            answer = client.request(method, path, **(values | {"headers": headers} if method == "POST" else {}))
            told[method, path] = answer.status_code, "Wait until it is done, then try again" in answer.text
    assert {request: said for request, said in told.items() if said != (503, True)} == {}
    assert traces(operator, demonstration_copy) == before
    # Unlocked, everything goes on: the link is not used up, nobody was signed out.
    assert stranger.get("/sign-in?token=another").status_code == 200
    assert staff.get(f"/runs/{run.id}").status_code == 200


def test_with_the_events_locked_nothing_is_imported_undone_edited_backed_up_or_exported(
    office: Office, url: str, demonstration_copy: Path, tmp_path: Path
) -> None:
    operator = office.services(Principal("tests", OPERATOR))
    run = zones.zone_runs(operator)[0]
    table = tables.zone_table(operator, run)
    wards = demonstration_copy / "demonstration" / "wards.geojson"
    fields = {"code_field": "code", "name_field": "name"}
    acts: dict[str, Callable[[], object]] = {
        "import": lambda: imports.import_boundaries(operator, wards, "more-wards", **fields),
        "undo": lambda: history.undo(operator, 3),
        "find": lambda: zones.find_zones(operator, run.query),
        "export": lambda: exports.export(operator, table, ".csv"),
        "backup": lambda: history.backup(operator, tmp_path / "copy"),
        "edit": lambda: operator.store.items("account").put("ann", {"name": "Ann"}, version=0),
        "audit": lambda: audit.export(office.services(AUDITOR), audit.query_of(), ".csv"),
    }
    before = traces(operator, demonstration_copy)
    with locked(url, demonstration_copy):
        for name, act in acts.items():
            with pytest.raises(BusyError, match="Another change is being written"):
                act()
            assert not (tmp_path / "copy").exists(), name
    assert traces(operator, demonstration_copy) == before
    for name, act in acts.items():
        act()
        after = traces(operator, demonstration_copy)
        assert after[0] != before[0], name
        before = after
