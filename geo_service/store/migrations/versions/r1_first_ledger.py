"""The first ledger: files, versions and their changes, audit events, runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, _BIG, primary_key=True, autoincrement=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables in an empty database."""
    number = sa.Column("number", sa.Integer, primary_key=True, autoincrement=False)
    layout = op.create_table("layout", number, sqlite_strict=True)
    op.execute(sa.insert(layout).values(number=1))
    op.create_table(
        "file",
        sa.Column("sha256", _TEXT, primary_key=True),
        *_texts("kind"),
        sa.Column("bytes", _BIG, nullable=False),
        sa.Column("rows", _BIG, nullable=False),
        sa.Column("first_month", sa.Integer),
        sa.Column("last_month", sa.Integer),
        sa.Column("of_incidents", _TEXT),
        sa.Column("of_boundaries", _TEXT),
        sqlite_strict=True,
    )
    op.create_table("version", _whole("number"), *_texts("at", "act", "actor", "detail"), sqlite_strict=True)
    op.create_table(
        "change",
        sa.Column("version", _BIG, sa.ForeignKey("version.number"), primary_key=True),
        sa.Column("slot", _TEXT, primary_key=True),
        sa.Column("old_sha256", _TEXT, sa.ForeignKey("file.sha256")),
        sa.Column("new_sha256", _TEXT, sa.ForeignKey("file.sha256")),
        sqlite_strict=True,
    )
    op.create_index("change_by_slot", "change", ["slot", "version"])
    op.create_table(
        "event",
        _whole("id"),
        *_texts("at", "act", "actor", "what", "detail"),
        sa.Column("version", _BIG, sa.ForeignKey("version.number")),
        sqlite_strict=True,
    )
    op.create_table(
        "run",
        _whole("number"),
        sa.Column("id", _TEXT, nullable=False, unique=True),
        *_texts("payload"),
        sa.Column("version", _BIG, nullable=False),
        *_texts("at"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Remove the tables with all that is in them."""
    for name in ("run", "event", "change", "version", "file", "layout"):
        op.drop_table(name)
