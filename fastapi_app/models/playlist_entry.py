"""Videos of playlists."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, now


class PlaylistEntry(Base):
    """One video in a playlist, where it is at most once.

    `position` only tells the order, with room between neighbours, so that a move writes one row. What people call the
    position is the rank by it, which has no gaps, whoever deletes videos.
    """

    __tablename__ = "playlist_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"))
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        Index("uq_playlist_entry_video", "playlist_id", "video_id", unique=True),
        Index("idx_playlist_entry_position", "playlist_id", "position"),
        Index("idx_playlist_entry_video_id", "video_id"),
        # Rows that were deleted may come back under their numbers.
        {**TABLE_OPTIONS, "sqlite_autoincrement": True},
    )
