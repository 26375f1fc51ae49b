"""Keys for scripts and players: named, limited to a role, and stored as hashes only."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, EnumName, now, short_text
from fastapi_app.models.user import UserRole


class ApiKey(Base):
    """One key of one user. `key_hash` is the SHA-256 of the key, 64 hex digits; `prefix` is what lists may show."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("idx_api_key_user_id", "user_id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(short_text(80))
    prefix: Mapped[str] = mapped_column(short_text(16))
    key_hash: Mapped[str] = mapped_column(short_text(64), unique=True)
    role: Mapped[UserRole] = mapped_column(EnumName(UserRole, "user_role"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_ip: Mapped[str | None] = mapped_column(short_text(45))
    revoked_at: Mapped[datetime | None]
