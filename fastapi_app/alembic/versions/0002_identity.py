"""Keys, refresh tokens, counted attempts and the audit trail. Adds, and changes nothing that 0.9 reads.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import inspect

from fastapi_app.models import UserRole
from fastapi_app.models.base import TABLE_OPTIONS, EnumName, short_text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

metadata = sa.MetaData()


def _table(name: str, *items: sa.schema.SchemaItem) -> None:
    options: dict[str, Any] = dict(TABLE_OPTIONS)
    sa.Table(name, metadata, *items, **options)


# What the new tables refer to; they are there already.
_table("users", sa.Column("id", sa.Integer(), primary_key=True))
_table("user_sessions", sa.Column("id", sa.Integer(), primary_key=True))

_table(
    "api_keys",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", short_text(80), nullable=False),
    sa.Column("prefix", short_text(16), nullable=False),
    sa.Column("key_hash", short_text(64), nullable=False, unique=True),
    sa.Column("role", EnumName(UserRole, "user_role"), nullable=False),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("expires_at", sa.DateTime()),
    sa.Column("last_used_at", sa.DateTime()),
    sa.Column("last_used_ip", short_text(45)),
    sa.Column("revoked_at", sa.DateTime()),
    sa.Index("idx_api_key_user_id", "user_id"),
)
_table(
    "refresh_tokens",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("session_id", sa.Integer(), sa.ForeignKey("user_sessions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("token_hash", short_text(64), nullable=False, unique=True),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("expires_at", sa.DateTime(), nullable=False),
    sa.Column("used_at", sa.DateTime()),
    sa.Index("idx_refresh_token_session_id", "session_id"),
)
_table(
    "attempts",
    sa.Column("subject", short_text(120), primary_key=True),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.Column("window_began_at", sa.DateTime(), nullable=False),
    sa.Column("blocked_until", sa.DateTime()),
)
_table(
    "audit_events",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("at", sa.DateTime(), nullable=False),
    sa.Column("event", short_text(64), nullable=False),
    sa.Column("outcome", short_text(16), nullable=False),
    sa.Column("user_id", sa.Integer()),
    sa.Column("username", short_text(80)),
    sa.Column("subject", short_text(255)),
    sa.Column("ip_address", short_text(45)),
    sa.Column("user_agent", short_text(255)),
    sa.Column("request_id", short_text(128)),
    sa.Column("detail", sa.JSON()),
    sa.Index("idx_audit_event_at", "at"),
    sa.Index("idx_audit_event_event", "event"),
    sa.Index("idx_audit_event_user_id", "user_id"),
)


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every table by itself."""
    connection = op.get_bind()
    metadata.create_all(connection)
    if "two_factor_last_step" not in {column["name"] for column in inspect(connection).get_columns("users")}:
        op.add_column("users", sa.Column("two_factor_last_step", sa.BigInteger()))


def downgrade() -> None:
    """A later version may rely on what these tables hold."""
    raise NotImplementedError("this can't be undone: restore the backup instead")
