"""What happened to accounts and to the installation, and who did it. Rows are added, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, now, short_text


class AuditEvent(Base):
    """One event. It names users by id and name at the time, without a foreign key: it outlives them.

    `outcome` is `success` or `failure`. `subject` is whom or what it was done to, `detail` further facts: never a
    secret.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("idx_audit_event_at", "at"),
        Index("idx_audit_event_event", "event"),
        Index("idx_audit_event_user_id", "user_id"),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    event: Mapped[str] = mapped_column(short_text(64))
    outcome: Mapped[str] = mapped_column(short_text(16))
    user_id: Mapped[int | None]
    username: Mapped[str | None] = mapped_column(short_text(80))
    subject: Mapped[str | None] = mapped_column(short_text(255))
    ip_address: Mapped[str | None] = mapped_column(short_text(45))
    user_agent: Mapped[str | None] = mapped_column(short_text(255))
    request_id: Mapped[str | None] = mapped_column(short_text(128))
    detail: Mapped[Any | None] = mapped_column(JSON)
