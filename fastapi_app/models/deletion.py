"""What was deleted and may be restored."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, now, short_text


class Deletion(Base):
    """Videos, or artists with their videos, that went together.

    `names` is a list of the first few: `{"title", "artist"}` of a video, `{"artist"}` of an artist. `snapshot` is the
    JSON text of `fastapi_app.deletions.snapshot`, NULL once it was restored.
    """

    __tablename__ = "deletions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    username: Mapped[str | None] = mapped_column(short_text(80))
    videos: Mapped[int]
    artists: Mapped[int]
    names: Mapped[Any] = mapped_column(JSON)
    snapshot: Mapped[str | None] = mapped_column(Text().with_variant(mysql.LONGTEXT(), "mysql"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    restored_at: Mapped[datetime | None]

    __table_args__ = (
        Index("idx_deletion_expires_at", "expires_at"),
        # On SQLite too, the number of a deletion that was forgotten is never given again: browsers remember numbers.
        {**TABLE_OPTIONS, "sqlite_autoincrement": True},
    )
