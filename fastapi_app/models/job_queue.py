"""Queues of background work that somebody, or a full disk, has paused."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, short_text


class JobQueue(Base):
    """One queue, by name. `reason` is for people; `cause` is the error class that paused it, or `user`."""

    __tablename__ = "job_queues"
    __table_args__ = (TABLE_OPTIONS,)

    name: Mapped[str] = mapped_column(short_text(20), primary_key=True)
    paused_at: Mapped[datetime | None]
    cause: Mapped[str | None] = mapped_column(short_text(40))
    reason: Mapped[str | None] = mapped_column(short_text(500))
