"""The only place that knows SQLite: how it is opened, locked, asked for its health, and how it complains."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event, exc

from geo_service.errors import BusyError, DamagedFileError, FaultError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BUSY_TIMEOUT_S: Final = 30.0
_WRITES: Final = "geo_service_writes"


class SqliteDatabase:
    """Keep the ledger in one SQLite file."""

    apart = False

    def __init__(self, path: Path, *, busy_timeout_s: float = _BUSY_TIMEOUT_S) -> None:
        """Prepare to open `path`; a writer waits `busy_timeout_s` for another before it gives up."""
        self.name = path.name
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": busy_timeout_s}
        )
        event.listen(self._engine, "connect", _on_connect)
        event.listen(self._engine, "begin", _on_begin)
        self._writer = self._engine.execution_options(**{_WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees one moment of the ledger; writers do not disturb it."""
        with ledger_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open the one transaction that may write; others wait their turn."""
        with ledger_errors(), self._writer.connect() as connection, connection.begin() as transaction:
            yield connection
            with _not_coming_back(connection):
                transaction.commit()

    def problems(self) -> Sequence[str]:
        """Return what SQLite's own checks find."""
        with self.reading() as connection:
            integrity = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
            dangling = [
                f"row {row[1]} of table {row[0]} refers to a row of table {row[2]} that is not there"
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
        return [f"The ledger is damaged: {said}. Restore ledger.sqlite3 from a backup" for said in integrity + dangling]

    def scrub(self) -> None:
        """Empty the log; what rows that were deleted leave in the file itself was zeroed as they went."""
        try:
            with ledger_errors(), self._engine.connect() as connection:
                driver: Any = connection.connection.dbapi_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        except FaultError:
            # A connection whose disk failed here goes on failing when the disk is well again.
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE: switch it off and say BEGIN ourselves, as
    # SQLAlchemy's documentation of the pysqlite dialect advises.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: sa.Connection) -> None:
    # Two writers that both began by reading would deadlock; IMMEDIATE makes the second one wait instead.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _not_coming_back(connection: sa.Connection) -> Iterator[None]:
    """Keep a change whose COMMIT failed from coming back when the ledger is next opened.

    Where the disk failed to sync, the change may already stand whole in the log file: nobody sees it now, but
    whoever opens the ledger next would take it for committed. Another transaction is written over it.
    """
    try:
        yield
    except exc.DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_IOERR:
            raise
        driver: Any = connection.connection.dbapi_connection
        cursor = driver.cursor()
        try:
            driver.rollback()
            cursor.execute("BEGIN IMMEDIATE")
            ((count,),) = cursor.execute("PRAGMA user_version")
            # Any page that really differs will do; SQLite does not write a row that stays the same.
            cursor.execute(f"PRAGMA user_version = {(count + 1) % 2**31}")
            cursor.execute("COMMIT")
        except sqlite3.Error:
            raise FaultError(
                "The disk failed while a change was being committed",
                found=error.orig,
                do="Mend it, then see `geo-service versions` whether this change was kept",
            ) from error
        raise


@contextmanager
def ledger_errors() -> Iterator[None]:
    """Turn SQLite's complaints into errors that say what to do."""
    try:
        yield
    except UnicodeDecodeError as error:
        # The driver decodes the words of SQLite's own complaint, which quote the damage.
        raise _damaged(str(error)) from error
    except sqlite3.Error as error:
        raise _translate(getattr(error, "sqlite_errorcode", 0) & 0xFF, str(error)) or error from error
    except exc.DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code is None and "Could not decode" in str(error.orig):
            code = sqlite3.SQLITE_CORRUPT
        translated = _translate(code & 0xFF, str(error.orig)) if code is not None else None
        if translated is None:
            raise
        raise translated from error


def _translate(code: int, said: str) -> FaultError | BusyError | None:
    """Return our error for a primary result code of SQLite."""
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BusyError("Another change is being written", found=said, do="Wait until it is done, then try again")
    # Every table and column that is asked for was made here: one that is gone has lost its name to damage.
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or said.startswith(("no such table", "no such column")):
        return _damaged(said)
    told = {
        sqlite3.SQLITE_FULL: ("The disk is full", "Free some space on the disk of the data directory and try again"),
        sqlite3.SQLITE_READONLY: (
            "The ledger cannot be written",
            "Make the data directory writable for this user, or choose another with --data-dir",
        ),
        sqlite3.SQLITE_CANTOPEN: (
            "The ledger cannot be opened",
            "Make the data directory readable and writable for this user, or choose another with --data-dir",
        ),
        sqlite3.SQLITE_IOERR: ("The disk failed to read or write", "Check the disk and its free space, then try again"),
    }
    if code not in told:
        return None
    what, do = told[code]
    return FaultError(what, found=said, do=f"{do}; nothing of the data was changed")


def _damaged(said: str) -> DamagedFileError:
    return DamagedFileError(
        "The ledger is damaged", found=said, do="Restore ledger.sqlite3 from a backup; the data files are untouched"
    )
