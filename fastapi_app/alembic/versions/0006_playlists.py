"""People's own playlists. Adds, and changes nothing that 0.9 reads.

Revision ID: 0006
Revises: 0005
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from fastapi_app.models.base import TABLE_OPTIONS, short_text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

metadata = sa.MetaData()


def _table(name: str, *items: sa.schema.SchemaItem, **more: Any) -> None:
    options: dict[str, Any] = {**TABLE_OPTIONS, **more}
    sa.Table(name, metadata, *items, **options)


# What the new tables refer to; they are there already.
_table("users", sa.Column("id", sa.Integer(), primary_key=True))
_table("videos", sa.Column("id", sa.Integer(), primary_key=True))

# Rows that refer to a video or an account go with it: 0.9 knows nothing of them, and must be able to delete.
_table(
    "playlists",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", short_text(255), nullable=False),
    sa.Column("description", short_text(1000)),
    sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE")),
    sa.Column("is_public", sa.Boolean(), nullable=False),
    sa.Column("is_featured", sa.Boolean(), nullable=False),
    sa.Column("is_dynamic", sa.Boolean(), nullable=False),
    sa.Column("auto_update", sa.Boolean(), nullable=False),
    sa.Column("filter_criteria", sa.JSON()),
    sa.Column("video_count", sa.Integer()),
    sa.Column("total_duration", sa.BigInteger()),
    sa.Column("refreshed_at", sa.DateTime()),
    sa.Column("thumbnail_url", short_text(500)),
    sa.Column("thumbnail_path", short_text(500)),
    sa.Column("thumbnail_source", short_text(50)),
    sa.Column("thumbnail_metadata", sa.JSON()),
    sa.Column("thumbnail_uploaded_at", sa.DateTime()),
    sa.Column("created_at", sa.DateTime(), nullable=False),
    sa.Column("updated_at", sa.DateTime(), nullable=False),
    sa.Index("idx_playlist_name", "name"),
    sa.Index("idx_playlist_user_id", "user_id"),
    sqlite_autoincrement=True,
)
_table(
    "playlist_entries",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("playlist_id", sa.Integer(), sa.ForeignKey("playlists.id", ondelete="CASCADE"), nullable=False),
    sa.Column("video_id", sa.Integer(), sa.ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("added_at", sa.DateTime(), nullable=False),
    sa.Index("uq_playlist_entry_video", "playlist_id", "video_id", unique=True),
    sa.Index("idx_playlist_entry_position", "playlist_id", "position"),
    sa.Index("idx_playlist_entry_video_id", "video_id"),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every table by itself."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """People made what these tables hold."""
    raise NotImplementedError("this can't be undone: restore the backup instead")
