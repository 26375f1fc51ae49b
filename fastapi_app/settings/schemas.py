"""What the settings routes take and answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

_VALUE = Field(description="Always text; `********` for a secret that is set", examples=["5000"])


class SettingValue(BaseModel):
    """One setting among others."""

    value: str | None = _VALUE
    description: str
    updated_at: datetime | None = Field(description="UTC, without an offset")


class SettingList(BaseModel):
    """All settings by name."""

    settings: dict[str, SettingValue]
    count: int


class OneSetting(SettingValue):
    """One setting."""

    key: str = Field(examples=["app_port"])


class StoredSetting(BaseModel):
    """What was stored, as it was sent."""

    key: str
    value: Any = Field(description="As sent; it is stored as text")
    description: str | None
    updated_at: str = Field(examples=["now"])


class ChangedValue(BaseModel):
    """One stored value of many."""

    key: str
    value: str


class StoredSettings(BaseModel):
    """What was stored."""

    updated_settings: list[ChangedValue]
    count: int


class DeletedSetting(BaseModel):
    """A setting that is gone."""

    message: str = Field(examples=["Setting 'app_port' deleted"])


class SettingChange(BaseModel):
    """Documents the body of one change."""

    value: Any = Field(description="Text, a number, true, false or null; `********` leaves a secret as it is")
    description: str = Field(default="", description="Empty keeps the old one")


class SettingChanges(BaseModel):
    """Documents the body of many changes."""

    settings: dict[str, Any] = Field(description="Values by name; all are stored, or none")
