"""Background work and its queues. Adds, and changes nothing that 0.9 reads.

Revision ID: 0003
Revises: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from fastapi_app.models.base import TABLE_OPTIONS, long_text, short_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

metadata = sa.MetaData()


def _table(name: str, *items: sa.schema.SchemaItem, **more: Any) -> None:
    options: dict[str, Any] = {**TABLE_OPTIONS, **more}
    sa.Table(name, metadata, *items, **options)


# What the new tables refer to; they are there already.
_table("users", sa.Column("id", sa.Integer(), primary_key=True))
_table("downloads", sa.Column("id", sa.Integer(), primary_key=True))

_table(
    "jobs",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("kind", short_text(50), nullable=False),
    sa.Column("subject", short_text(200), nullable=False),
    sa.Column("active_key", short_text(255), unique=True),
    sa.Column("queue", short_text(20), nullable=False),
    sa.Column("state", short_text(20), nullable=False),
    sa.Column("priority", sa.Integer(), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("payload", sa.JSON(), nullable=False),
    sa.Column("result", sa.JSON()),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="SET NULL")),
    sa.Column("download_id", sa.Integer(), sa.ForeignKey("downloads.id", ondelete="SET NULL")),
    sa.Column("executor", short_text(20), nullable=False),
    sa.Column("claim", short_text(120)),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("attempt_limit", sa.Integer(), nullable=False),
    sa.Column("cancel_requested", sa.Boolean(), nullable=False),
    sa.Column("pause_requested", sa.Boolean(), nullable=False),
    sa.Column("sequence", sa.BigInteger(), nullable=False),
    sa.Column("stage", short_text(40)),
    sa.Column("percent", sa.Double()),
    sa.Column("speed", sa.BigInteger()),
    sa.Column("eta", sa.Integer()),
    sa.Column("bytes_done", sa.BigInteger()),
    sa.Column("bytes_total", sa.BigInteger()),
    sa.Column("message", short_text(500)),
    sa.Column("error_class", short_text(40)),
    sa.Column("error_message", short_text(500)),
    sa.Column("error_log", long_text()),
    sa.Column("due_at", sa.DateTime(), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("started_at", sa.DateTime()),
    sa.Column("heartbeat_at", sa.DateTime()),
    sa.Column("finished_at", sa.DateTime()),
    sa.Column("updated_at", sa.DateTime(), nullable=False),
    sa.Index("idx_job_next", "queue", "state", "priority", "position"),
    sa.Index("idx_job_state", "state", "heartbeat_at"),
    sa.Index("idx_job_finished_at", "finished_at"),
    sa.Index("idx_job_updated_at", "updated_at"),
    sa.Index("idx_job_subject", "subject"),
    sqlite_autoincrement=True,
)
_table(
    "job_queues",
    sa.Column("name", short_text(20), primary_key=True),
    sa.Column("paused_at", sa.DateTime()),
    sa.Column("cause", short_text(40)),
    sa.Column("reason", short_text(500)),
)


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every table by itself."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """A later version may rely on what these tables hold."""
    raise NotImplementedError("this can't be undone: restore the backup instead")
