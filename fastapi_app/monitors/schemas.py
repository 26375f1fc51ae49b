"""What the routes of the watched playlists take and answer."""

from datetime import datetime

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus


class RecentVideo(BaseModel):
    """One of the newest videos of a playlist."""

    id: int
    title: str
    status: VideoStatus | None
    created_at: datetime | None = Field(description="UTC, without an offset")


class Monitor(BaseModel):
    """One watched playlist."""

    id: int
    playlist_id: str
    playlist_url: str
    name: str
    channel_title: str | None
    auto_download: bool | None
    quality: str | None = Field(examples=["720p"])
    keywords: list[str] = Field(description="Only videos whose title holds one of them; none means all")
    video_count: int = Field(description="Videos in the library that came from it")
    last_check: datetime | None
    created_at: datetime | None
    recent_videos: list[RecentVideo] = Field(description="At most five, the newest first")


class MonitorList(BaseModel):
    """All watched playlists."""

    playlists: list[Monitor]
    count: int


class Done(BaseModel):
    """What was done."""

    success: bool
    message: str


class DeletedMonitor(Done):
    """A playlist that is watched no longer."""

    videos_deleted: bool = Field(description="Whether its videos went, too")


class Status(BaseModel):
    """Whether YouTube is set up."""

    configured: bool
    api_key: str | None = Field(description="`********` where one is set")
    metube_url: str


class MonitorChange(BaseModel):
    """Documents the body of the change. Only members that are present change; at least one must be."""

    name: str = Field(default="", description="At most 255 characters")
    auto_download: bool = True
    quality: str = Field(default="720p", description="At most 50 characters")
    keywords: list[str] = []


class DeleteQuery(BaseModel):
    """Documents the query of the deletion."""

    delete_videos: str = Field(default="false", description="true: the rows of its videos go, too; their files stay")
