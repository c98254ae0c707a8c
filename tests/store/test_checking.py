"""The doctor finds what is wrong and says what to do."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import DamagedFileError
from geo_service.model.access import OPERATOR, AuditEvent, Principal
from geo_service.store.run_rows import KeptRun

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.store import DiskStore
    from geo_service.store import DiskStore as Store

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
ASKED = AuditEvent("combination: find zones", "analyst", "zones a", dt.datetime(2025, 11, 2, tzinfo=dt.UTC))
AUTHOR = Principal("analyst", OPERATOR)


def tamper(data_dir: Path, *statements: str) -> None:
    """Change the ledger behind the store's back."""
    with closing(sqlite3.connect(data_dir / "ledger.sqlite3")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_store_in_order_has_nothing_wrong(
    any_store: Store,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(any_store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    any_store.undo(1, AUTHOR, only="assignments")
    seen: list[tuple[int, int]] = []
    assert list(any_store.check(lambda done, total, what: seen.append((done, total)))) == []
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_damaged_missing_and_left_over_files_of_any_version_are_named(
    store: DiskStore, put: Callable[..., Version | None], data_dir: Path, jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    put(store, {JAN: jan, FEB: feb})
    january, february = (store.snapshot().slots()[slot] for slot in (JAN, FEB))
    store.undo(1, AUTHOR)
    folder = data_dir / "files" / "incidents"
    (folder / f"{january}.parquet").write_bytes(b"PAR1")
    (folder / f"{february}.parquet").unlink()
    (folder / "stray.parquet").write_bytes(b"")
    wrong = store.check()
    assert len(wrong) == 3
    assert any(january in said and JAN in said and "damaged" in said and "backup" in said for said in wrong)
    assert any(february in said and FEB in said and "missing" in said for said in wrong)
    assert any("stray.parquet" in said for said in wrong)


@pytest.fixture
def replaced(filled: DiskStore, put: Callable[..., Version | None], feb: pl.DataFrame) -> DiskStore:
    """Hold two versions of one month."""
    put(filled, {JAN: feb})
    return filled


TAMPERINGS = {
    "a file before it": "UPDATE change SET old_sha256 = NULL WHERE version = 2",
    "a file after it": "UPDATE change SET new_sha256 = old_sha256 WHERE version = 2",
    "the number of its rows": "UPDATE file SET rows = rows + 1 WHERE kind = 'incidents'",
    "what it was computed from": "UPDATE file SET of_incidents = 'another' WHERE kind = 'assignments'",
    "who made it": "UPDATE version SET actor = 'nobody' WHERE number = 1",
    "when it was made": "UPDATE version SET at = '2025-01-01T00:00:00+00:00' WHERE number = 2",
    "a change too many": "INSERT INTO change SELECT 1, 'features/cctv', NULL, new_sha256 FROM change LIMIT 1",
    "a change too few": "DELETE FROM change WHERE version = 2",
    "a version of nobody": "PRAGMA foreign_keys = OFF; DELETE FROM event; DELETE FROM version WHERE number = 2",
    "who looked": "UPDATE event SET actor = 'nobody' WHERE id = 3",
    "what was looked at": "UPDATE event SET what = 'zone 9' WHERE id = 3",
    "an event in the middle gone": "DELETE FROM event WHERE id = 3",
    "the newest event gone": "DELETE FROM event WHERE id = (SELECT max(id) FROM event)",
    "all events gone": "DELETE FROM event",
    "an event too many": "INSERT INTO event SELECT 99, at, act, actor, what, detail, NULL, '', '' FROM event LIMIT 1",
    "two events swapped": "UPDATE event SET id = -id WHERE id IN (3, 4); UPDATE event SET id = 7 + id WHERE id < 0",
    "the zones of a run": """UPDATE run SET payload = '{"zones": 7}'""",
    "a run gone": "DELETE FROM run",
}


@pytest.fixture
def busy(replaced: DiskStore, make_boundary_set: Callable[..., BoundarySet], put_boundaries: Callable) -> DiskStore:
    """Hold three versions, five events and a run."""
    replaced.record(AuditEvent("consultation", "analyst", "zone 1", dt.datetime(2025, 11, 2, tzinfo=dt.UTC)))
    put_boundaries(replaced, make_boundary_set())
    replaced.save_run(KeptRun("a", '{"zones": 1}'), 3, ASKED)
    assert list(replaced.check()) == []
    return replaced


@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_ledger_that_was_altered_by_hand_is_found_out(busy: DiskStore, data_dir: Path, what: str) -> None:
    tamper(data_dir, *TAMPERINGS[what].split("; "))
    (said, *_) = busy.check()
    assert "ledger is damaged" in said or "older than the data directory" in said
    assert "backup" in said


@pytest.mark.parametrize("what", [name for name in TAMPERINGS if "event" not in name and "look" not in name])
def test_what_was_altered_is_not_told_as_true(
    busy: DiskStore, data_dir: Path, reopen: Callable[[], DiskStore], what: str
) -> None:
    busy.close()
    tamper(data_dir, *TAMPERINGS[what].split("; "))
    with pytest.raises(DamagedFileError):
        reopen().runs()


@pytest.mark.parametrize("what", [name for name in TAMPERINGS if "event" in name or "look" in name])
def test_events_that_were_altered_are_not_told_as_true(
    busy: DiskStore, data_dir: Path, reopen: Callable[[], DiskStore], what: str
) -> None:
    tamper(data_dir, *TAMPERINGS[what].split("; "))
    for store in (lambda: busy, reopen):
        with pytest.raises(DamagedFileError):
            store().events()


def test_a_damaged_head_is_told_and_written_anew_by_the_next_change(
    filled: DiskStore, data_dir: Path, reopen: Callable[[], DiskStore], put: Callable[..., object], feb: pl.DataFrame
) -> None:
    head = data_dir / "head.json"
    head.write_bytes(head.read_bytes().replace(b'"', b"'", 1))
    again = reopen()
    assert ["head.json" in said for said in again.check()] == [True]
    put(again, {FEB: feb})
    assert list(again.check()) == []


def test_a_disk_that_is_nearly_full_is_told(store: DiskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=37_000_000))
    assert list(store.check()) == [
        "Only 37 MB are free on the disk of the data directory. Make room before the next import"
    ]
