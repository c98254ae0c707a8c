"""The doctor finds what is wrong and says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from geo_service.model.access import Audience, Principal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from geo_service.model.access import Version
    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.ports import Store
    from geo_service.store import DiskStore

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"
AUTHOR = Principal("analyst", Audience.FORCE)


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


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE change SET old_sha256 = NULL WHERE version = 2", "Version 2 says"),
        ("UPDATE version SET number = 7 WHERE number = 2", "last is 7"),
        ("UPDATE change SET version = 9 WHERE version = 2", "refers to a row"),
    ],
)
def test_a_ledger_that_was_changed_by_hand_is_found_out(
    replaced: DiskStore, data_dir: Path, statement: str, said: str
) -> None:
    extra = ("UPDATE change SET version = 7 WHERE version = 2",) if "number = 7" in statement else ()
    events = ("UPDATE event SET version = NULL",) if extra else ()
    tamper(data_dir, statement, *extra, *events)
    assert any(said in problem for problem in replaced.check())


def test_an_assignment_paired_with_other_incidents_is_found_out(
    store: DiskStore,
    put: Callable[..., Version | None],
    data_dir: Path,
    jan: pl.DataFrame,
    make_boundary_set: Callable[..., BoundarySet],
) -> None:
    put(store, {JAN: jan}, boundary_sets=(make_boundary_set(),))
    tamper(data_dir, "UPDATE file SET of_incidents = 'another' WHERE kind = 'assignments'")
    assert any("belongs to other incidents" in problem for problem in store.check())


def test_a_disk_that_is_nearly_full_is_told(store: DiskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=37_000_000))
    assert list(store.check()) == [
        "Only 37 MB are free on the disk of the data directory. Make room before the next import"
    ]
