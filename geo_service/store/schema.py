"""Tables of the ledger as they are now, in SQL that SQLite and PostgreSQL both speak.

`migrations/` holds the steps that led here; a test holds the two to each other.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

REVISION: Final = "3"
"""Newest step in `migrations/versions`; a higher one was made by a later release."""
LAYOUT: Final = 2
"""The same for releases that knew no revisions yet: they refuse a layout above their own."""

metadata = sa.MetaData()

# STRICT tables know INTEGER only; PostgreSQL's INTEGER is too small for a file's bytes.
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# Text is ordered by its bytes on both, whatever language a PostgreSQL database was made for.
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _link() -> tuple[sa.Column[str], sa.Column[str]]:
    """Return the columns that chain a row to the one before it (see `chain.seal`)."""
    return (
        sa.Column("previous", _TEXT, nullable=False, server_default=""),
        sa.Column("sha256", _TEXT, nullable=False, server_default=""),
    )


revision = sa.Table("ledger_revision", metadata, sa.Column("version_num", _TEXT, primary_key=True), sqlite_strict=True)

layout = sa.Table(
    "layout", metadata, sa.Column("number", sa.Integer, primary_key=True, autoincrement=False), sqlite_strict=True
)

# One row: the name that ledger and data directory know each other by.
store = sa.Table("store", metadata, sa.Column("id", _TEXT, primary_key=True), sqlite_strict=True)

file = sa.Table(
    "file",
    metadata,
    sa.Column("sha256", _TEXT, primary_key=True),
    sa.Column("kind", _TEXT, nullable=False),
    sa.Column("bytes", _BIG, nullable=False),
    sa.Column("rows", _BIG, nullable=False),
    # Month.ordinal of the earliest and latest incident; null for other kinds and for no rows.
    sa.Column("first_month", sa.Integer),
    sa.Column("last_month", sa.Integer),
    # What an assignment was computed from, so that the ledger alone can tell a stale one.
    sa.Column("of_incidents", _TEXT),
    sa.Column("of_boundaries", _TEXT),
    # Months that an incident file counts as held; null for files of releases before revision 3 and for other kinds.
    sa.Column("months", _TEXT),
    sqlite_strict=True,
)

version = sa.Table(
    "version",
    metadata,
    sa.Column("number", _BIG, primary_key=True, autoincrement=False),
    sa.Column("at", _TEXT, nullable=False),
    sa.Column("act", _TEXT, nullable=False),
    sa.Column("actor", _TEXT, nullable=False),
    sa.Column("detail", _TEXT, nullable=False),
    *_link(),
    sqlite_strict=True,
)

change = sa.Table(
    "change",
    metadata,
    sa.Column("version", _BIG, sa.ForeignKey(version.c.number), primary_key=True),
    sa.Column("slot", _TEXT, primary_key=True),
    sa.Column("old_sha256", _TEXT, sa.ForeignKey(file.c.sha256)),
    sa.Column("new_sha256", _TEXT, sa.ForeignKey(file.c.sha256)),
    sqlite_strict=True,
)

# Events and runs are numbered by the ledger itself: from 1, without gaps, on both databases.
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=False),
    sa.Column("at", _TEXT, nullable=False),
    sa.Column("act", _TEXT, nullable=False),
    sa.Column("actor", _TEXT, nullable=False),
    sa.Column("what", _TEXT, nullable=False),
    sa.Column("detail", _TEXT, nullable=False),
    sa.Column("version", _BIG, sa.ForeignKey(version.c.number)),
    *_link(),
    sqlite_strict=True,
)

run = sa.Table(
    "run",
    metadata,
    sa.Column("number", _BIG, primary_key=True, autoincrement=False),
    sa.Column("id", _TEXT, nullable=False, unique=True),
    sa.Column("payload", _TEXT, nullable=False),
    sa.Column("version", _BIG, nullable=False),
    sa.Column("at", _TEXT, nullable=False),
    *_link(),
    sqlite_strict=True,
)

# --- what may change or go -------------------------------------------------------------------------------------------

# Each time somebody asked the question of a run: the newest asked is the newest run.
asking = sa.Table(
    "asking",
    metadata,
    sa.Column("number", _BIG, primary_key=True, autoincrement=False),
    sa.Column("run", _TEXT, sa.ForeignKey(run.c.id), nullable=False),
    sa.Column("at", _TEXT, nullable=False),
    sqlite_strict=True,
)

# The members that a run speaks of: who may not look there does not see the run.
run_area = sa.Table(
    "run_area",
    metadata,
    sa.Column("run", _TEXT, sa.ForeignKey(run.c.id), primary_key=True),
    sa.Column("boundary_set", _TEXT, primary_key=True),
    sa.Column("code", _TEXT, primary_key=True),
    sqlite_strict=True,
)

# Editable rows of every kind; `version` counts the edits of each from 1.
item = sa.Table(
    "item",
    metadata,
    sa.Column("kind", _TEXT, primary_key=True),
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("version", _BIG, nullable=False),
    # JSON; null for a row that was removed, whose number goes on counting: its old editors must not meet a new row.
    sa.Column("content", _TEXT),
    # As JSON, the version that last changed each field, with its actor and moment: what a lost race is told.
    sa.Column("changed", _TEXT, nullable=False),
    sa.Column("at", _TEXT, nullable=False),
    sa.Column("actor", _TEXT, nullable=False),
    sqlite_strict=True,
)

# Secrets of accounts (items of the kind `account`), apart from them so that no reader of items meets one.
credential = sa.Table(
    "credential",
    metadata,
    sa.Column("account", _TEXT, primary_key=True),
    sa.Column("hash", _TEXT, nullable=False),
    sa.Column("changed_at", _TEXT, nullable=False),
    sqlite_strict=True,
)

# Refused sign-ins, counted for each name that was tried (known or not) and each address, by their SHA-256.
attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("sha256", _TEXT, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", _TEXT, nullable=False),
    sa.Column("locked_until", _TEXT, nullable=False),
    sqlite_strict=True,
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("sha256", _TEXT, nullable=False, unique=True),
    sa.Column("name", _TEXT, nullable=False),
    # Who it belongs to: it never opens more than that account does.
    sa.Column("account", _TEXT, nullable=False),
    sa.Column("roles", _TEXT, nullable=False),
    sa.Column("areas", _TEXT),
    sa.Column("made_at", _TEXT, nullable=False),
    sa.Column("expires_at", _TEXT, nullable=False),
    sa.Column("revoked_at", _TEXT),
    sqlite_strict=True,
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("sha256", _TEXT, primary_key=True),
    sa.Column("account", _TEXT, nullable=False),
    # Who it lets in, as JSON: of an account elsewhere (OIDC) this is all that is known here.
    sa.Column("principal", _TEXT, nullable=False),
    sa.Column("opened_at", _TEXT, nullable=False),
    sa.Column("seen_at", _TEXT, nullable=False),
    sqlite_strict=True,
)

# Versions below `floor` can no longer be asked for: files of theirs were erased. Each row is told of by an event.
erasure = sa.Table(
    "erasure",
    metadata,
    sa.Column("number", _BIG, primary_key=True, autoincrement=False),
    sa.Column("at", _TEXT, nullable=False),
    sa.Column("floor", _BIG, nullable=False),
    # As JSON, what a backup that was out of reach needs to be told later: months and moments, never a crime number.
    sa.Column("what", _TEXT, nullable=False),
    sqlite_strict=True,
)

# Crime numbers that were erased, each as a hash keyed by the store's id: so that no import brings one back.
erased_number = sa.Table(
    "erased_number",
    metadata,
    sa.Column("hash", _TEXT, primary_key=True),
    sa.Column("erasure", _BIG, sa.ForeignKey(erasure.c.number), nullable=False),
    sqlite_strict=True,
)

# Backups that were made, so that an erasure reaches them: `erased` is the newest erasure that did.
backup_copy = sa.Table(
    "backup_copy",
    metadata,
    sa.Column("path", _TEXT, primary_key=True),
    sa.Column("at", _TEXT, nullable=False),
    sa.Column("version", _BIG, nullable=False),
    sa.Column("erased", _BIG, nullable=False, server_default="0"),
    sqlite_strict=True,
)
