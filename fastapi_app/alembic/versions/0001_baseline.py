"""The tables of MVidarr 0.9, as the contract describes them: the baseline of every later revision.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from fastapi_app.models import SessionStatus, UserRole, VideoStatus
from fastapi_app.models.base import TABLE_OPTIONS, EnumName, long_text, short_text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INDEXES = {
    "artists": {
        "idx_artist_imvdb_id": ["imvdb_id"],
        "idx_artist_monitored": ["monitored"],
        "idx_artist_name": ["name"],
        "idx_artist_source": ["source"],
        "idx_artist_spotify_id": ["spotify_id"],
    },
    "videos": {
        "idx_video_artist_id": ["artist_id"],
        "idx_video_imvdb_id": ["imvdb_id"],
        "idx_video_playlist_id": ["playlist_id"],
        "idx_video_source": ["source"],
        "idx_video_status": ["status"],
        "idx_video_title": ["title"],
        "idx_video_youtube_id": ["youtube_id"],
    },
    "downloads": {
        "idx_download_artist_id": ["artist_id"],
        "idx_download_date": ["download_date"],
        "idx_download_metube_id": ["metube_id"],
        "idx_download_priority": ["priority"],
        "idx_download_priority_status": ["priority", "status"],
        "idx_download_status": ["status"],
        "idx_download_video_id": ["video_id"],
    },
    "task_queue": {
        "idx_task_created_at": ["created_at"],
        "idx_task_priority": ["priority"],
        "idx_task_status": ["status"],
        "idx_task_type": ["task_type"],
    },
    "playlist_monitors": {
        "idx_playlist_auto_download": ["auto_download"],
        "idx_playlist_channel_id": ["channel_id"],
        "idx_playlist_id": ["playlist_id"],
        "idx_playlist_last_check": ["last_check"],
    },
}


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every table by itself."""
    for create in (_settings, _users, _user_sessions, _artists, _videos, _downloads, _task_queue, _playlist_monitors):
        create()
    _indexes()


def downgrade() -> None:
    """There is nothing before the baseline."""
    raise NotImplementedError("the baseline can't be undone: drop the database instead")


def _indexes() -> None:
    inspector = sa.inspect(op.get_bind())
    for table, indexes in INDEXES.items():
        existing = {index["name"] for index in inspector.get_indexes(table)}
        for name, columns in indexes.items():
            if name not in existing:
                op.create_index(name, table, columns)


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, if_not_exists=True, **TABLE_OPTIONS)


def _settings() -> None:
    _table(
        "settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", short_text(255), nullable=False),
        sa.Column("value", long_text()),
        sa.Column("description", long_text()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )


def _users() -> None:
    _table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", short_text(80), nullable=False),
        sa.Column("email", short_text(120), nullable=False),
        sa.Column("password_hash", short_text(255), nullable=False),
        sa.Column("role", EnumName(UserRole, "user_role"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_email_verified", sa.Boolean(), nullable=False),
        sa.Column("failed_login_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime()),
        sa.Column("last_login", sa.DateTime()),
        sa.Column("last_login_ip", short_text(45)),
        sa.Column("password_changed_at", sa.DateTime()),
        sa.Column("email_verification_token", short_text(255)),
        sa.Column("password_reset_token", short_text(255)),
        sa.Column("password_reset_expires", sa.DateTime()),
        sa.Column("two_factor_secret", short_text(32)),
        sa.Column("two_factor_enabled", sa.Boolean(), nullable=False),
        sa.Column("backup_codes", sa.JSON()),
        sa.Column("preferences", sa.JSON()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )


def _user_sessions() -> None:
    _table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("session_token", short_text(255), nullable=False),
        sa.Column("status", EnumName(SessionStatus, "session_status"), nullable=False),
        sa.Column("ip_address", short_text(45)),
        sa.Column("user_agent", long_text()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("last_activity", sa.DateTime()),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_token"),
    )


def _artists() -> None:
    _table(
        "artists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", short_text(255), nullable=False),
        sa.Column("imvdb_id", short_text(100)),
        sa.Column("spotify_id", short_text(100)),
        sa.Column("lastfm_name", short_text(255)),
        sa.Column("thumbnail_url", short_text(500)),
        sa.Column("thumbnail_path", short_text(500)),
        sa.Column("thumbnail_source", short_text(50)),
        sa.Column("thumbnail_metadata", sa.JSON()),
        sa.Column("thumbnail_uploaded_at", sa.DateTime()),
        sa.Column("auto_download", sa.Boolean()),
        sa.Column("keywords", sa.JSON()),
        sa.Column("folder_path", short_text(500)),
        sa.Column("imvdb_metadata", sa.JSON()),
        sa.Column("genres", sa.JSON()),
        sa.Column("monitored", sa.Boolean()),
        sa.Column("source", short_text(50)),
        sa.Column("last_discovery", sa.DateTime()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("imvdb_id"),
    )


def _videos() -> None:
    _table(
        "videos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("artist_id", sa.Integer(), nullable=False),
        sa.Column("title", short_text(500), nullable=False),
        sa.Column("imvdb_id", short_text(100)),
        sa.Column("youtube_id", short_text(100)),
        sa.Column("youtube_url", short_text(500)),
        sa.Column("url", short_text(500)),
        sa.Column("playlist_id", short_text(100)),
        sa.Column("playlist_position", sa.Integer()),
        sa.Column("source", short_text(50)),
        sa.Column("thumbnail_url", short_text(500)),
        sa.Column("thumbnail_path", short_text(500)),
        sa.Column("thumbnail_source", short_text(50)),
        sa.Column("thumbnail_metadata", sa.JSON()),
        sa.Column("thumbnail_uploaded_at", sa.DateTime()),
        sa.Column("local_path", short_text(500)),
        sa.Column("duration", sa.Integer()),
        sa.Column("year", sa.Integer()),
        sa.Column("release_date", sa.DateTime()),
        sa.Column("description", long_text()),
        sa.Column("view_count", sa.Integer()),
        sa.Column("like_count", sa.Integer()),
        sa.Column("genres", sa.JSON()),
        sa.Column("directors", sa.JSON()),
        sa.Column("producers", sa.JSON()),
        sa.Column("status", EnumName(VideoStatus, "video_status")),
        sa.Column("quality", short_text(50)),
        sa.Column("video_metadata", sa.JSON()),
        sa.Column("imvdb_metadata", sa.JSON()),
        sa.Column("search_keywords", long_text()),
        sa.Column("discovered_date", sa.DateTime()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("imvdb_id"),
    )


def _downloads() -> None:
    _table(
        "downloads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("artist_id", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer()),
        sa.Column("title", short_text(500), nullable=False),
        sa.Column("original_url", short_text(500), nullable=False),
        sa.Column("file_path", short_text(500)),
        sa.Column("file_size", sa.Integer()),
        sa.Column("download_date", sa.DateTime()),
        sa.Column("metube_id", short_text(100)),
        sa.Column("status", short_text(50)),
        sa.Column("priority", sa.Integer()),
        sa.Column("progress", sa.Integer()),
        sa.Column("error_message", long_text()),
        sa.Column("quality", short_text(50)),
        sa.Column("format", short_text(50)),
        sa.Column("download_metadata", sa.JSON()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"]),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _task_queue() -> None:
    _table(
        "task_queue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_type", short_text(100), nullable=False),
        sa.Column("task_data", sa.JSON()),
        sa.Column("status", short_text(50)),
        sa.Column("priority", sa.Integer()),
        sa.Column("attempts", sa.Integer()),
        sa.Column("max_attempts", sa.Integer()),
        sa.Column("error_message", long_text()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("completed_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
    )


def _playlist_monitors() -> None:
    _table(
        "playlist_monitors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("playlist_id", short_text(100), nullable=False),
        sa.Column("playlist_url", short_text(500), nullable=False),
        sa.Column("name", short_text(255), nullable=False),
        sa.Column("channel_title", short_text(255)),
        sa.Column("channel_id", short_text(100)),
        sa.Column("auto_download", sa.Boolean()),
        sa.Column("quality", short_text(50)),
        sa.Column("keywords", sa.JSON()),
        sa.Column("last_check", sa.DateTime()),
        sa.Column("last_video_count", sa.Integer()),
        sa.Column("created_at", sa.DateTime()),
        sa.Column("updated_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("playlist_id"),
    )
