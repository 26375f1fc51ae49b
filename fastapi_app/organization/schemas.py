"""What putting the library in order answers."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from fastapi_app.organization.rules import Action


class ArtistFolder(BaseModel):
    """A folder of the library."""

    name: str
    path: str = Field(examples=["data/musicvideos/Nova Kestrel"])
    video_count: int = Field(description="Films directly in it")
    last_modified: str = Field(description="UTC", examples=["2024-02-03T04:05:06"])


class ArtistFolders(BaseModel):
    """The folders of the library, by name."""

    artists: list[ArtistFolder]
    count: int
    total_videos: int


class WaitingFiles(BaseModel):
    """Names of films among the downloads."""

    files: list[str]
    count: int


class Cleaned(BaseModel):
    """What was removed."""

    success: bool
    message: str
    removed_count: int


class FiledFilm(BaseModel):
    """What became of one download."""

    original_path: str
    success: bool
    error: str | None
    artist: str | None
    title: str | None
    new_path: str | None
    cleaned_filename: str | None


class RefiledFilm(FiledFilm):
    """What became of one film of the library."""

    skipped: bool
    action: Action | None


class FiledSummary(BaseModel):
    """How many there were of each."""

    total_files: int
    processed: int
    successful: int
    failed: int
    results: list[FiledFilm]


class RefiledSummary(BaseModel):
    """How many there were of each. A film in its place is a success."""

    total_files: int
    processed: int
    successful: int
    failed: int
    skipped: int
    results: list[RefiledFilm]


class FiledAll(BaseModel):
    """What filing the downloads did."""

    success: bool
    message: str
    summary: FiledSummary


class RefiledAll(BaseModel):
    """What filing the library anew did."""

    success: bool
    message: str
    summary: RefiledSummary


class FiledOne(BaseModel):
    """What filing one download did."""

    success: Literal[True]
    message: str
    result: FiledFilm


class NotFiled(BaseModel):
    """Why one download was not filed."""

    success: Literal[False] = False
    error: str
    result: dict[str, Any]


class Status(BaseModel):
    """The folders, and how many films they hold."""

    downloads_path: str
    music_videos_path: str
    pending_downloads: int
    existing_videos: int
    artist_count: int
    total_organized_videos: int
    directories_exist: bool
