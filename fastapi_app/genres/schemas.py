"""What the genre routes take and answer."""

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus

_GENRES = Field(description="As stored", examples=[["Rock", "Hip-Hop"]])


class GenresInUse(BaseModel):
    """Every genre in use, by code point."""

    video_genres: list[str]
    artist_genres: list[str]
    all_genres: list[str]


class Genres(BaseModel):
    """The genres of one video or artist."""

    genres: list[str] = _GENRES


class GenreVideo(BaseModel):
    """One video of a genre."""

    id: int
    title: str
    artist_name: str | None
    artist_id: int
    genres: list[str] = _GENRES
    year: int | None
    duration: int | None = Field(description="Seconds")
    status: VideoStatus | None


class GenreVideos(BaseModel):
    """The videos of a genre."""

    videos: list[GenreVideo]


class GenreArtist(BaseModel):
    """One artist of a genre."""

    id: int
    name: str
    genres: list[str] = _GENRES
    monitored: bool | None
    video_count: int


class GenreArtists(BaseModel):
    """The artists of a genre."""

    artists: list[GenreArtist]


class Done(BaseModel):
    """What was done."""

    message: str


class GenreQuery(BaseModel):
    """Documents the query of the two lists."""

    limit: int = Field(default=50, description="At most this many rows; what is no number means 50")


class GenreChange(BaseModel):
    """Documents the body of the change."""

    genres: list[str] = Field(default=[], description="All of them; each is trimmed and its words capitalised")
