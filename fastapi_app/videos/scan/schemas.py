"""What the scan takes and answers."""

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus


class ScanOrder(BaseModel):
    """Documents the body of a scan."""

    artist_id: int | None = Field(default=None, description="Only the folder of this artist")
    dry_run: bool = Field(default=True, description="Look only; false gives films to rows that have none")


class Summary(BaseModel):
    """How many there were of each."""

    artists_scanned: int
    video_files_found: int = Field(description="Films that no video of their artist names")
    videos_updated: int
    errors: int


class FoundFilm(BaseModel):
    """A film, and the video that it may belong to."""

    artist_id: int
    artist_name: str
    file_path: str = Field(examples=["data/musicvideos/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"])
    filename: str
    extracted_title: str
    file_size: int = Field(description="Bytes")
    existing_video_id: int | None
    existing_video_title: str | None
    existing_status: VideoStatus | None
    existing_local_path: str | None


class UpdatedRow(BaseModel):
    """A video that was given a film."""

    video_id: int
    title: str
    artist_name: str
    old_status: VideoStatus | None
    new_status: VideoStatus
    old_path: str | None
    new_path: str


class ScanError(BaseModel):
    """A folder or a file that could not be looked at."""

    artist: str
    error: str
    file: str = ""


class Scanned(BaseModel):
    """What a scan found."""

    success: bool
    dry_run: bool
    summary: Summary
    found_videos: list[FoundFilm] = Field(description="The first fifty")
    updated_videos: list[UpdatedRow]
    errors: list[ScanError] = Field(description="The first ten")
