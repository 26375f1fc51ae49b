"""People's own playlists."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, now, short_text


class Playlist(Base):
    """One playlist. Without a `user_id` it is everybody's; with one it goes when the account goes.

    A dynamic one has `filter_criteria`. With `auto_update` its videos are looked for at each read, and it has no
    entries; `video_count` and `total_duration` (seconds) say what was found at `refreshed_at`. Without, its entries are
    what was found then, and both are null, as they are for a playlist made by hand.
    """

    __tablename__ = "playlists"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(short_text(255))
    description: Mapped[str | None] = mapped_column(short_text(1000))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    is_public: Mapped[bool] = mapped_column(default=False)
    is_featured: Mapped[bool] = mapped_column(default=False)
    is_dynamic: Mapped[bool] = mapped_column(default=False)
    auto_update: Mapped[bool] = mapped_column(default=False)
    filter_criteria: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    video_count: Mapped[int | None]
    total_duration: Mapped[int | None] = mapped_column(BigInteger)
    refreshed_at: Mapped[datetime | None]
    thumbnail_url: Mapped[str | None] = mapped_column(short_text(500))
    thumbnail_path: Mapped[str | None] = mapped_column(short_text(500))
    thumbnail_source: Mapped[str | None] = mapped_column(short_text(50))
    thumbnail_metadata: Mapped[Any | None] = mapped_column(JSON)
    thumbnail_uploaded_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __table_args__ = (
        Index("idx_playlist_name", "name"),
        Index("idx_playlist_user_id", "user_id"),
        # On SQLite too, the number of a playlist that was deleted is never given again: browsers remember addresses.
        {**TABLE_OPTIONS, "sqlite_autoincrement": True},
    )
