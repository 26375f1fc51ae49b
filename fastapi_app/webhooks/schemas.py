"""What the webhook routes take and answer."""

from pydantic import BaseModel, Field

_EVENTS = Field(description="What is told; none means everything", examples=[["video.added"]])


class Webhook(BaseModel):
    """An address that is told of events."""

    url: str = Field(examples=["https://example.org/hook"])
    secret: str | None = Field(description="`***` where one is set", examples=["***"])
    events: list[str] = _EVENTS
    enabled: bool
    max_retries: int
    timeout: int = Field(description="Seconds")
    headers: dict[str, str] = Field(description="Sent along; those that open something show as `***`")


class WebhookList(BaseModel):
    """All webhooks."""

    webhooks: list[Webhook]
    count: int


class CreatedWebhook(BaseModel):
    """A new webhook."""

    success: bool
    message: str
    url: str


class Done(BaseModel):
    """What was done."""

    success: bool
    message: str


class EventType(BaseModel):
    """Something that can be told."""

    value: str = Field(examples=["video.added"])
    name: str = Field(examples=["VIDEO_ADDED"])
    description: str


class EventTypes(BaseModel):
    """Everything that can be told."""

    event_types: list[EventType]
    count: int


class Counts(BaseModel):
    """How many webhooks there are."""

    total_endpoints: int
    enabled_endpoints: int
    disabled_endpoints: int
    event_types_used: list[str]
    endpoints_by_event: dict[str, int]


class Statistics(BaseModel):
    """Counts."""

    stats: Counts


class Valid(BaseModel):
    """A webhook that may be saved."""

    valid: bool
    message: str


class Invalid(BaseModel):
    """A webhook that may not be saved; an empty body answers like every other error."""

    valid: bool
    errors: list[str]


class WebhookChange(BaseModel):
    """Documents the body of the change. Only members that are present change."""

    secret: str | None = Field(default=None, description="Empty or null removes it, `***` leaves it as it is")
    events: list[str] = []
    enabled: bool = True
    max_retries: int = Field(default=3, ge=0, le=10)
    timeout: int = Field(default=30, ge=1, le=300, description="Seconds")
    headers: dict[str, str] = {}


class NewWebhook(WebhookChange):
    """Documents the body of the creation."""

    url: str = Field(description="Begins with http:// or https://; its name from then on")
