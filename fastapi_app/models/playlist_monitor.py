"""YouTube playlists that are watched for new videos."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, now, short_text


class PlaylistMonitor(Base):
    """One watched playlist. `keywords` holds a JSON text inside JSON, as 0.9 wrote it."""

    __tablename__ = "playlist_monitors"

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[str] = mapped_column(short_text(100), unique=True)
    playlist_url: Mapped[str] = mapped_column(short_text(500))
    name: Mapped[str] = mapped_column(short_text(255))
    channel_title: Mapped[str | None] = mapped_column(short_text(255))
    channel_id: Mapped[str | None] = mapped_column(short_text(100))
    auto_download: Mapped[bool | None] = mapped_column(default=True)
    quality: Mapped[str | None] = mapped_column(short_text(50), default="720p")
    keywords: Mapped[Any | None] = mapped_column(JSON)
    last_check: Mapped[datetime | None]
    last_video_count: Mapped[int | None] = mapped_column(default=0)
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)

    __table_args__ = (
        Index("idx_playlist_auto_download", "auto_download"),
        Index("idx_playlist_channel_id", "channel_id"),
        Index("idx_playlist_id", "playlist_id"),
        Index("idx_playlist_last_check", "last_check"),
        TABLE_OPTIONS,
    )
