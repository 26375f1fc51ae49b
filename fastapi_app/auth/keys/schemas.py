"""What the routes of API keys take and answer."""

from datetime import datetime

from pydantic import BaseModel, Field

from fastapi_app.models import UserRole


class Key(BaseModel):
    """A key, without what makes it one."""

    id: int
    user_id: int
    username: str
    name: str = Field(examples=["Kodi in the living room"])
    prefix: str = Field(description="How it begins", examples=["mvk_Xk3b9aQ1"])
    role: UserRole | None = Field(description="What it may do at most; never more than its user")
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute")
    last_used_ip: str | None


class KeyList(BaseModel):
    """Keys, the newest first."""

    keys: list[Key]
    total: int


class NewKey(BaseModel):
    """Documents the body of a new key."""

    name: str = Field(min_length=1, max_length=80)
    role: UserRole = Field(default=UserRole.READONLY, description="Not above one's own")
    expires_at: str | None = Field(default=None, description="A moment in UTC; never where left out")


class CreatedKey(BaseModel):
    """A new key: the one answer that tells it."""

    success: bool
    message: str
    key: str = Field(description="Shown this once")
    api_key: Key


class Done(BaseModel):
    """It happened."""

    success: bool
    message: str


class ListQuery(BaseModel):
    """Documents the query of the list."""

    user_id: str = Field(default="", description="Administrators only: whose keys, a number or `all`")
