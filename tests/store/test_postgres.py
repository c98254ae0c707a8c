"""PostgreSQL: writers wait for each other, complaints become words, and a restarted server is found again."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from geo_service.errors import ConflictError, DamagedFileError, FaultError, InputError
from geo_service.store import open_store
from geo_service.store.database import open_database
from geo_service.store.postgres import PostgresDatabase, ledger_errors

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl

    from faults.cluster import Cluster
    from geo_service.model.access import Version
    from geo_service.store import DiskStore

JAN, FEB = "incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"


@pytest.fixture
def address(postgres: Cluster) -> str:
    return postgres.new_database()


@pytest.fixture
def database(address: str, tmp_path: Path) -> Iterator[PostgresDatabase]:
    opened = open_database(tmp_path / "unused", address)
    assert isinstance(opened, PostgresDatabase)
    with closing(opened):
        yield opened


@pytest.fixture
def filled_there(
    open_at: Callable[..., DiskStore],
    data_dir: Path,
    address: str,
    put: Callable[..., Version | None],
    jan: pl.DataFrame,
) -> DiskStore:
    """Hold one month, the ledger on PostgreSQL."""
    store = open_at(data_dir, address)
    put(store, {JAN: jan})
    return store


def test_of_many_writers_that_read_first_none_loses_an_edit(database: PostgresDatabase) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")

    def count() -> None:
        for _ in range(10):
            with database.writing() as connection:
                found = connection.exec_driver_sql("SELECT n FROM counter").scalar_one()
                connection.exec_driver_sql("UPDATE counter SET n = %s", (found + 1,))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT n FROM counter").scalar_one() == 40


def test_a_writer_that_waits_too_long_is_told_to_try_again(database: PostgresDatabase, address: str) -> None:
    hasty = PostgresDatabase(sa.make_url(address).set(drivername="postgresql+psycopg"), lock_timeout_s=0.05)
    with closing(hasty), database.writing(), pytest.raises(ConflictError, match="try again"), hasty.writing():
        pass


def test_a_reader_sees_one_moment_and_writes_nothing(database: PostgresDatabase) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
    count = "SELECT count(*) FROM counter"
    with database.reading() as reader:
        assert reader.exec_driver_sql(count).scalar_one() == 0
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO counter VALUES (1)")
        assert reader.exec_driver_sql(count).scalar_one() == 0
    with pytest.raises(FaultError, match="read-only"), database.reading() as reader:
        reader.exec_driver_sql("INSERT INTO counter VALUES (2)")


def test_what_is_committed_is_on_the_disk_even_where_the_server_would_not_wait_for_it(
    postgres: Cluster, address: str, database: PostgresDatabase
) -> None:
    postgres.sql(f"ALTER DATABASE {sa.make_url(address).database} SET synchronous_commit = off")
    with database.writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    assert list(database.problems()) == []


def test_a_server_that_may_lose_work_is_told_of(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch, postgres: Cluster
) -> None:
    postgres.sql("ALTER SYSTEM SET full_page_writes = off")
    postgres.sql("SELECT pg_reload_conf()")
    try:
        # The reload reaches a server process before its next command, on a connection that is new for certain.
        database.close()
        (said,) = database.problems()
    finally:
        postgres.sql("ALTER SYSTEM RESET full_page_writes")
        postgres.sql("SELECT pg_reload_conf()")
    assert "full_page_writes is off" in said


def test_a_server_that_was_killed_and_started_again_is_found_without_reopening(
    postgres: Cluster, filled_there: DiskStore, put: Callable[..., Version | None], feb: pl.DataFrame
) -> None:
    store = filled_there
    postgres.stop("immediate")
    try:
        with pytest.raises(FaultError, match="cannot be reached"):
            put(store, {FEB: feb})
    finally:
        postgres.start()
    assert put(store, {FEB: feb}).number == 2
    assert list(store.check()) == []


def test_a_connection_that_breaks_while_committing_leaves_the_outcome_open(
    database: PostgresDatabase, postgres: Cluster
) -> None:
    def lose_the_connection() -> None:
        with database.writing() as connection:
            own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            postgres.sql(f"SELECT pg_terminate_backend({own}, 5000)")

    with pytest.raises(FaultError, match="whether this change was kept"):
        lose_the_connection()


def test_a_server_that_is_not_there_is_told_with_what_to_do(tmp_path: Path, clock: Callable[[], dt.datetime]) -> None:
    with pytest.raises(FaultError, match="database_url") as told:
        open_store(tmp_path / "data", clock, f"postgresql://geo:secret@/ledger?host={tmp_path}")
    assert "secret" not in told.value.message


def test_a_ledger_of_another_directory_is_refused_and_no_file_is_lost(
    postgres: Cluster, filled_there: DiskStore, open_at: Callable[..., DiskStore], address: str, data_dir: Path
) -> None:
    other = postgres.new_database()
    open_at(data_dir.with_name("there"), other)
    for place, ledger, said in [
        (data_dir, other, "another data directory"),
        (data_dir, "", "lost its ledger"),
        (data_dir, postgres.new_database(), "lost its ledger"),
        (data_dir.with_name("nowhere"), address, "another data directory"),
    ]:
        with pytest.raises((InputError, DamagedFileError), match=said):
            open_at(place, ledger)
    again = open_at(data_dir, address)
    assert again.snapshot().incident_slot(JAN).height == filled_there.snapshot().incident_slot(JAN).height
    assert list(again.check()) == []


@pytest.mark.parametrize(
    ("complaint", "kind", "said"),
    [
        (psycopg.errors.DiskFull, FaultError, "no room"),
        (psycopg.errors.LockNotAvailable, ConflictError, "try again"),
        (psycopg.errors.SerializationFailure, ConflictError, "try again"),
        (psycopg.errors.IndexCorrupted, DamagedFileError, "backup"),
        (psycopg.errors.InvalidPassword, FaultError, "refuses this user"),
        (psycopg.errors.InvalidCatalogName, FaultError, "createdb"),
        (psycopg.errors.InsufficientPrivilege, FaultError, "owner"),
        (psycopg.errors.TooManyConnections, FaultError, "short of connections"),
        (psycopg.errors.AdminShutdown, FaultError, "shutting down"),
        (psycopg.errors.IoError, FaultError, "disk"),
        (psycopg.OperationalError, FaultError, "cannot be reached"),
    ],
)
def test_complaints_become_words(complaint: type[psycopg.Error], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said), ledger_errors("the ledger's database"):
        raise exc.OperationalError("SELECT 1", None, complaint("a complaint"))


def test_an_error_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(exc.ProgrammingError), ledger_errors("the ledger's database"):
        raise exc.ProgrammingError("SELECT x", None, psycopg.errors.UndefinedColumn("no column x"))
