"""What a search answers, for the description of the API."""

from pydantic import BaseModel, Field

from fastapi_app.search.rules import MOST, USUAL


class SearchQuery(BaseModel):
    """What may be asked."""

    q: str = Field("", description="What a person typed; the last word may have just begun")
    kind: str = Field("", description="artists, videos, playlists, or several with commas; all without it")
    limit: int = Field(USUAL, ge=1, le=MOST, description="Most results of each kind")
    after: str = Field("", description="With a single kind: the `after` of an earlier answer")


class FoundArtist(BaseModel):
    id: int
    name: str
    video_count: int
    has_thumbnail: bool


class FoundVideo(BaseModel):
    id: int
    title: str
    artist_id: int
    artist_name: str
    year: int | None
    duration: int | None
    status: str | None
    has_thumbnail: bool
    is_playable: bool


class FoundPlaylist(BaseModel):
    id: int
    name: str
    channel_title: str | None
    video_count: int | None


class Artists(BaseModel):
    items: list[FoundArtist]
    after: str | None


class Videos(BaseModel):
    items: list[FoundVideo]
    after: str | None


class Playlists(BaseModel):
    items: list[FoundPlaylist]
    after: str | None


class Results(BaseModel):
    """The best first. `after` is null on the last page; a kind that wasn't asked for is left out."""

    q: str
    artists: Artists | None = None
    videos: Videos | None = None
    playlists: Playlists | None = None
