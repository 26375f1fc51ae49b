"""Files that were fetched or found."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fastapi_app.models.base import TABLE_OPTIONS, Base, long_text, now, short_text

if TYPE_CHECKING:
    from fastapi_app.models.artist import Artist
    from fastapi_app.models.video import Video


class Download(Base):
    """One download. `status` is free text in lower case; priority 1 is the highest, 10 the lowest."""

    __tablename__ = "downloads"

    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))
    video_id: Mapped[int | None] = mapped_column(ForeignKey("videos.id"))
    title: Mapped[str] = mapped_column(short_text(500))
    original_url: Mapped[str] = mapped_column(short_text(500))
    file_path: Mapped[str | None] = mapped_column(short_text(500))
    file_size: Mapped[int | None]
    download_date: Mapped[datetime | None] = mapped_column(default=now)
    metube_id: Mapped[str | None] = mapped_column(short_text(100))
    status: Mapped[str | None] = mapped_column(short_text(50), default="pending")
    priority: Mapped[int | None] = mapped_column(default=5)
    progress: Mapped[int | None] = mapped_column(default=0)
    error_message: Mapped[str | None] = mapped_column(long_text())
    quality: Mapped[str | None] = mapped_column(short_text(50))
    format: Mapped[str | None] = mapped_column(short_text(50))
    download_metadata: Mapped[Any | None] = mapped_column(JSON)
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)

    artist: Mapped["Artist"] = relationship(back_populates="downloads")
    video: Mapped["Video | None"] = relationship(back_populates="downloads")

    __table_args__ = (
        Index("idx_download_artist_id", "artist_id"),
        Index("idx_download_date", "download_date"),
        Index("idx_download_metube_id", "metube_id"),
        Index("idx_download_priority", "priority"),
        Index("idx_download_priority_status", "priority", "status"),
        Index("idx_download_status", "status"),
        Index("idx_download_video_id", "video_id"),
        TABLE_OPTIONS,
    )
