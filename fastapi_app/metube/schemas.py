"""What the routes of 0.9's downloads take and answer."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from fastapi_app.openapi import Problem


class Item(BaseModel):
    """A download."""

    id: int
    artist: str
    artist_folder_path: str | None = Field(description="Always null")
    title: str
    url: str = Field(description="Empty where the film is searched for")
    quality: str = Field(examples=["best"])
    video_id: int | None
    download_subtitles: bool
    status: Literal["pending", "downloading", "paused", "completed", "failed", "stopped"]
    progress: float = Field(description="Percent")
    output_dir: str = Field(examples=["data/musicvideos/Nova Kestrel"])
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    error_message: str | None
    file_path: str | None
    file_size: int | None = Field(description="Bytes")


class QueueList(BaseModel):
    """Downloads that wait or run."""

    queue: list[Item]
    count: int


class HistoryList(BaseModel):
    """Downloads that ended."""

    history: list[Item]
    count: int


class HistoryQuery(BaseModel):
    """Documents the query of the history."""

    limit: int = Field(default=50, description="0 or less: all. Anything that is no number counts as 50")


class NewDownload(BaseModel):
    """Documents the body of a download."""

    artist: str = Field(max_length=255)
    title: str = Field(max_length=500)
    url: str = Field(max_length=2000, examples=["https://www.youtube.com/watch?v=dQw4w9WgXcQ"])
    quality: str | None = Field(default=None, description="Null: as the settings say", examples=["1080p"])
    video_id: int | None = None
    download_subtitles: bool | None = Field(default=None, description="Null: as the settings say")


class Done(BaseModel):
    """It was done."""

    success: bool
    message: str


class Queued(Done):
    """A download that waits now."""

    id: int


class Cleared(BaseModel):
    """How many downloads were forgotten."""

    success: bool
    deleted_count: int


class Stuck(BaseModel):
    """Documents the body of ending what is stuck."""

    minutes: int = Field(default=10, ge=0)


class ClearedStuck(BaseModel):
    """How many downloads were stopped."""

    success: bool
    cleared_count: int


class Refusal(Problem):
    """Why it was not done."""

    success: bool = Field(examples=[False])


class CookieFile(BaseModel):
    """The cookies, without what they say."""

    cookies_available: bool
    file_path: str = Field(default="", description="Absent where there are none")
    file_size: int = Field(default=0, description="Bytes. Absent where there are none")
    modified_time: float = Field(default=0, description="Seconds since 1970. Absent where there are none")


class Healthy(BaseModel):
    """Downloads can be made."""

    status: Literal["healthy"]
    version: str = Field(description="Of yt-dlp", examples=["2026.10.26"])
    active_downloads: int
    queued_downloads: int
    cookie_status: CookieFile


class Unhealthy(BaseModel):
    """They can't."""

    status: Literal["unhealthy"]
    error: str


class CookieStatus(BaseModel):
    """Whether there are cookies."""

    success: bool
    cookies_available: bool
    file_size: int = Field(default=0, description="Bytes. Absent where there are none")
    modified_time: float = Field(default=0, description="Seconds since 1970. Absent where there are none")
    path: str = Field(default="", description="Absent where there are none")
    message: str = Field(default="", description="Only where there are none")


class UploadedCookies(Done):
    """The cookies are kept."""

    filename: str
