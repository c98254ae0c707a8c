"""${message}"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Lead a ledger of the revision before to this one."""
    ${upgrades or "raise NotImplementedError"}


def downgrade() -> None:
    """Lead a ledger of this revision to the one before."""
    ${downgrades or "raise NotImplementedError"}
