"""What the routes that download videos take and answer."""

from typing import Any

from pydantic import BaseModel, Field


class Ids(BaseModel):
    """Documents the body of a download of many."""

    video_ids: list[Any] = Field(description="Ids; a text that is a number counts as one", examples=[[1, 2, "3"]])


class Limit(BaseModel):
    """Documents the body of a download of what is wanted."""

    limit: int = Field(default=50, ge=0, description="At most 500 count")


class Queued(BaseModel):
    """A download that waits now, or was under way."""

    success: bool
    message: str
    download_id: int = Field(description="The id of the job, as in /api/metube and /api/jobs")
    video_id: int


class Result(BaseModel):
    """What became of one id."""

    video_id: Any = Field(description="As it was sent")
    success: bool
    title: str = Field(default="", description="Absent where the download was refused")
    download_id: int = Field(default=0, description="Absent where the download was refused")
    error: str = Field(default="", examples=["Video not found"])


class Results(BaseModel):
    """What became of each id, in the order in which they were sent."""

    success: bool
    message: str
    success_count: int
    failed_count: int
    results: list[Result]


class WantedResult(BaseModel):
    """What became of a wanted video."""

    video_id: int
    title: str
    artist: str
    success: bool
    download_id: int


class WantedResults(BaseModel):
    """What became of the wanted videos."""

    success: bool
    message: str
    success_count: int
    failed_count: int
    total_wanted: int = Field(default=0, description="Absent where nothing is wanted")
    results: list[WantedResult]
