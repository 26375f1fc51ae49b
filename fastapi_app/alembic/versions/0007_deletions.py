"""What was deleted and may be restored. Adds, and changes nothing that 0.9 reads.

Revision ID: 0007
Revises: 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from fastapi_app.models.base import TABLE_OPTIONS, short_text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

metadata = sa.MetaData()
options: dict[str, Any] = {**TABLE_OPTIONS, "sqlite_autoincrement": True}

# What the new table refers to; it is there already.
sa.Table("users", metadata, sa.Column("id", sa.Integer(), primary_key=True))
sa.Table(
    "deletions",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="SET NULL")),
    sa.Column("username", short_text(80)),
    sa.Column("videos", sa.Integer(), nullable=False),
    sa.Column("artists", sa.Integer(), nullable=False),
    sa.Column("names", sa.JSON(), nullable=False),
    sa.Column("snapshot", sa.Text().with_variant(mysql.LONGTEXT(), "mysql")),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("expires_at", sa.DateTime(), nullable=False),
    sa.Column("restored_at", sa.DateTime()),
    sa.Index("idx_deletion_expires_at", "expires_at"),
    **options,
)


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every table by itself."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """A later version may rely on what this table holds."""
    raise NotImplementedError("this can't be undone: restore the backup instead")
