"""What the artist routes take and answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

_NAME = Field(description="As written; names need not be unique", examples=["Nova Kestrel"])
_IMVDB = Field(description="Id at imvdb.com, unique among artists", examples=["60001"])
_KEYWORDS = Field(description="Free words; old rows may hold any JSON", examples=[["indie", "live"]])


class ListedArtist(BaseModel):
    """One row of the list."""

    id: int
    name: str = _NAME
    imvdb_id: str | None = _IMVDB
    thumbnail_url: str | None
    auto_download: bool | None = Field(description="Whether new videos are queued by themselves")
    keywords: Any = _KEYWORDS
    monitored: bool | None = Field(description="Whether new videos are looked for")
    created_at: datetime | None = Field(description="UTC, without an offset")
    video_count: int
    has_thumbnail: bool
    has_imvdb_data: bool


class ArtistPage(BaseModel):
    """One page of the list."""

    artists: list[ListedArtist]
    count: int = Field(description="Rows on this page")
    total: int = Field(description="Rows that match")
    page: int
    per_page: int
    pages: int


class OneArtist(BaseModel):
    """One artist."""

    id: int
    name: str = _NAME
    imvdb_id: str | None = _IMVDB
    thumbnail_url: str | None
    auto_download: bool | None
    keywords: Any = _KEYWORDS
    monitored: bool | None
    metadata: str = Field(description="Always `MetaData()`: kept because clients know it", examples=["MetaData()"])
    genres: Any = Field(description="The genres of at least a tenth of the videos", examples=[["Rock"]])
    video_count: int
    created_at: datetime | None


class CreatedArtist(BaseModel):
    """A new artist."""

    id: int
    name: str = _NAME
    message: str


class ArtistSettings(BaseModel):
    """What of an artist can be changed."""

    id: int
    name: str = _NAME
    imvdb_id: str | None = _IMVDB
    folder_path: str | None
    keywords: Any = _KEYWORDS
    monitored: bool | None
    auto_download: bool | None
    updated_at: datetime | None


class UpdatedArtist(BaseModel):
    """A changed artist."""

    success: bool
    message: str
    artist: ArtistSettings


class DeletedData(BaseModel):
    """What went with an artist."""

    artist_id: int
    artist_name: str
    videos_deleted: int
    downloads_deleted: int


class DeletedArtist(BaseModel):
    """A deleted artist."""

    success: bool
    message: str
    deleted_data: DeletedData


class ArtistQuery(BaseModel):
    """Documents the query of the list."""

    search: str = Field(default="", description="Part of the name, blind to case and accents; % and _ are wildcards")
    monitored: str = Field(default="", description="true, 1 or yes; any other text means no")
    auto_download: str = Field(default="", description="true, 1 or yes; any other text means no")
    sort: str = Field(default="name", description="name or created_at; anything else means name")
    order: str = Field(default="asc", description="desc for descending, in any case")
    page: int = Field(default=1, ge=1, description="From 1; a page past the end is empty")
    per_page: int = Field(default=50, ge=1, description="Rows on a page")


class ForceQuery(BaseModel):
    """Documents the query of the deletion."""

    force: str = Field(default="false", description="true, 1 or yes: also when the artist has videos")


class NewArtist(BaseModel):
    """Documents the body of the creation."""

    name: str = Field(description="At most 255 characters", max_length=255)
    imvdb_id: str | None = Field(default=None, description="At most 100 characters; empty means none")
    auto_download: bool = False
    keywords: list[str] = Field(default=[], description="Any JSON is kept")
    monitored: bool = True


class ArtistChange(BaseModel):
    """Documents the body of the change. Only members that are present change."""

    name: str = Field(default="", description="At most 255 characters, not blank")
    folder_path: str | None = Field(default=None, description="At most 500 characters; empty or null clears")
    keywords: list[str] = Field(default=[], description="A list, or one text separated by commas")
    monitored: bool = True
    auto_download: bool = False
    imvdb_id: int | None = Field(default=None, description="A positive number; empty or null clears")
