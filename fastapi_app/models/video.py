"""Videos of artists."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fastapi_app.models.base import TABLE_OPTIONS, Base, EnumName, long_text, now, short_text

if TYPE_CHECKING:
    from fastapi_app.models.artist import Artist
    from fastapi_app.models.download import Download


class VideoStatus(StrEnum):
    """Where a video stands. The order is the order of `sort=status`."""

    WANTED = "WANTED"
    DOWNLOADING = "DOWNLOADING"
    DOWNLOADED = "DOWNLOADED"
    IGNORED = "IGNORED"
    FAILED = "FAILED"
    MONITORED = "MONITORED"


class Video(Base):
    """One video. `youtube_id` is not unique; `status` and `created_at` may be null in old databases."""

    __tablename__ = "videos"

    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))
    title: Mapped[str] = mapped_column(short_text(500))
    imvdb_id: Mapped[str | None] = mapped_column(short_text(100), unique=True)
    youtube_id: Mapped[str | None] = mapped_column(short_text(100))
    youtube_url: Mapped[str | None] = mapped_column(short_text(500))
    url: Mapped[str | None] = mapped_column(short_text(500))
    playlist_id: Mapped[str | None] = mapped_column(short_text(100))
    playlist_position: Mapped[int | None]
    source: Mapped[str | None] = mapped_column(short_text(50))
    thumbnail_url: Mapped[str | None] = mapped_column(short_text(500))
    thumbnail_path: Mapped[str | None] = mapped_column(short_text(500))
    thumbnail_source: Mapped[str | None] = mapped_column(short_text(50))
    thumbnail_metadata: Mapped[Any | None] = mapped_column(JSON)
    thumbnail_uploaded_at: Mapped[datetime | None]
    local_path: Mapped[str | None] = mapped_column(short_text(500))
    duration: Mapped[int | None]
    year: Mapped[int | None] = mapped_column()
    release_date: Mapped[datetime | None]
    description: Mapped[str | None] = mapped_column(long_text())
    view_count: Mapped[int | None]
    like_count: Mapped[int | None]
    genres: Mapped[Any | None] = mapped_column(JSON)
    directors: Mapped[Any | None] = mapped_column(JSON)
    producers: Mapped[Any | None] = mapped_column(JSON)
    status: Mapped[VideoStatus | None] = mapped_column(
        EnumName(VideoStatus, "video_status"), default=VideoStatus.WANTED
    )
    quality: Mapped[str | None] = mapped_column(short_text(50))
    video_metadata: Mapped[Any | None] = mapped_column(JSON)
    imvdb_metadata: Mapped[Any | None] = mapped_column(JSON)
    search_keywords: Mapped[str | None] = mapped_column(long_text())
    discovered_date: Mapped[datetime | None]
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)

    artist: Mapped["Artist"] = relationship(back_populates="videos")
    downloads: Mapped[list["Download"]] = relationship(back_populates="video", cascade="all, delete-orphan")

    __table_args__ = (
        Index("idx_video_artist_id", "artist_id"),
        # What is wanted, or failed, artist by artist; and of one status what came last.
        Index("idx_video_by_status_artist", "status", "artist_id"),
        Index("idx_video_by_status_created", "status", "created_at"),
        # The latest years first, and titles in their order within: MariaDB before 10.8 sorts what it finds in it.
        Index("idx_video_by_year", year.desc(), "title", "id", "status", "artist_id"),
        Index("idx_video_created_at", "created_at"),
        Index("idx_video_imvdb_id", "imvdb_id"),
        Index("idx_video_playlist_id", "playlist_id"),
        # What searches filter by, in the order of titles: no row is looked up for what is not on the page.
        Index("idx_video_search", "title", "id", "status", "year", "artist_id", "duration", "created_at"),
        Index("idx_video_source", "source"),
        Index("idx_video_status", "status"),
        Index("idx_video_title", "title"),
        Index("idx_video_youtube_id", "youtube_id"),
        TABLE_OPTIONS,
    )
