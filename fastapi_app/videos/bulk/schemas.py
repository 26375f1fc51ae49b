"""What the routes that change many videos take and answer."""

from typing import Any

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus
from fastapi_app.videos.bulk.rules import SETTABLE
from fastapi_app.videos.schemas import DeletedRow

_IDS = Field(description="Ids; a text that is a number counts as one", examples=[[1, 2, "3"]])
_STATUS = Field(description=f"One of {', '.join(SETTABLE)}, in capitals", examples=["WANTED"])


class StatusChange(BaseModel):
    """Documents the body of a change of status."""

    status: str = _STATUS


class ManyStatusChange(BaseModel):
    """Documents the body of a change of many."""

    video_ids: list[Any] = _IDS
    status: str = _STATUS


class Deletion(BaseModel):
    """Documents the body of a deletion of many."""

    video_ids: list[Any] = _IDS


class Values(BaseModel):
    """Only members that are present change."""

    year: int | None = None
    genres: Any = Field(default=None, description="A list of texts", examples=[["Rock", "Live"]])


class ManyEdit(BaseModel):
    """Documents the body of a change of many."""

    video_ids: list[Any] = Field(description="At most 500 ids; a text that is a number counts as one")
    updates: Values


class EditedVideos(BaseModel):
    """How many videos have the new values."""

    success: bool
    message: str
    count: int


class ChangedStatus(BaseModel):
    """A changed status."""

    success: bool
    message: str
    video_id: int
    old_status: VideoStatus | None
    new_status: VideoStatus


class StatusResult(BaseModel):
    """What became of one id."""

    video_id: Any = Field(description="As it was sent")
    success: bool
    title: str = ""
    old_status: VideoStatus | None = None
    new_status: VideoStatus | None = None
    error: str = Field(default="", examples=["Video not found"])


class ChangedStatuses(BaseModel):
    """What became of each id, in the order in which they were sent."""

    success: bool
    message: str
    success_count: int
    failed_count: int
    results: list[StatusResult]


class FailedRow(BaseModel):
    """An id that names no video."""

    id: Any = Field(description="As it was sent")
    error: str = Field(examples=["Video not found"])


class DeletedVideos(BaseModel):
    """What became of each id."""

    message: str
    deleted_count: int
    failed_count: int
    deleted_videos: list[DeletedRow]
    failed_videos: list[FailedRow]
