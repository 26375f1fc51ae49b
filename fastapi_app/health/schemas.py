"""What the health routes answer."""

from datetime import datetime

from pydantic import BaseModel, Field


class Health(BaseModel):
    """Liveness, with the reason when there is none."""

    status: str = Field(description="`healthy` or `unhealthy`", examples=["healthy"])
    service: str | None = Field(default=None, examples=["mvidarr"])
    error: str | None = None


class Components(BaseModel):
    """The state of each part."""

    database: str = Field(examples=["healthy"])
    api: str = Field(examples=["healthy"])


class Status(BaseModel):
    """The state of the whole and of its parts."""

    status: str = Field(examples=["healthy"])
    components: Components
    timestamp: datetime = Field(description="UTC, without an offset")


class DatabaseHealth(BaseModel):
    """Whether the database is complete."""

    status: str = Field(examples=["healthy"])
    message: str | None = None
    error: str | None = None


class Alive(BaseModel):
    """One word for a load balancer."""

    status: str = Field(examples=["alive"])


class Ready(BaseModel):
    """One word for a load balancer, and what is wrong with background work, where something is."""

    status: str = Field(examples=["ready"])
    degraded: list[str] = Field(default_factory=list, description="Codes of findings; absent where all is well")
