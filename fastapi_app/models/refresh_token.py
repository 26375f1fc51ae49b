"""Refresh tokens: each is used once, and all that descend from one login hang on that login's row."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, now, short_text


class RefreshToken(Base):
    """One refresh token. `session_id` is its family: the login that dies when a used token comes back.

    `token_hash` is the SHA-256 of the token's id, 64 hex digits.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("idx_refresh_token_session_id", "session_id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("user_sessions.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(short_text(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
