"""What the audit route takes and answers."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from fastapi_app.audit.events import Event


class AuditEvent(BaseModel):
    """One event."""

    id: int
    at: datetime = Field(description="UTC, without an offset")
    event: str = Field(examples=[Event.LOGIN.value])
    outcome: str = Field(examples=["success"])
    user_id: int | None = Field(description="Who did it")
    username: str | None = Field(description="Their name at the time")
    subject: str | None = Field(description="Whom or what it was done to")
    ip_address: str | None
    user_agent: str | None
    request_id: str | None
    detail: Any = Field(description="Further facts, never a secret")


class AuditEvents(BaseModel):
    """Events, the newest first."""

    events: list[AuditEvent]
    total: int = Field(description="On all pages")
    page: int
    per_page: int
    pages: int


class AuditQuery(BaseModel):
    """Documents the query."""

    model_config = {"populate_by_name": True}

    event: str = Field(default="", description="The name of an event, for instance login_refused")
    user: str = Field(default="", description="The id or the name of whoever did it")
    outcome: Literal["success", "failure"] | None = None
    address: str = Field(default="", description="Where it came from")
    since: str = Field(default="", alias="from", description="The first day or moment, ISO 8601, UTC")
    to: str = Field(default="", description="The last day or moment")
    page: int = Field(default=1, ge=1)
    per_page: int = Field(default=50, ge=1, le=500)
