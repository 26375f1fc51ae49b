"""What the discovery routes read and answer."""

from pydantic import BaseModel, Field

from fastapi_app.models import INTEGER_MAX


class Counts(BaseModel):
    """The library in numbers."""

    total_videos: int
    wanted_videos: int
    downloaded_videos: int
    total_artists: int
    monitored_artists: int
    recent_discoveries: int = Field(description="Videos found in the last seven days")
    discovery_enabled: bool = Field(description="Whether there is a key for IMVDb")


class Statistics(BaseModel):
    """What was found lately."""

    success: bool
    stats: Counts


class ArtistDiscovery(BaseModel):
    """How much to look for."""

    limit: int = Field(10, ge=0, le=INTEGER_MAX, description="New videos to find at most; at most 200 are looked at")


class WholeDiscovery(BaseModel):
    """How much to look for."""

    limit_per_artist: int = Field(5, ge=0, le=INTEGER_MAX, description="New videos to find per artist at most")


class FoundVideo(BaseModel):
    """A video on IMVDb that the library lacked."""

    source: str
    title: str = Field(description="Artist - Song")
    song_title: str
    year: int | None
    directors: list[str]
    imvdb_id: int
    thumbnail_url: str | None
    url: str = Field(description="The film on YouTube where IMVDb knows it, else the page on IMVDb")


class Discovery(BaseModel):
    """What came of one artist. Without a key for IMVDb nothing is looked for, and nothing found."""

    success: bool
    artist_name: str
    discovered_count: int
    stored_count: int = Field(description="Fewer than were discovered when somebody else stored them first")
    videos: list[FoundVideo]


class FailedDiscovery(BaseModel):
    """An artist who was passed over."""

    success: bool
    error: str


class ArtistResult(BaseModel):
    """What came of one artist among all."""

    artist_id: int
    artist_name: str
    result: Discovery | FailedDiscovery


class Overview(BaseModel):
    """What came of all monitored artists. Those looked for in the last 24 hours are left out of the results."""

    success: bool
    total_artists: int = Field(description="Monitored artists")
    processed_artists: int
    failed_artists: int
    total_discovered: int
    total_stored: int
    results: list[ArtistResult]


class NothingToDo(BaseModel):
    """No artist is monitored."""

    success: bool
    message: str
    results: list[ArtistResult]
