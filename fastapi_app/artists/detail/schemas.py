"""What an artist's page is made of."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus


class DetailedVideo(BaseModel):
    """One video of the artist."""

    id: int
    title: str
    imvdb_id: str | None
    youtube_id: str | None
    url: str | None
    thumbnail_url: str | None
    thumbnail_path: str | None
    local_path: str | None
    duration: int | None = Field(description="Seconds")
    year: int | None
    release_date: datetime | None
    description: str | None
    view_count: int | None
    directors: Any = Field(description="Names; imported rows may hold whole credits")
    producers: Any = Field(description="Names; imported rows may hold whole credits")
    status: VideoStatus | None
    quality: str | None
    discovered_date: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


class DetailedDownload(BaseModel):
    """One download of the artist."""

    id: int
    video_id: int | None
    title: str
    original_url: str
    file_path: str | None
    file_size: int | None = Field(description="Bytes")
    download_date: datetime | None
    status: str | None = Field(examples=["completed"])
    progress: int | None = Field(description="Percent")
    error_message: str | None
    quality: str | None
    format: str | None


class VideoStatistics(BaseModel):
    """Videos by status, their dates and lengths."""

    total_videos: int
    downloaded_videos: int
    wanted_videos: int
    downloading_videos: int
    failed_videos: int
    ignored_videos: int
    latest_video_date: datetime | None
    earliest_video_date: datetime | None
    total_duration: int = Field(description="Seconds")
    average_duration: float = Field(description="Seconds, of the videos whose length is known")


class DetailedArtist(BaseModel):
    """One artist with everything that belongs to it."""

    id: int
    name: str
    imvdb_id: str | None
    thumbnail_url: str | None
    thumbnail_path: str | None
    auto_download: bool | None
    keywords: Any = Field(description="Free words; old rows may hold any JSON")
    monitored: bool | None
    folder_path: str | None
    last_discovery: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    imvdb_metadata: Any = Field(description="IMVDb's own record of the artist")
    videos: list[DetailedVideo]
    downloads: list[DetailedDownload]
    statistics: VideoStatistics
