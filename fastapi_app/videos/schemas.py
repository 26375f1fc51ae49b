"""What the video routes take and answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus

_STATUS = Field(description="Null where an old row says nothing known", examples=[VideoStatus.WANTED])


class ListedVideo(BaseModel):
    """One row of the list."""

    id: int
    title: str = Field(examples=["Glass Harbor"])
    artist_id: int
    artist_name: str | None = Field(examples=["Nova Kestrel"])
    status: VideoStatus | None = _STATUS
    imvdb_id: str | None
    video_url: str | None = Field(description="Where it was found")
    local_path: str | None = Field(description="As stored; `data/` stands for the data folder")
    thumbnail_url: str | None
    duration: int | None = Field(description="Seconds")
    year: int | None
    created_at: datetime | None = Field(description="UTC, without an offset")


class VideoList(BaseModel):
    """The list."""

    videos: list[ListedVideo]
    count: int = Field(description="Rows in this answer")
    total: int = Field(description="Rows in the library")
    offset: int
    limit: int | None


class OneVideo(ListedVideo):
    """One video."""

    genres: Any = Field(description="A list of names; any JSON in old rows", examples=[["Rock"]])


class UpdatedVideo(OneVideo):
    """A changed video."""

    file_moved: bool


class DeletedRow(BaseModel):
    """What was deleted."""

    id: int
    title: str
    artist_name: str | None


class DeletedVideo(BaseModel):
    """A deleted video."""

    message: str
    video: DeletedRow


class MissingFile(BaseModel):
    """The file of a video is gone."""

    error: str = Field(examples=["Video file not found"])
    message: str = ""
    status: str = Field(default="", description="`wanted`: the video is to be fetched again")


class VideoQuery(BaseModel):
    """Documents the query of the list."""

    sort: str = Field(default="title", description="title, artist_name, year, created_at or status; else title")
    order: str = Field(default="asc", description="desc for descending, in any case")
    limit: int | None = Field(default=None, ge=0, description="At most this many rows; every row without it")
    offset: int = Field(default=0, ge=0, description="Rows to skip; counts only together with limit")


class VideoChange(BaseModel):
    """Documents the body of the change. Only members that are present change."""

    title: str = Field(default="", description="At most 500 characters; empty and null are ignored")
    year: int | None = None
    status: str = Field(default="", description="A status in any case; empty and null are ignored")
    video_url: str | None = Field(default=None, description="At most 500 characters")
    thumbnail_url: str | None = Field(default=None, description="At most 500 characters")
    duration: int | None = Field(default=None, description="Seconds")
    imvdb_id: str | None = Field(default=None, description="At most 100 characters, unique among videos")
    genres: list[str] | None = Field(default=None, description="Any JSON is kept")
    artist_name: str = Field(default="", description="Moves the video to this artist, who is created if unknown")
    move_file: bool = Field(default=False, description="Rename the file after a new title or artist")
