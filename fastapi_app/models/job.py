"""Background work. The row is the truth about it; Redis only carries messages about rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, long_text, now, short_text


class Job(Base):
    """One piece of work.

    `active_key` is `kind subject` until the job has ended and NULL afterwards: the unique index on it lets one job of
    a kind be under way for a subject. Whoever runs the job writes only while `claim` is the text that it put there.
    `sequence` grows with every event about the job: attempt times a million, plus the number of the event.
    """

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(short_text(50))
    subject: Mapped[str] = mapped_column(short_text(200))
    active_key: Mapped[str | None] = mapped_column(short_text(255), unique=True)
    queue: Mapped[str] = mapped_column(short_text(20))
    state: Mapped[str] = mapped_column(short_text(20), default="queued")
    priority: Mapped[int] = mapped_column(default=5)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    payload: Mapped[Any] = mapped_column(JSON)
    result: Mapped[Any | None] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    download_id: Mapped[int | None] = mapped_column(ForeignKey("downloads.id", ondelete="SET NULL"))
    executor: Mapped[str] = mapped_column(short_text(20), default="celery")
    claim: Mapped[str | None] = mapped_column(short_text(120))
    attempts: Mapped[int] = mapped_column(default=0)
    attempt_limit: Mapped[int] = mapped_column(default=3)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    pause_requested: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    stage: Mapped[str | None] = mapped_column(short_text(40))
    percent: Mapped[float | None] = mapped_column(Double)
    speed: Mapped[int | None] = mapped_column(BigInteger)
    eta: Mapped[int | None]
    bytes_done: Mapped[int | None] = mapped_column(BigInteger)
    bytes_total: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[str | None] = mapped_column(short_text(500))
    error_class: Mapped[str | None] = mapped_column(short_text(40))
    error_message: Mapped[str | None] = mapped_column(short_text(500))
    error_log: Mapped[str | None] = mapped_column(long_text())
    due_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __table_args__ = (
        Index("idx_job_next", "queue", "state", "priority", "position"),
        Index("idx_job_state", "state", "heartbeat_at"),
        Index("idx_job_finished_at", "finished_at"),
        Index("idx_job_updated_at", "updated_at"),
        Index("idx_job_subject", "subject"),
        # On SQLite too, the number of a job that was deleted is never given again: browsers remember numbers.
        {**TABLE_OPTIONS, "sqlite_autoincrement": True},
    )
