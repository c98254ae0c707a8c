"""Make the tables of accounts, editable rows, erasures, backups and repeated questions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NEW = (
    "asking",
    "run_area",
    "item",
    "credential",
    "attempt",
    "api_key",
    "session",
    "erasure",
    "erased_number",
    "backup_copy",
)
"""Each after those that it refers to."""


def upgrade() -> None:
    """Make the tables; what was asked so far was asked in the order of its runs."""
    op.add_column("file", sa.Column("months", _TEXT))
    op.create_table(
        "asking",
        sa.Column("number", _BIG, primary_key=True, autoincrement=False),
        sa.Column("run", _TEXT, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "run_area",
        sa.Column("run", _TEXT, sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("boundary_set", _TEXT, primary_key=True),
        sa.Column("code", _TEXT, primary_key=True),
        sqlite_strict=True,
    )
    op.create_table(
        "item",
        sa.Column("kind", _TEXT, primary_key=True),
        sa.Column("id", _TEXT, primary_key=True),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("content", _TEXT),
        sa.Column("changed", _TEXT, nullable=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "credential",
        sa.Column("account", _TEXT, primary_key=True),
        sa.Column("hash", _TEXT, nullable=False),
        sa.Column("changed_at", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "attempt",
        sa.Column("sha256", _TEXT, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", _TEXT, nullable=False),
        sa.Column("locked_until", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "api_key",
        sa.Column("id", _TEXT, primary_key=True),
        sa.Column("sha256", _TEXT, nullable=False, unique=True),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("account", _TEXT, nullable=False),
        sa.Column("roles", _TEXT, nullable=False),
        sa.Column("areas", _TEXT),
        sa.Column("made_at", _TEXT, nullable=False),
        sa.Column("expires_at", _TEXT, nullable=False),
        sa.Column("revoked_at", _TEXT),
        sqlite_strict=True,
    )
    op.create_table(
        "session",
        sa.Column("sha256", _TEXT, primary_key=True),
        sa.Column("account", _TEXT, nullable=False),
        sa.Column("principal", _TEXT, nullable=False),
        sa.Column("opened_at", _TEXT, nullable=False),
        sa.Column("seen_at", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "erasure",
        sa.Column("number", _BIG, primary_key=True, autoincrement=False),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("floor", _BIG, nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "erased_number",
        sa.Column("hash", _TEXT, primary_key=True),
        sa.Column("erasure", _BIG, sa.ForeignKey("erasure.number"), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "backup_copy",
        sa.Column("path", _TEXT, primary_key=True),
        sa.Column("at", _TEXT, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("erased", _BIG, nullable=False, server_default="0"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO asking (number, run, at) SELECT number, id, at FROM run")


def downgrade() -> None:
    """Take the tables away; accounts, keys and edits go with them."""
    for name in reversed(_NEW):
        op.drop_table(name)
    op.drop_column("file", "months")
