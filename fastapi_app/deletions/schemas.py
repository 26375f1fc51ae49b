"""What the routes of deletions take and answer."""

from datetime import datetime

from pydantic import BaseModel, Field

from fastapi_app.deletions.rules import MOST_ARTISTS, MOST_VIDEOS


class Wanted(BaseModel):
    """Documents the body of a deletion: either videos or artists."""

    videos: list[int] = Field(default=[], description="Ids that no video has are skipped", max_length=MOST_VIDEOS)
    artists: list[int] = Field(default=[], description="Ids that no artist has are skipped", max_length=MOST_ARTISTS)
    force: bool = Field(default=False, description="Whether artists go with their videos")


class Made(BaseModel):
    """What went, and until when it can come back."""

    id: int
    artists: int
    videos: int
    expires_at: datetime = Field(description="UTC, without an offset")
    message: str = Field(examples=["3 videos deleted"])


class Restored(BaseModel):
    """What came back."""

    id: int
    artists: int
    videos: int
    message: str = Field(examples=["3 videos restored"])


class Listed(BaseModel):
    """One deletion."""

    id: int
    title: str = Field(examples=["Jóga by Björk and 2 more"])
    artists: int
    videos: int
    username: str | None = Field(description="Who did it; null while nobody has to log in")
    created_at: datetime = Field(description="UTC, without an offset")
    expires_at: datetime
    restored_at: datetime | None


class Deletions(BaseModel):
    """The latest ones."""

    deletions: list[Listed]
