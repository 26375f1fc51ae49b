"""Files that were renamed, so that it can be undone. Adds, and changes nothing that 0.9 reads.

Revision ID: 0009
Revises: 0008
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from fastapi_app.models.base import TABLE_OPTIONS, long_text, short_text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

metadata = sa.MetaData()


def _table(name: str, *items: sa.schema.SchemaItem, **more: Any) -> None:
    options: dict[str, Any] = {**TABLE_OPTIONS, **more}
    sa.Table(name, metadata, *items, **options)


_table(
    "renames",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("template", short_text(300)),
    sa.Column("undoes", sa.Integer()),
    sa.Column("job_id", sa.Integer()),
    sa.Column("user_id", sa.Integer()),
    sa.Column("total", sa.Integer(), nullable=False),
    sa.Column("unchanged", sa.Integer(), nullable=False),
    sa.Column("planned_at", sa.DateTime()),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Index("idx_rename_undoes", "undoes"),
    sqlite_autoincrement=True,
)
_table(
    "renamed_files",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("rename_id", sa.Integer(), sa.ForeignKey("renames.id", ondelete="CASCADE"), nullable=False),
    sa.Column("video_id", sa.Integer(), nullable=False),
    sa.Column("state", short_text(20), nullable=False),
    sa.Column("reason", short_text(200)),
    sa.Column("old_path", long_text(), nullable=False),
    sa.Column("new_path", long_text(), nullable=False),
    sa.Column("at_path", long_text(), nullable=False),
    sa.Column("to_path", long_text()),
    sa.Column("beside", sa.JSON()),
    sa.Column("size", sa.BigInteger()),
    sa.Column("modified", sa.BigInteger()),
    sa.Index("idx_renamed_file_state", "rename_id", "state", "id"),
)


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every table by itself."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """How to take a rename back is written nowhere else."""
    raise NotImplementedError("this can't be undone: restore the backup instead")
