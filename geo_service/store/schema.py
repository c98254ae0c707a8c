"""Tables of the ledger, in SQL that SQLite and PostgreSQL both speak."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

LAYOUT: Final = 1
"""Number of the layout of tables and files; a higher one was written by a later release."""

metadata = sa.MetaData()

# STRICT tables know INTEGER only; PostgreSQL's INTEGER is too small for a file's bytes.
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

layout = sa.Table("layout", metadata, sa.Column("number", sa.Integer, primary_key=True), sqlite_strict=True)

file = sa.Table(
    "file",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("bytes", _BIG, nullable=False),
    sa.Column("rows", _BIG, nullable=False),
    # Month.ordinal of the earliest and latest incident; null for other kinds and for no rows.
    sa.Column("first_month", sa.Integer),
    sa.Column("last_month", sa.Integer),
    # What an assignment was computed from, so that the ledger alone can tell a stale one.
    sa.Column("of_incidents", sa.Text),
    sa.Column("of_boundaries", sa.Text),
    sqlite_strict=True,
)

version = sa.Table(
    "version",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sqlite_strict=True,
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("version", sa.ForeignKey(version.c.number), primary_key=True),
    sa.Column("slot", sa.Text, primary_key=True),
    sa.Column("old_sha256", sa.ForeignKey(file.c.sha256)),
    sa.Column("new_sha256", sa.ForeignKey(file.c.sha256)),
    sa.Index("change_by_slot", "slot", "version"),
    sqlite_strict=True,
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("version", sa.ForeignKey(version.c.number)),
    sqlite_strict=True,
)

run = sa.Table(
    "run",
    metadata,
    # A number of its own keeps the order where two runs carry the same time.
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sqlite_strict=True,
)
