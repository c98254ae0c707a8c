"""The only place that knows PostgreSQL: how it is opened, locked, asked for its health, and how it complains."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy import event, exc

from geo_service.errors import BusyError, DamagedFileError, FaultError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.errors import GeoServiceError

_LOCK_TIMEOUT_S: Final = 30.0
_CONNECT_TIMEOUT_S: Final = 10
_WRITERS: Final = 0x67656F_73657276
"""Key of the advisory lock that one writer at a time holds ("geo serv" in ASCII)."""

_KEPT: Final = "see `geo-service versions` whether this change was kept"


class PostgresDatabase:
    """Keep the ledger in one PostgreSQL database."""

    apart = True

    def __init__(self, url: sa.URL, *, lock_timeout_s: float = _LOCK_TIMEOUT_S) -> None:
        """Prepare to open `url`; whoever meets a lock waits `lock_timeout_s` for it before giving up."""
        self.name = f"the PostgreSQL database {url.database or url.username or ''} at {url.host or 'its socket'}"
        self._lock_timeout_ms = round(lock_timeout_s * 1000)
        # A connection that died with its server is found out before it is used: nothing need be opened again.
        self._engine = sa.create_engine(
            url,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "application_name": "geo-service",
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
            },
        )
        event.listen(self._engine, "connect", self._on_connect)
        self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Each statement of a writer must see what the writer before it committed while this one waited for the
        # lock: under REPEATABLE READ the wait itself would already have fixed the moment that is seen.
        self._writer = self._engine.execution_options(isolation_level="READ COMMITTED")

    def _on_connect(self, connection: psycopg.Connection, _record: object) -> None:
        # What is acknowledged must be on the disk, whatever the server's default; a stronger default is left alone.
        connection.autocommit = True
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        # Readers wait for nobody's rows, but a locked table would hold them for ever.
        connection.execute(f"SET lock_timeout = {self._lock_timeout_ms}")
        connection.autocommit = False

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees one moment of the ledger; writers do not disturb it."""
        with ledger_errors(self.name), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open the one transaction that may write; others wait their turn."""
        with ledger_errors(self.name), self._writer.connect() as connection, connection.begin() as transaction:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITERS)))
            yield connection
            with _unknown_outcome(self.name):
                transaction.commit()

    def problems(self) -> Sequence[str]:
        """Return which settings of the server would lose work in a power cut."""
        with self.reading() as connection:
            off = [
                name
                for name in ("fsync", "full_page_writes")
                if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"
            ]
        return [
            f"{name} is off at {self.name}, so that a power cut may destroy the ledger. Switch it on in postgresql.conf"
            for name in off
        ]

    def scrub(self) -> None:
        """Write the tables whose rows were deleted anew; what the server keeps of its log is its keeper's."""
        with ledger_errors(self.name), self._engine.connect() as connection:
            lasting = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in ("session", "attempt", "api_key"):
                lasting.exec_driver_sql(f"VACUUM (FULL) {table}")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


@contextmanager
def ledger_errors(name: str) -> Iterator[None]:
    """Turn PostgreSQL's complaints into errors that say what to do."""
    try:
        yield
    except exc.DBAPIError as error:
        translated = _translate(error, name) if isinstance(error.orig, psycopg.Error) else None
        if translated is None:
            raise
        raise translated from error


@contextmanager
def _unknown_outcome(name: str) -> Iterator[None]:
    """Say of a connection that broke during COMMIT that nobody knows what became of the change."""
    try:
        yield
    except exc.DBAPIError as error:
        if error.connection_invalidated:
            raise FaultError(
                f"The connection to {name} was lost while a change was being committed",
                found=_first_line(error),
                do=f"When the server answers again, {_KEPT}",
            ) from error
        raise


_CLASSES: Final = {
    "08": ("cannot be reached", "Check that the server runs and that database_url is right"),
    "28": ("refuses this user", "Check user and password in database_url"),
    "3D": ("is not there", "Create it with `createdb`, or mend database_url"),
    "42501": ("does not allow this", "Make this user the owner of the database"),
    "25006": ("is read-only", "Connect to the primary server, not to a standby"),
    "53100": ("has no room on its disk", "Free some space on the disk of the database server and try again"),
    "53": ("is short of connections or memory", "Close other programs that use the server and try again"),
    "57P": ("is shutting down or starting", "Try again when the server answers"),
    "58": ("cannot read or write its disk", "Check the disk of the database server"),
}


def _translate(error: exc.DBAPIError, name: str) -> GeoServiceError | None:
    """Return our error for the SQLSTATE of a complaint."""
    assert isinstance(error.orig, psycopg.Error)  # noqa: S101 - the caller has looked
    state, said = error.orig.sqlstate, _first_line(error)
    if state in {"55P03", "40001", "40P01"}:
        return BusyError("Another change is being written", found=said, do="Wait until it is done, then try again")
    if state is not None and state.startswith("XX"):
        return DamagedFileError(
            "The ledger is damaged", found=said, do="Restore it from a backup; the data files are untouched"
        )
    if state is None and not isinstance(error.orig, psycopg.OperationalError):
        return None
    for length in (5, 3, 2):
        if (told := _CLASSES.get((state or "08000")[:length])) is not None:
            return FaultError(f"{name[0].upper()}{name[1:]} {told[0]}", found=said, do=told[1])
    return None


def _first_line(error: exc.DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
