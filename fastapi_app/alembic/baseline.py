"""The tables as MVidarr 0.9 made them, frozen: what the first revision creates, and what adoption compares with.

The models move on; this does not.
"""

from typing import Any

import sqlalchemy as sa

from fastapi_app.models import SessionStatus, UserRole, VideoStatus
from fastapi_app.models.base import TABLE_OPTIONS, EnumName, long_text, short_text

metadata = sa.MetaData()


def _table(name: str, *items: sa.schema.SchemaItem) -> "sa.Table[Any]":
    options: dict[str, Any] = dict(TABLE_OPTIONS)
    return sa.Table(name, metadata, *items, **options)


settings = _table(
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


users = _table(
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


user_sessions = _table(
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


artists = _table(
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
    sa.Index("idx_artist_imvdb_id", "imvdb_id"),
    sa.Index("idx_artist_monitored", "monitored"),
    sa.Index("idx_artist_name", "name"),
    sa.Index("idx_artist_source", "source"),
    sa.Index("idx_artist_spotify_id", "spotify_id"),
)


videos = _table(
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
    sa.Index("idx_video_artist_id", "artist_id"),
    sa.Index("idx_video_imvdb_id", "imvdb_id"),
    sa.Index("idx_video_playlist_id", "playlist_id"),
    sa.Index("idx_video_source", "source"),
    sa.Index("idx_video_status", "status"),
    sa.Index("idx_video_title", "title"),
    sa.Index("idx_video_youtube_id", "youtube_id"),
)


downloads = _table(
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
    sa.Index("idx_download_artist_id", "artist_id"),
    sa.Index("idx_download_date", "download_date"),
    sa.Index("idx_download_metube_id", "metube_id"),
    sa.Index("idx_download_priority", "priority"),
    sa.Index("idx_download_priority_status", "priority", "status"),
    sa.Index("idx_download_status", "status"),
    sa.Index("idx_download_video_id", "video_id"),
)


task_queue = _table(
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
    sa.Index("idx_task_created_at", "created_at"),
    sa.Index("idx_task_priority", "priority"),
    sa.Index("idx_task_status", "status"),
    sa.Index("idx_task_type", "task_type"),
)


playlist_monitors = _table(
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
    sa.Index("idx_playlist_auto_download", "auto_download"),
    sa.Index("idx_playlist_channel_id", "channel_id"),
    sa.Index("idx_playlist_id", "playlist_id"),
    sa.Index("idx_playlist_last_check", "last_check"),
)
