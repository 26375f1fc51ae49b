"""Accounts and logins as clients know them. Pure: the clock is an argument."""

from datetime import datetime
from typing import Any

from fastapi_app.auth.access import Access, reach
from fastapi_app.models import SessionStatus, UserRole
from fastapi_app.responses import iso
from fastapi_app.transaction import Record
from fastapi_app.users.rules import preferences

MASK = "********"


def account(row: Any) -> dict[str, Any]:
    """A row of `users`, whole or its columns, without what only administrators and its owner may see."""
    return {
        "id": row.id,
        "username": row.username,
        "email": row.email,
        "role": row.role,
        "is_active": bool(row.is_active),
        "is_email_verified": bool(row.is_email_verified),
        "last_login": iso(row.last_login),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "preferences": preferences(row.preferences),
    }


def full_account(row: Any, at: datetime) -> dict[str, Any]:
    """The same with what stands against guessing."""
    return {
        **account(row),
        "failed_login_attempts": row.failed_login_attempts or 0,
        "is_locked": is_locked(row.locked_until, at),
        "locked_until": iso(row.locked_until),
        "last_login_ip": row.last_login_ip,
        "two_factor_enabled": bool(row.two_factor_enabled),
    }


def is_locked(locked_until: datetime | None, at: datetime) -> bool:
    return locked_until is not None and locked_until > at


def login(row: Record, at: datetime, current_id: int | None) -> dict[str, Any]:
    """A row of `user_sessions`. What proves a login is shown to nobody, in 0.9 it was."""
    return {
        "id": row.id,
        "session_token": MASK,
        "status": row.status,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "created_at": iso(row.created_at),
        "last_activity": iso(row.last_activity),
        "expires_at": iso(row.expires_at),
        "is_valid": row.status is SessionStatus.ACTIVE and row.expires_at > at,
        "is_current": row.id == current_id,
    }


def permissions(role: UserRole | None) -> dict[str, bool]:
    level = reach(role)
    return {
        "can_admin": level >= Access.ADMINISTER,
        "can_modify": level >= Access.MODIFY,
        "can_delete": level >= Access.MANAGE,
        "can_manage_users": level >= Access.ADMINISTER,
    }
