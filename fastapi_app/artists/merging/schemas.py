"""What merging artists takes and answers."""

from pydantic import BaseModel, Field

from fastapi_app.artists.ids import MOST


class ArtistMerge(BaseModel):
    """Documents the body."""

    primary_artist_id: int = Field(description="The artist that stays")
    secondary_artist_ids: list[int] = Field(
        description="The artists that go into it, each once", min_length=1, max_length=MOST
    )


class MergedArtists(BaseModel):
    """The artist that stays, and the names of those that went into it."""

    success: bool
    message: str
    merged_count: int
    merged_artists: list[str]
    primary_artist_id: int
    primary_artist_name: str
