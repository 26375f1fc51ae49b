"""What the login routes take and answer."""

from pydantic import BaseModel, Field

from fastapi_app.models import UserRole


class Account(BaseModel):
    """A logged-in user."""

    id: int
    username: str = Field(examples=["anna"])
    email: str
    role: UserRole | None
    can_modify: bool
    can_delete: bool
    can_admin: bool


class Check(BaseModel):
    """Whether somebody is logged in."""

    authenticated: bool
    user: Account | None = Field(default=None, description="Absent when nobody is")


class Token(BaseModel):
    """What proves the login; the cookie holds it too."""

    token: str


class Done(BaseModel):
    """It happened."""

    success: bool
    message: str


class LoggedIn(Done):
    """A login."""

    user: Account
    session: Token


class Credentials(BaseModel):
    """Documents the body of a login: JSON or a form."""

    username: str = Field(description="The user name or the e-mail address")
    password: str = Field(description="At most 72 bytes")


class CodeNeeded(Done):
    """The password was right, and the account has a second factor: `POST /2fa/api/verify-login` takes the code."""

    success: bool = False
    requires_2fa: bool
    user_id: int
