"""Settings that users edit: text under a name."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import Base, long_text, now, short_text


class Setting(Base):
    """One setting. The value is always text; null and empty text both occur."""

    __tablename__ = "settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(short_text(255), unique=True)
    value: Mapped[str | None] = mapped_column(long_text())
    description: Mapped[str | None] = mapped_column(long_text())
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)
