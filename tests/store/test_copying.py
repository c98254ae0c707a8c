"""A ledger is copied whole or not at all."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import ConflictError, DamagedFileError, NotFoundError
from geo_service.model.access import AuditEvent
from geo_service.store.copying import copy_ledger
from geo_service.store.run_rows import KeptRun

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from faults.cluster import Cluster
    from geo_service.model.access import Principal, Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store import DiskStore

ASKED = AuditEvent("combination: find zones", "analyst", "zones a", dt.datetime(2025, 11, 2, tzinfo=dt.UTC))
FEB = "incidents/police_uk/west-mercia/2025-02"


@pytest.fixture
def busy(
    filled: DiskStore,
    analyst: Principal,
    clock: Callable[[], dt.datetime],
    put_boundaries: Callable[..., Version | None],
    make_boundary_set: Callable[..., BoundarySet],
) -> DiskStore:
    """Hold three versions, more events than fit one batch, and runs."""
    put_boundaries(filled, make_boundary_set())
    filled.undo(2, analyst)
    for number in range(40):
        filled.record(AuditEvent("consultation", "Zoë", f"zone {number}", clock(), {"ort": "Brücke"}))
    filled.save_run(KeptRun("a", '{"zones": 1}'), 1, ASKED)
    return filled


@pytest.fixture
def put_february(put: Callable[..., Version | None], feb: pl.DataFrame) -> Callable[[DiskStore], Version | None]:
    return lambda store: put(store, {FEB: feb})


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_service.store.copying._BATCH", 7)


def told(store: DiskStore) -> list[object]:
    """Return all that a store says of itself."""
    states = [store.snapshot(version.number).slots() for version in store.versions()]
    rows = store.snapshot().incidents(["row", "lon"]).rows()
    return [store.versions(), store.events(1000), store.runs(), states, rows]


def test_what_was_copied_to_postgresql_answers_the_same_and_goes_on(
    busy: DiskStore,
    postgres: Cluster,
    open_at: Callable[..., DiskStore],
    put_february: Callable[[DiskStore], Version | None],
    data_dir: Path,
) -> None:
    address = postgres.new_database()
    seen: list[tuple[int, int]] = []
    head = copy_ledger(data_dir, address, lambda done, total, what: seen.append((done, total)))
    assert (head.version.number, head.event.number, head.run.number) == (3, 44, 1)
    assert seen[-1][0] == seen[-1][1] > 43
    copied = open_at(data_dir, address)
    assert told(copied) == told(busy)
    assert put_february(copied).number == 4
    assert list(copied.check()) == []
    # From now on the SQLite ledger is older than its directory, and whoever forgets the address is told.
    with pytest.raises(DamagedFileError, match="version 4 is gone"):
        open_at(data_dir)


def test_a_ledger_is_never_copied_over_another(busy: DiskStore, postgres: Cluster, data_dir: Path) -> None:
    address = postgres.new_database()
    copy_ledger(data_dir, address)
    with pytest.raises(ConflictError, match="ledger already"):
        copy_ledger(data_dir, address)


def test_a_ledger_that_was_altered_is_not_copied(busy: DiskStore, postgres: Cluster, data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "ledger.sqlite3")) as connection, connection:
        connection.execute("UPDATE event SET actor = 'nobody' WHERE id = 2")
    address = postgres.new_database()
    with pytest.raises(DamagedFileError, match="event 2"):
        copy_ledger(data_dir, address)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert postgres.sql(tables, address) == "0"


def test_without_a_ledger_there_is_nothing_to_copy(postgres: Cluster, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no SQLite ledger"):
        copy_ledger(tmp_path, postgres.new_database())
    assert list(tmp_path.iterdir()) == []
