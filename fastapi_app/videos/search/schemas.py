"""What the searches take and answer."""

from typing import Any

from pydantic import BaseModel, Field

from fastapi_app.videos.schemas import ListedVideo


class FoundVideo(ListedVideo):
    """One row that was found."""

    genres: Any = Field(description="A list of names, empty where none is known; any JSON in old rows")
    quality: str | None = Field(examples=["1080p"])


class Filters(BaseModel):
    """The filters as they were given."""

    query: str
    artist: str
    status: str
    year: str
    genre: str
    quality: str
    has_thumbnail: str
    source: str
    duration_min: int | None
    duration_max: int | None
    date_from: str
    date_to: str
    keywords: str


class FoundVideos(BaseModel):
    """One page of what was found."""

    videos: list[FoundVideo]
    count: int = Field(description="Rows in this answer")
    total: int = Field(description="Rows that match")
    offset: int
    limit: int
    filters: Filters


class FoundArtist(BaseModel):
    """An artist whose name matches."""

    id: int
    name: str
    video_count: int


class FoundArtists(BaseModel):
    """A few artists, by name."""

    artists: list[FoundArtist]


class SearchQuery(BaseModel):
    """Documents the query of the search. All that is given must hold."""

    q: str = Field(default="", description="Part of the title or of the artist's name; % and _ are wildcards")
    artist: str = Field(default="", description="Part of the artist's name")
    status: str = Field(default="", description="A status in any case; an unknown one finds nothing")
    year: int | None = Field(default=None, description="Ignored unless it is a number")
    genre: str = Field(default="", description="A whole genre; capitals matter")
    quality: str = Field(default="", description="For instance 1080p")
    has_thumbnail: str = Field(default="", description="true, 1 or yes: with a stored picture; other text: without")
    source: str = Field(default="", description="youtube, imvdb or manual; else ignored")
    duration_min: int | None = Field(default=None, description="Seconds")
    duration_max: int | None = Field(default=None, description="Seconds")
    date_from: str = Field(default="", description="YYYY-MM-DD; ignored unless it is a day")
    date_to: str = Field(default="", description="YYYY-MM-DD, up to the beginning of that day")
    keywords: str = Field(default="", description="Words separated by commas, which the title must all contain")
    sort_by: str = Field(
        default="title", description="title, artist_name, year, created_at, status, quality or duration; else title"
    )
    sort: str = Field(default="title", description="The same, where sort_by is absent")
    sort_order: str = Field(default="asc", description="desc for descending, in any case")
    order: str = Field(default="asc", description="The same, where sort_order is absent")
    limit: int = Field(default=100, ge=0, description="At most this many rows")
    offset: int = Field(default=0, ge=0, description="Rows to skip")


class ArtistSearchQuery(BaseModel):
    """Documents the query of the search for artists."""

    q: str = Field(default="", description="Part of the name, at least two characters")
