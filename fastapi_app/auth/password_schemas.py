"""What the routes about passwords take and answer."""

from datetime import datetime

from pydantic import BaseModel, Field

from fastapi_app.auth.schemas import Done

_RULES = "8 characters to 72 bytes, with lower and upper case, a digit, and one of @$!%*?&"


class PasswordChange(BaseModel):
    """Documents the body of a change: JSON."""

    current_password: str
    new_password: str = Field(description=_RULES)


class PasswordReset(BaseModel):
    """Documents the body of a reset: JSON or a form."""

    token: str = Field(description="The reset code")
    new_password: str = Field(description=_RULES)


class NewCredentials(BaseModel):
    """Documents the body of a change of name and password."""

    username: str = Field(description="3 to 30 letters, digits, - or _")
    password: str = Field(description=_RULES)


class OwnCredentials(BaseModel):
    """The name of the visitor's account."""

    username: str
    has_credentials: bool


class OneTimePassword(Done):
    """A password made just now, shown this once."""

    username: str
    password: str


class ResetCode(Done):
    """A reset code made just now, shown this once."""

    username: str
    reset_token: str = Field(description="To be typed at `reset_url`")
    reset_url: str = Field(description="The page, with the code in the part that is never sent")
    expires_at: datetime
