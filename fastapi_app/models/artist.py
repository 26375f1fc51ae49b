"""Tracked artists."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fastapi_app.models.base import TABLE_OPTIONS, Base, now, short_text

if TYPE_CHECKING:
    from fastapi_app.models.download import Download
    from fastapi_app.models.video import Video


class Artist(Base):
    """One artist. Neither the name nor the Spotify id is unique."""

    __tablename__ = "artists"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(short_text(255))
    imvdb_id: Mapped[str | None] = mapped_column(short_text(100), unique=True)
    spotify_id: Mapped[str | None] = mapped_column(short_text(100))
    lastfm_name: Mapped[str | None] = mapped_column(short_text(255))
    thumbnail_url: Mapped[str | None] = mapped_column(short_text(500))
    thumbnail_path: Mapped[str | None] = mapped_column(short_text(500))
    thumbnail_source: Mapped[str | None] = mapped_column(short_text(50))
    thumbnail_metadata: Mapped[Any | None] = mapped_column(JSON)
    thumbnail_uploaded_at: Mapped[datetime | None]
    auto_download: Mapped[bool | None] = mapped_column(default=False)
    keywords: Mapped[Any | None] = mapped_column(JSON)
    folder_path: Mapped[str | None] = mapped_column(short_text(500))
    imvdb_metadata: Mapped[Any | None] = mapped_column(JSON)
    genres: Mapped[Any | None] = mapped_column(JSON)
    monitored: Mapped[bool | None] = mapped_column(default=True)
    source: Mapped[str | None] = mapped_column(short_text(50))
    last_discovery: Mapped[datetime | None]
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)

    videos: Mapped[list["Video"]] = relationship(back_populates="artist", cascade="all, delete-orphan")
    downloads: Mapped[list["Download"]] = relationship(back_populates="artist", cascade="all, delete-orphan")

    __table_args__ = (
        Index("idx_artist_imvdb_id", "imvdb_id"),
        Index("idx_artist_monitored", "monitored"),
        Index("idx_artist_name", "name"),
        Index("idx_artist_source", "source"),
        Index("idx_artist_spotify_id", "spotify_id"),
        TABLE_OPTIONS,
    )
