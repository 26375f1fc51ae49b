"""0.9's table of background work. It was created and never used."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, long_text, now, short_text


class TaskQueue(Base):
    """One row of 0.9's unused queue, kept so that an adopted database stays whole."""

    __tablename__ = "task_queue"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_type: Mapped[str] = mapped_column(short_text(100))
    task_data: Mapped[Any | None] = mapped_column(JSON)
    status: Mapped[str | None] = mapped_column(short_text(50), default="pending")
    priority: Mapped[int | None] = mapped_column(default=5)
    attempts: Mapped[int | None] = mapped_column(default=0)
    max_attempts: Mapped[int | None] = mapped_column(default=3)
    error_message: Mapped[str | None] = mapped_column(long_text())
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    __table_args__ = (
        Index("idx_task_created_at", "created_at"),
        Index("idx_task_priority", "priority"),
        Index("idx_task_status", "status"),
        Index("idx_task_type", "task_type"),
        TABLE_OPTIONS,
    )
