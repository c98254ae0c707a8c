"""Opening a store: what it makes, what it sweeps, what it refuses, and who may be at work meanwhile."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geo_service.errors import DamagedFileError, FaultError, InputError
from geo_service.store.schema import metadata

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from geo_service.model.access import Principal, Version
    from geo_service.store import DiskStore

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"


def on_disk(data_dir: Path) -> set[str]:
    """Return all files but those of the ledger."""
    found = {str(path.relative_to(data_dir)) for path in data_dir.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith("ledger") and name != "tmp/.sweep"}


def test_what_one_process_commits_the_next_finds(
    open_at: Callable[[Path], DiskStore], put: Callable[..., Version | None], data_dir: Path, jan: pl.DataFrame
) -> None:
    put(open_at(data_dir), {JAN: jan})
    again = open_at(data_dir)
    assert again.snapshot().incident_slot(JAN).height == jan.height
    assert len(again.versions()) == 1


def test_an_importer_killed_between_its_files_and_its_commit_leaves_nothing_visible(
    filled: DiskStore, reopen: Callable[[], DiskStore], data_dir: Path, feb: pl.DataFrame, tmp_path: Path
) -> None:
    before = on_disk(data_dir)
    feb.write_parquet(tmp_path / "february.parquet")
    killed = f"""
        import datetime as dt, os, pathlib
        import polars as pl
        from geo_service.model.access import OPERATOR, Principal
        from geo_service.store import open_store
        from geo_service.store.ledger import Ledger
        Ledger._append = lambda *_: os._exit(9)
        store = open_store(pathlib.Path({str(data_dir)!r}), lambda: dt.datetime.now(dt.UTC))
        with store.stage() as staging:
            staging.add_incidents({FEB!r}, pl.read_parquet({str(tmp_path / "february.parquet")!r}))
            staging.commit("import incidents", Principal("killed", OPERATOR), {{}})
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(killed)], check=False).returncode == 9
    assert len(on_disk(data_dir) - before) > 1
    assert set(filled.snapshot().slots()) == {JAN}
    assert set(reopen().snapshot().slots()) == {JAN}
    assert on_disk(data_dir) == before
    assert list(filled.check()) == []


def test_a_transaction_that_fails_takes_its_files_back(
    filled: DiskStore,
    put: Callable[..., Version | None],
    data_dir: Path,
    feb: pl.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = on_disk(data_dir)
    with monkeypatch.context() as patch:
        patch.setattr("geo_service.store.ledger.write_event", lambda *_: (_ for _ in ()).throw(RuntimeError("gone")))
        with pytest.raises(RuntimeError, match="gone"):
            put(filled, {FEB: feb})
    assert on_disk(data_dir) == before
    assert len(filled.versions()) == 1
    assert put(filled, {FEB: feb}).number == 2


def test_opening_leaves_the_files_of_a_living_importer_alone(
    open_at: Callable[[Path], DiskStore], data_dir: Path, analyst: Principal, jan: pl.DataFrame
) -> None:
    with open_at(data_dir).stage() as staging:
        staging.add_incidents(JAN, jan)
        (slot, rows), *_ = staging.partitions()
        staging.put_incidents(slot, rows)
        open_at(data_dir)
        assert staging.commit("import incidents", analyst, {}) is not None
    assert open_at(data_dir).snapshot().incident_slot(JAN).height == jan.height


def test_readers_are_not_disturbed_while_one_writes(
    open_at: Callable[[Path], DiskStore], data_dir: Path, analyst: Principal, jan: pl.DataFrame
) -> None:
    store = open_at(data_dir)
    with store.stage() as staging:
        staging.add_incidents(JAN, jan)
        staging.commit("import incidents", analyst, {})
    heights: list[int] = []
    with store._ledger.database.writing():
        reader = threading.Thread(target=lambda: heights.append(store.snapshot().incidents(["row"]).height))
        reader.start()
        reader.join(20)
        assert heights == [jan.height]
        assert open_at(data_dir).snapshot().version == 1


def test_threads_that_read_at_once_get_the_same_answer(
    store: DiskStore, put: Callable[..., Version | None], jan: pl.DataFrame, feb: pl.DataFrame
) -> None:
    put(store, {JAN: jan, FEB: feb})
    found: list[tuple[int, int]] = []

    def read() -> None:
        snapshot = store.snapshot()
        found.append((snapshot.incidents(["row"]).height, int(snapshot.cube(10).totals.sum())))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(jan.height + feb.height,) * 2] * 6


@pytest.mark.parametrize(
    "refusal",
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "this user"), (errno.EIO, "failed")],
)
def test_a_disk_that_takes_nothing_is_a_fault_in_words_and_changes_nothing(
    store: DiskStore,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    refusal: tuple[int, str],
) -> None:
    code, said = refusal

    def refuse(_handle: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", refuse)
        with pytest.raises(FaultError, match=said):
            put(store, {JAN: jan})
    assert store.snapshot().version == 0
    assert put(store, {JAN: jan}).number == 1


def test_a_directory_that_cannot_be_made_is_a_fault_in_words(
    open_at: Callable[[Path], DiskStore], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(data_dir))

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(FaultError, match="--data-dir"):
        open_at(data_dir)


def test_a_file_in_place_of_the_directory_is_refused(open_at: Callable[[Path], DiskStore], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("hello")
    with pytest.raises(InputError, match="is a file"):
        open_at(tmp_path / "data")


def test_a_damaged_ledger_is_told_and_not_written_over(
    open_at: Callable[[Path], DiskStore], put: Callable[..., Version | None], data_dir: Path, jan: pl.DataFrame
) -> None:
    store = open_at(data_dir)
    put(store, {JAN: jan})
    store.close()
    ledger = data_dir / "ledger.sqlite3"
    ledger.write_bytes(b"not a ledger at all " * 500)
    with pytest.raises(DamagedFileError, match=r"ledger\.sqlite3 from a backup"):
        open_at(data_dir)
    assert ledger.read_bytes().startswith(b"not a ledger")
    assert len(list((data_dir / "files" / "incidents").iterdir())) == 1


def test_a_directory_that_lost_its_ledger_is_not_taken_for_an_empty_one(
    filled: DiskStore, reopen: Callable[[], DiskStore], data_dir: Path
) -> None:
    filled.close()
    before = on_disk(data_dir)
    (data_dir / "ledger.sqlite3").rename(data_dir / "aside")
    for _ in range(2):
        with pytest.raises(InputError, match="lost its ledger"):
            reopen()
    (data_dir / "aside").replace(data_dir / "ledger.sqlite3")
    assert on_disk(data_dir) == before
    assert set(reopen().snapshot().slots()) == {JAN}


def test_a_ledger_that_is_older_than_its_directory_is_refused(
    filled: DiskStore,
    reopen: Callable[[], DiskStore],
    put: Callable[..., Version | None],
    data_dir: Path,
    feb: pl.DataFrame,
) -> None:
    filled.close()
    older = (data_dir / "ledger.sqlite3").read_bytes()
    again = reopen()
    put(again, {FEB: feb})
    again.close()
    newer = on_disk(data_dir)
    (data_dir / "ledger.sqlite3").write_bytes(older)
    with pytest.raises(DamagedFileError, match="version 2 is gone"):
        reopen()
    assert on_disk(data_dir) == newer


def test_a_directory_written_by_a_later_release_is_left_alone(
    open_at: Callable[[Path], DiskStore], data_dir: Path
) -> None:
    open_at(data_dir).close()
    with closing(sqlite3.connect(data_dir / "ledger.sqlite3")) as connection, connection:
        connection.execute("UPDATE ledger_revision SET version_num = '999'")
    with pytest.raises(FaultError, match="later release"):
        open_at(data_dir)


def test_a_store_closes_itself_at_the_end_of_a_with_block(open_at: Callable[[Path], DiskStore], data_dir: Path) -> None:
    with open_at(data_dir) as store:
        assert store.snapshot().version == 0


def test_the_ledger_is_written_through_to_the_disk_in_strict_tables(
    store: DiskStore, clock: Callable[[], dt.datetime], data_dir: Path
) -> None:
    with store._ledger.database.reading() as connection:
        answers = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        foreign_keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
        tables = connection.exec_driver_sql("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").all()
    assert (answers, foreign_keys) == (["wal", 2], 1)
    ours = {name: strict for name, strict in tables if not name.startswith("sqlite_")}
    assert ours == dict.fromkeys(metadata.tables, 1)
