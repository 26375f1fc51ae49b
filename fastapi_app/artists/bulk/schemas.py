"""What changing and deleting many artists takes and answers."""

from pydantic import BaseModel, Field

from fastapi_app.artists.ids import MOST

_IDS = Field(description="Ids that no artist has are skipped", min_length=1, max_length=MOST, examples=[[3, 7]])


class Updates(BaseModel):
    """Only members that are present change."""

    monitored: bool | None = None
    auto_download: bool | None = None
    keywords: list[str] | None = Field(default=None, description="A list, or one text separated by commas")


class BulkEdit(BaseModel):
    """Documents the body of the edit."""

    artist_ids: list[int] = _IDS
    updates: Updates


class BulkDeletion(BaseModel):
    """Documents the body of the deletion."""

    artist_ids: list[int] = _IDS


class EditedArtists(BaseModel):
    """How many artists the ids named."""

    updated_count: int
    error: None = Field(default=None, description="Always null: kept because clients know it")


class DeletedArtists(BaseModel):
    """The names of the deleted artists."""

    success: bool
    message: str
    deleted_count: int
    deleted_artists: list[str]
