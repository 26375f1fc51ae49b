"""What the routes of the system answer."""

from pydantic import BaseModel, Field


class Service(BaseModel):
    """How the process is run."""

    pid: int
    uptime: None = Field(description="Never told by 0.9; the page of the system has it")
    service_type: str = Field(description="`systemd` or `process`", examples=["systemd"])
    restart_available: bool = Field(description="Whether a route can restart it")
    service_details: str | None = Field(default=None, description="With systemd: the unit's name and state")


class RecentLines(BaseModel):
    """The end of the log of the web processes, secrets masked."""

    log_entries: list[str]
    log_file: str
    entry_count: int
