"""What the token routes take and answer."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from fastapi_app.auth.schemas import Account, LoggedIn
from fastapi_app.auth.second_factor.schemas import Verified
from fastapi_app.auth.visitor import Via
from fastapi_app.models import SessionStatus, UserRole


class Kept(BaseModel):
    """Tokens that the answer set as cookies."""

    success: bool
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds that the access token counts")


class Issued(Kept):
    """Tokens, as OAuth2 clients know them."""

    access_token: str
    refresh_token: str = Field(description="Counts once, for seven days; using it again ends the login")


class LoggedInWithTokens(Issued, LoggedIn):
    """A login with `grant_type=password`."""


class VerifiedWithTokens(Issued, Verified):
    """The same after the second factor."""


class Conversion(BaseModel):
    """Documents the body of a conversion."""

    cookie: bool = Field(default=False, description="Set the tokens as cookies instead of telling them")


class Refresh(Conversion):
    """Documents the body of a refresh: JSON or a form. Without a body the cookie counts."""

    refresh_token: str = Field(default="", description="The newest one of this login")


class Me(BaseModel):
    """Who asks, and what proved it."""

    user: Account
    via: Via


class Status(BaseModel):
    """What a client needs to know before it shows anything."""

    authenticated: bool
    login_required: bool = Field(description="Whether the gate is closed: then nothing is shown without a login")
    via: Via
    user: Account | None


class Login(BaseModel):
    """The present login. Its token is masked."""

    id: int
    session_token: str = Field(examples=["********"])
    status: SessionStatus
    ip_address: str | None
    user_agent: str | None
    created_at: datetime | None
    last_activity: datetime | None
    expires_at: datetime | None
    is_valid: bool


class Person(BaseModel):
    """The user of a login."""

    id: int
    username: str
    email: str
    role: UserRole | None
    is_active: bool
    is_email_verified: bool
    last_login: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    preferences: Any


class Permissions(BaseModel):
    """What the role may do."""

    can_admin: bool
    can_modify: bool
    can_delete: bool
    can_manage_users: bool


class PresentLogin(BaseModel):
    """The present login, its user, and what they may do."""

    session: Login
    user: Person
    permissions: Permissions
