"""Chain versions, events and runs by hashes, and give the store a name of its own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

from geo_service.model.chain import GENESIS, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

revision = "2"
down_revision = "1"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_BATCH = 2_000
_RECORD = ("sha256", "kind", "bytes", "rows", "first_month", "last_month", "of_incidents", "of_boundaries")


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


_LAYOUT = _table("layout", "number")
_FILE = _table("file", *_RECORD)
_VERSION = _table("version", "number", "at", "act", "actor", "detail", "previous", "sha256")
_CHANGE = _table("change", "version", "slot", "old_sha256", "new_sha256")
_EVENT = _table("event", "id", "at", "act", "actor", "what", "detail", "version", "previous", "sha256")
_RUN = _table("run", "number", "id", "payload", "version", "at", "previous", "sha256")


def upgrade() -> None:
    """Add the columns and chain the rows that are there."""
    for name in ("version", "event", "run"):
        for column in ("previous", "sha256"):
            op.add_column(name, sa.Column(column, _TEXT, nullable=False, server_default=""))
    store = op.create_table("store", sa.Column("id", _TEXT, primary_key=True), sqlite_strict=True)
    op.execute(sa.insert(store).values(id=str(uuid.uuid4())))
    op.drop_index("change_by_slot", "change")
    connection = op.get_bind()
    _renumber(connection, _EVENT, "id")
    _renumber(connection, _RUN, "number")
    _chain(connection, _VERSION, "number", lambda row: _version_content(connection, row))
    _chain(connection, _EVENT, "id", lambda row: row[:-2])
    _chain(connection, _RUN, "number", lambda row: row[:-2])
    op.execute(sa.update(_LAYOUT).values(number=2))


def downgrade() -> None:
    """Take columns, name and chains away."""
    op.execute(sa.update(_LAYOUT).values(number=1))
    op.create_index("change_by_slot", "change", ["slot", "version"])
    op.drop_table("store")
    for name in ("version", "event", "run"):
        for column in ("sha256", "previous"):
            op.drop_column(name, column)


def _rows(connection: sa.Connection, table: sa.TableClause, number: str) -> Iterator[list[sa.Row[Any]]]:
    last = -1
    while True:
        query = sa.select(table).where(table.c[number] > last).order_by(table.c[number]).limit(_BATCH)
        rows = list(connection.execute(query))
        if not rows:
            return
        yield rows
        last = getattr(rows[-1], number)


def _renumber(connection: sa.Connection, table: sa.TableClause, number: str) -> None:
    """Close the gaps that the databases' own numbering left; smaller numbers come first, so none is taken twice."""
    wanted = 0
    for rows in _rows(connection, table, number):
        moves = []
        for row in rows:
            wanted += 1
            if getattr(row, number) != wanted:
                moves.append({"old": getattr(row, number), "new": wanted})
        if moves:
            move = sa.update(table).where(table.c[number] == sa.bindparam("old"))
            connection.execute(move.values({number: sa.bindparam("new")}), moves)


def _chain(
    connection: sa.Connection,
    table: sa.TableClause,
    number: str,
    content: Callable[[sa.Row[Any]], Sequence[object]],
) -> None:
    previous = GENESIS
    for rows in _rows(connection, table, number):
        links = []
        for row in rows:
            sha256 = seal(previous, list(content(row)))
            links.append({"at_number": getattr(row, number), "before": previous, "own": sha256})
            previous = sha256
        link = sa.update(table).where(table.c[number] == sa.bindparam("at_number"))
        connection.execute(link.values(previous=sa.bindparam("before"), sha256=sa.bindparam("own")), links)


def _version_content(connection: sa.Connection, row: sa.Row[Any]) -> list[object]:
    changes = connection.execute(sa.select(_CHANGE).where(_CHANGE.c.version == row.number)).all()
    fresh = sa.select(_CHANGE.c.new_sha256).where(_CHANGE.c.version == row.number)
    records = connection.execute(sa.select(_FILE).where(_FILE.c.sha256.in_(fresh))).all()
    return [
        *row[:-2],
        sorted([change.slot, change.old_sha256, change.new_sha256] for change in changes),
        sorted((tuple(record) for record in records), key=repr),
    ]
