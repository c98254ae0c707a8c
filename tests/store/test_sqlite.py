"""Two writers wait for each other, and SQLite's complaints become words."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import exc

from geo_service.errors import ConflictError, DamagedFileError, FaultError
from geo_service.store.sqlite import SqliteDatabase, ledger_errors

if TYPE_CHECKING:
    from pathlib import Path


def test_of_many_writers_that_read_first_none_loses_an_edit(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "ledger.sqlite3")
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")

    def count() -> None:
        for _ in range(10):
            with database.writing() as connection:
                found = connection.exec_driver_sql("SELECT n FROM counter").scalar_one()
                connection.exec_driver_sql("UPDATE counter SET n = ?", (found + 1,))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT n FROM counter").scalar_one() == 40
    database.close()


def test_a_writer_that_waits_too_long_is_told_to_try_again(tmp_path: Path) -> None:
    patient = SqliteDatabase(tmp_path / "ledger.sqlite3")
    hasty = SqliteDatabase(tmp_path / "ledger.sqlite3", busy_timeout_s=0)
    with patient.writing(), pytest.raises(ConflictError, match="try again"), hasty.writing():
        pass
    patient.close()
    hasty.close()


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (sqlite3.SQLITE_FULL, FaultError, "disk is full"),
        (sqlite3.SQLITE_READONLY, FaultError, "writable"),
        (sqlite3.SQLITE_CANTOPEN, FaultError, "cannot be opened"),
        (sqlite3.SQLITE_IOERR_FSYNC, FaultError, "disk failed"),
        (sqlite3.SQLITE_CORRUPT, DamagedFileError, "backup"),
        (sqlite3.SQLITE_BUSY, ConflictError, "try again"),
    ],
)
def test_complaints_become_words(code: int, kind: type[Exception], said: str) -> None:
    complaint = sqlite3.OperationalError("a complaint")
    complaint.sqlite_errorcode = code
    with pytest.raises(kind, match=said), ledger_errors():
        raise exc.OperationalError("SELECT 1", None, complaint)


def test_text_that_is_no_text_any_more_is_damage(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "ledger.sqlite3")
    with pytest.raises(DamagedFileError, match="decode"), database.reading() as connection:
        connection.exec_driver_sql("SELECT CAST(x'd9' AS TEXT)").all()
    database.close()
    with pytest.raises(DamagedFileError, match="backup"), ledger_errors():
        b"a complaint that quotes \xd9".decode()


def test_an_error_of_ours_is_not_dressed_up() -> None:
    complaint = sqlite3.OperationalError('near "SELEC": syntax error')
    complaint.sqlite_errorcode = sqlite3.SQLITE_ERROR
    with pytest.raises(exc.OperationalError), ledger_errors():
        raise exc.OperationalError("SELECT 1", None, complaint)


def test_a_table_that_has_lost_its_name_is_damage() -> None:
    complaint = sqlite3.OperationalError("no such table: main.ve2sion")
    complaint.sqlite_errorcode = sqlite3.SQLITE_ERROR
    with pytest.raises(DamagedFileError, match="backup"), ledger_errors():
        raise exc.OperationalError("INSERT", None, complaint)
