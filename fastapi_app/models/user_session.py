"""Logins: the rows that one signed cookie names, honoured by both sides."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fastapi_app.models.base import Base, EnumName, long_text, now, short_text

if TYPE_CHECKING:
    from fastapi_app.models.user import User


class SessionStatus(StrEnum):
    """Whether a login still counts."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class UserSession(Base):
    """One login of one user on one device."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    session_token: Mapped[str] = mapped_column(short_text(255), unique=True)
    status: Mapped[SessionStatus] = mapped_column(
        EnumName(SessionStatus, "session_status"), default=SessionStatus.ACTIVE
    )
    ip_address: Mapped[str | None] = mapped_column(short_text(45))
    user_agent: Mapped[str | None] = mapped_column(long_text())
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    last_activity: Mapped[datetime | None] = mapped_column(default=now)
    expires_at: Mapped[datetime]

    user: Mapped["User"] = relationship(back_populates="sessions")
