"""What the routes of rows of downloads take and answer."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Row(BaseModel):
    """A row of downloads."""

    id: int
    title: str
    artist_name: str
    artist_id: int
    video_id: int | None
    status: str | None = Field(examples=["pending"])
    priority: int | None = Field(description="1, the highest, to 10")
    priority_label: str = Field(examples=["Normal"])
    progress: int | None = Field(description="Percent")
    file_size: int | None
    quality: str | None
    format: str | None
    download_date: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    error_message: str | None
    metube_id: str | None
    estimated_time_remaining: str | None = Field(description="A guess", examples=["19 minutes"])
    can_modify_priority: bool


class Statistics(BaseModel):
    """Counts of the whole table."""

    total_downloads: int
    by_status: dict[str, int]
    by_priority: dict[str, int]
    estimated_total_time: None
    queue_health: Literal["good", "fair", "poor"]


class Level(BaseModel):
    """A priority."""

    value: int
    label: str
    color: str


class Rows(BaseModel):
    """Rows of downloads, the most urgent and oldest first."""

    queue: list[Row]
    count: int
    statistics: Statistics
    priority_levels: list[Level]


class RowsQuery(BaseModel):
    """Documents the query of the rows."""

    status: str | None = Field(default=None, examples=["pending"])
    priority: int | None = None
    artist_id: int | None = None
    limit: int = Field(default=100, ge=0, description="At most 500")


class NewPriority(BaseModel):
    """Documents the body of a change."""

    priority: int = Field(ge=1, le=10)


class Changed(BaseModel):
    """A row with its new priority."""

    id: int
    title: str
    old_priority: int | None
    new_priority: int
    priority_label: str


class ChangedPriority(BaseModel):
    """The priority was changed."""

    success: bool
    message: str
    download: Changed
