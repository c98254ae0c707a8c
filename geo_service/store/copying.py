"""Copying a ledger from one database to another, row by row, believed only when every hash agrees on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from geo_service.errors import ConflictError, NotFoundError
from geo_service.store import migrating, schema
from geo_service.store.chronicle import Chronicle
from geo_service.store.database import LEDGER, open_database
from geo_service.store.rows import EVENTS, RUNS, damaged, marks, read_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.model.ports import Progress
    from geo_service.store.database import Database
    from geo_service.store.head import Head

_TABLES: Final = (
    schema.file,
    schema.version,
    schema.change,
    schema.event,
    schema.run,
    schema.asking,
    schema.run_area,
    schema.item,
    schema.credential,
    schema.api_key,
    schema.erasure,
    schema.erased_number,
    schema.backup_copy,
)
"""Each after those that it refers to. Sessions and refused sign-ins stay behind: they are of hours."""
_BATCH: Final = 2_000


def copy_ledger(data_dir: Path, database_url: str, progress: Progress | None = None) -> Head:
    """Copy the SQLite ledger of a data directory to an empty PostgreSQL database; return what was copied.

    Importers wait meanwhile. The directory belongs to both ledgers until one of them is written to; from then on
    the other is refused as older. Raises NotFoundError where there is no SQLite ledger, ConflictError where the
    database holds a ledger already, DamagedFileError where a hash does not agree.
    """
    path = data_dir / LEDGER
    if not path.is_file():
        raise NotFoundError("The data directory holds no SQLite ledger", found=data_dir, do="Mend --data-dir")
    source, target = open_database(path), open_database(path, database_url)
    try:
        migrating.prepare(source)
        with source.writing() as of, target.writing() as to:
            return copy_rows(of, to, target, progress)
    finally:
        source.close()
        target.close()


def copy_rows(source: sa.Connection, target: sa.Connection, database: Database, progress: Progress | None) -> Head:
    """Copy all rows within two open transactions, and check every hash of the copy.

    database: the target, for messages. Raises ConflictError where it holds a ledger already.
    """
    head = marks(source)
    if migrating.revision(target) is not None:
        raise ConflictError(
            "There is a ledger already", found=database.name, do="Give an empty database", field="database_url"
        )
    migrating.make(target, head.store)
    total = sum(source.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in _TABLES)
    done = 0
    for table in _TABLES:
        for rows in _batches(source, table):
            target.execute(sa.insert(table), rows)
            done += len(rows)
            if progress is not None:
                progress(done, total, "rows of the ledger copied")
    for problem in (
        *Chronicle().problems(read_entries(target, Chronicle())),
        *EVENTS.problems(target),
        *RUNS.problems(target),
    ):
        raise damaged(problem)
    if marks(target) != head:
        raise damaged("the copy differs")
    return head


def _batches(source: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, object]]]:
    query = sa.select(table).order_by(*table.primary_key.columns)
    result = source.execution_options(yield_per=_BATCH).execute(query)
    for rows in result.mappings().partitions():
        yield [dict(row) for row in rows]
