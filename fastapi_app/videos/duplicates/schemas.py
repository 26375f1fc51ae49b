"""What the routes about duplicates take and answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus
from fastapi_app.videos.duplicates.rules import KEEP_PRIMARY, STRATEGIES


class Detection(BaseModel):
    """Documents the body of a detection."""

    video_id: int
    imvdb_id: str = Field(description="Id at imvdb.com", examples=["880001"])


class Suspect(BaseModel):
    """A video that may be a duplicate."""

    id: int
    title: str
    artist_name: str | None
    status: VideoStatus | None
    year: int | None
    url: str | None
    local_path: str | None
    thumbnail_url: str | None
    created_at: datetime | None


class Detected(BaseModel):
    """Whether there are duplicates; the other members are absent where there are none."""

    duplicates_found: bool
    current_video: Suspect | None = None
    duplicates: list[Suspect] = []
    imvdb_id: Any = Field(default=None, description="As it was sent")


class MergeOrder(BaseModel):
    """Documents the body of a merge."""

    primary_id: int = Field(description="The video that stays")
    duplicate_ids: list[int] = Field(description="The videos that go into it")
    merge_strategy: str = Field(
        default=KEEP_PRIMARY,
        description=f"{' or '.join(STRATEGIES)}. Downloads, films, pictures, playlists and ids move in any case; "
        "merge_data also fills in the year, the addresses and IMVDb's data where the kept video has none",
    )


class MergedVideo(BaseModel):
    """A video that is gone."""

    merged_video_id: int
    merged_title: str
    merged_data: dict[str, Any] = Field(description="What the kept video took over", examples=[{"year": 1999}])


class Merged(BaseModel):
    """What was merged."""

    success: bool
    message: str
    primary_video_id: Any = Field(description="As it was sent")
    merged_videos: list[MergedVideo]
    merge_strategy: str
