"""What the ledger needs of a database, and which one an address names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import sqlalchemy as sa
from sqlalchemy import exc

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path


LEDGER: Final = "ledger.sqlite3"
"""The ledger's file in a data directory, where it is not kept elsewhere."""


class Database(Protocol):
    """Give transactions to the ledger, whatever database they run on."""

    name: str
    """What to call it in a message to its operator; never holds a password."""
    apart: bool
    """Whether it lies elsewhere than in the data directory, so that the two can be mixed up."""

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Open a transaction that sees one moment of the ledger."""

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Open the one transaction that may write; others wait. Roll back when left by an exception."""

    def problems(self) -> Sequence[str]:
        """Return what is wrong with the database itself, in words."""

    def scrub(self) -> None:
        """Leave nothing of rows that were deleted in pages that are free and, as far as it is ours, in the log."""

    def close(self) -> None:
        """Close every connection."""


def open_database(path: Path, url: str = "") -> Database:
    """Return the database at an address, SQLite at `path` where there is none; nothing is opened yet.

    url: `postgresql://user:password@host:port/name`. Raises InputError for any other kind of address.
    """
    # A command that needs one database does not load the driver of the other.
    if not url:
        from geo_service.store.sqlite import SqliteDatabase  # noqa: PLC0415

        return SqliteDatabase(path)
    from geo_service.store.postgres import PostgresDatabase  # noqa: PLC0415

    return PostgresDatabase(_postgres_url(url))


def _postgres_url(url: str) -> sa.URL:
    do = "Write postgresql://user:password@host:port/name, or leave database_url out to keep the ledger in SQLite"
    try:
        known = sa.make_url(url)
    except (exc.ArgumentError, ValueError):
        # The address itself is not shown: it may hold a password.
        raise InputError("The address of the database cannot be read", do=do, field="database_url") from None
    if known.get_backend_name() not in {"postgresql", "postgres"}:
        raise InputError(
            "The ledger cannot be kept in that kind of database",
            found=known.get_backend_name(),
            do=do,
            field="database_url",
        )
    return known.set(drivername="postgresql+psycopg")
