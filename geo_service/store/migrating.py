"""Making the tables of a ledger, and leading older ones step by step to the present layout and back."""

from __future__ import annotations

import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from geo_service.errors import ConflictError, FaultError, NotFoundError, QueryError
from geo_service.store import schema
from geo_service.store.database import LEDGER, open_database
from geo_service.store.head import HEAD

if TYPE_CHECKING:
    from geo_service.store.database import Database

_STEPS: Final = Path(__file__).parent / "migrations"
FIRST: Final = "1"
"""Revision of the ledgers that were made before there were revisions."""
REVISIONS: Final = tuple(str(number) for number in range(1, int(schema.REVISION) + 1))


def prepare(database: Database) -> bool:
    """Make the tables where there are none, lead older ones to the present layout; return whether they were made.

    Raises FaultError where a later release made them.
    """
    # A ledger in order is only read, so that opening a store never waits for an importer.
    with database.reading() as connection:
        found = revision(connection)
    if found == schema.REVISION:
        return False
    with database.writing() as connection:
        # Another process may have been faster.
        found = revision(connection)
        if found is None:
            make(connection)
            return True
        if found != schema.REVISION:
            _move(connection, found, schema.REVISION)
    return False


def revision(connection: sa.Connection) -> str | None:
    """Return the revision of the tables, None where there are none; raise FaultError for that of a later release."""
    tables = set(sa.inspect(connection).get_table_names())
    if schema.revision.name in tables:
        found = connection.scalar(sa.select(schema.revision.c.version_num))
    elif schema.layout.name in tables:
        found = FIRST
    else:
        return None
    if found not in REVISIONS:
        raise FaultError(
            "The ledger was written by a later release of geo-service",
            found=f"revision {found}, this release knows {schema.REVISION}",
            do="Install the later release",
        )
    return str(found)


def make(connection: sa.Connection, store: str | None = None) -> None:
    """Make the tables of the present layout for a store of that id, a new one by default."""
    schema.metadata.create_all(connection)
    connection.execute(sa.insert(schema.revision).values(version_num=schema.REVISION))
    connection.execute(sa.insert(schema.layout).values(number=schema.LAYOUT))
    connection.execute(sa.insert(schema.store).values(id=store or str(uuid.uuid4())))


def migrate(database: Database, to: str = schema.REVISION) -> tuple[str | None, str]:
    """Lead a ledger to a revision, later or earlier, in one transaction; return the revisions before and after.

    Raises QueryError for an unknown revision, ConflictError where an earlier one cannot hold what was written since.
    """
    if to not in REVISIONS:
        raise QueryError(
            "No revision of that name", found=to, do=f"Use one of {', '.join(REVISIONS)}", field="revision"
        )
    with database.writing() as connection:
        found = revision(connection)
        if found is None:
            make(connection)
        if found == schema.REVISION and to != schema.REVISION:
            _refuse_loss(connection, to)
        if (found or schema.REVISION) != to:
            _move(connection, found or schema.REVISION, to)
    return found, to


def migrate_ledger(data_dir: Path, database_url: str = "", to: str = schema.REVISION) -> tuple[str, str]:
    """Lead the ledger of a data directory to a revision, later or earlier; return the revisions before and after.

    Opening a store does the same for a later one. An earlier one is for going back to an earlier release: stop
    the service first. Raises NotFoundError where there is no ledger, QueryError for an unknown revision.
    """
    if not database_url and not (data_dir / LEDGER).is_file():
        raise NotFoundError("The data directory holds no ledger", found=data_dir, do="Mend --data-dir")
    with closing(open_database(data_dir / LEDGER, database_url)) as database:
        before, after = migrate(database, to)
    if after == FIRST:
        # The first release keeps no head, and what it adds would look like another ledger's.
        (data_dir / HEAD).unlink(missing_ok=True)
    return before or after, after


def _refuse_loss(connection: sa.Connection, to: str) -> None:
    """Raise ConflictError where what was written since would not agree with its hashes in an earlier layout."""
    counted = {
        "erasures": sa.select(sa.func.count()).select_from(schema.erasure),
        "files that say which months they hold": sa.select(sa.func.count(schema.file.c.months)),
    }
    for what, query in counted.items():
        if count := connection.scalar(query):
            raise ConflictError(
                f"The ledger cannot be led back to revision {to}, which does not know what was written since",
                found=f"{count} {what}",
                do="Restore a backup that the earlier release made",
                field="revision",
            )


def _move(connection: sa.Connection, found: str, to: str) -> None:
    # Alembic costs half a second to load and is needed once in the life of a ledger.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if not sa.inspect(connection).has_table(schema.revision.name):
        schema.revision.create(connection)
        connection.execute(sa.insert(schema.revision).values(version_num=found))
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    (command.upgrade if REVISIONS.index(to) > REVISIONS.index(found) else command.downgrade)(config, to)
