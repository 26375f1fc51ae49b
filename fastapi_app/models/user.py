"""Accounts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fastapi_app.models.base import Base, EnumName, now, short_text
from fastapi_app.models.user_session import UserSession


class UserRole(StrEnum):
    """What a user may do, from most to least."""

    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    USER = "USER"
    READONLY = "READONLY"


class User(Base):
    """One account."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(short_text(80), unique=True)
    email: Mapped[str] = mapped_column(short_text(120), unique=True)
    password_hash: Mapped[str] = mapped_column(short_text(255))
    role: Mapped[UserRole] = mapped_column(EnumName(UserRole, "user_role"), default=UserRole.USER)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_email_verified: Mapped[bool] = mapped_column(default=False)
    failed_login_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_login: Mapped[datetime | None]
    last_login_ip: Mapped[str | None] = mapped_column(short_text(45))
    password_changed_at: Mapped[datetime | None] = mapped_column(default=now)
    email_verification_token: Mapped[str | None] = mapped_column(short_text(255))
    password_reset_token: Mapped[str | None] = mapped_column(short_text(255))
    password_reset_expires: Mapped[datetime | None]
    two_factor_secret: Mapped[str | None] = mapped_column(short_text(32))
    two_factor_enabled: Mapped[bool] = mapped_column(default=False)
    two_factor_last_step: Mapped[int | None] = mapped_column(BigInteger)
    backup_codes: Mapped[Any | None] = mapped_column(JSON)
    preferences: Mapped[Any | None] = mapped_column(JSON)
    created_at: Mapped[datetime | None] = mapped_column(default=now)
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)

    sessions: Mapped[list[UserSession]] = relationship(back_populates="user", cascade="all, delete-orphan")
