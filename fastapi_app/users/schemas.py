"""What the routes about accounts take and answer."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from fastapi_app.models import SessionStatus, UserRole

RoleName = Literal["ADMIN", "MANAGER", "USER", "READONLY"]


class Account(BaseModel):
    """An account."""

    id: int
    username: str = Field(examples=["anna"])
    email: str
    role: UserRole | None
    is_active: bool
    is_email_verified: bool
    last_login: datetime | None = Field(description="UTC, without an offset")
    created_at: datetime | None
    updated_at: datetime | None
    preferences: dict[str, Any] = Field(description="Whatever the pages keep there")


class FullAccount(Account):
    """An account as administrators and its owner see it."""

    failed_login_attempts: int
    is_locked: bool
    locked_until: datetime | None
    last_login_ip: str | None
    two_factor_enabled: bool


class Accounts(BaseModel):
    """Accounts, the oldest first."""

    users: list[FullAccount]
    total: int = Field(description="On all pages")
    can_manage: bool


class OneAccount(BaseModel):
    """One account."""

    user: FullAccount


class Permissions(BaseModel):
    """What the visitor may do; a key may have less than its user."""

    can_admin: bool
    can_modify: bool
    can_delete: bool
    can_manage_users: bool


class Me(OneAccount):
    """The visitor's own account."""

    permissions: Permissions


class Done(BaseModel):
    """It happened."""

    success: bool
    message: str


class Created(Done):
    """A new account."""

    user: Account


class Toggled(Done):
    """An account that was switched on or off."""

    action: Literal["activated", "deactivated"]
    new_status: bool


class Login(BaseModel):
    """An active login."""

    id: int
    session_token: str = Field(description="Always masked", examples=["********"])
    status: SessionStatus
    ip_address: str | None
    user_agent: str | None
    created_at: datetime | None
    last_activity: datetime | None
    expires_at: datetime
    is_valid: bool = Field(description="Whether it has not expired")
    is_current: bool = Field(description="Whether this request came with it")


class Logins(BaseModel):
    """The active logins of an account, the one used last first."""

    sessions: list[Login]
    total: int


class LoginsRevoked(Done):
    """Logins that ended."""

    redirect_to_login: bool | None = Field(default=None, description="True where one's own ended, else absent")


class LoginRevoked(LoginsRevoked):
    """A login that ended."""

    current_session_revoked: bool


class Preferences(Done):
    """All preferences, after the change."""

    preferences: dict[str, Any]


class AccountsQuery(BaseModel):
    """Documents the query of the list."""

    search: str = Field(default="", description="A part of the name or the address, at most 120 characters")
    role: RoleName | None = None
    active: bool | None = None
    page: int = Field(default=1, ge=1)
    per_page: int | None = Field(default=None, ge=1, le=200, description="All on one page where this is absent")


class NewAccount(BaseModel):
    """Documents the body of a new account."""

    username: str = Field(description="3 to 30 letters, digits, _ and -")
    email: str = Field(description="At most 120 characters")
    password: str = Field(description="8 characters to 72 bytes, upper and lower case, a digit, one of @$!%*?&")
    role: RoleName = "USER"


class RoleChange(BaseModel):
    """Documents the body of a change of role."""

    role: RoleName


class PreferenceChange(BaseModel):
    """Documents the body of a change of preferences."""

    preferences: dict[str, Any] = Field(description="Members that are absent here stay as they are")


class LoginsQuery(BaseModel):
    """Documents the query of ending logins."""

    others: bool = Field(default=False, description="Whether this very login stays")
