"""What searching artists takes and answers."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class FoundArtist(BaseModel):
    """One artist of the search."""

    id: int
    name: str
    imvdb_id: str | None
    thumbnail_url: str | None
    thumbnail_path: str | None
    auto_download: bool | None
    keywords: Any = Field(description="Free words; old rows may hold any JSON", examples=[["indie", "live"]])
    monitored: bool | None
    folder_path: str | None
    last_discovery: datetime | None
    created_at: datetime | None = Field(description="UTC, without an offset")
    updated_at: datetime | None
    video_count: int
    has_thumbnail: bool
    has_imvdb_data: bool
    imvdb_metadata: Any = Field(description="IMVDb's own record of the artist")


class Pagination(BaseModel):
    """Where the page stands."""

    page: int
    per_page: int
    total: int = Field(description="Rows that match, whatever `min_videos` and `max_videos` say")
    pages: int
    has_next: bool
    has_prev: bool


class FiltersApplied(BaseModel):
    """Which kinds of filters the query named."""

    search: bool
    monitored: bool
    auto_download: bool
    has_thumbnail: bool = Field(description="Always false: the filter never counted")
    has_imvdb_id: bool
    video_count_range: bool
    date_range: bool
    keywords: bool


class Analytics(BaseModel):
    """The same numbers, and the filters."""

    total_artists: int
    page_count: int
    has_next: bool
    has_prev: bool
    filters_applied: FiltersApplied


class FoundArtists(BaseModel):
    """One page of the search."""

    artists: list[FoundArtist]
    count: int = Field(description="Rows on this page")
    pagination: Pagination
    analytics: Analytics


class DateRange(BaseModel):
    """When the first and the last artist was added."""

    earliest: datetime | None
    latest: datetime | None


class VideoCountRange(BaseModel):
    """Of the artists that have videos."""

    min: int
    max: int
    average: float


class Filters(BaseModel):
    """Values to filter by."""

    keywords: list[str] = Field(description="Every keyword once, sorted")
    date_range: DateRange
    video_count_range: VideoCountRange


class Statistics(BaseModel):
    """Numbers of artists, and their shares in percent."""

    total_artists: int
    monitored_artists: int
    auto_download_artists: int
    artists_with_thumbnails: int
    artists_with_imvdb: int
    monitoring_percentage: float
    thumbnail_coverage: float
    imvdb_coverage: float


class SearchFilters(BaseModel):
    """What can be filtered by."""

    filters: Filters
    statistics: Statistics


class Suggestion(BaseModel):
    """One way to go on typing."""

    text: str
    type: str = Field(examples=["artist_name", "keyword"])


class Suggestions(BaseModel):
    """Names, then keywords. `query` and `count` are left out for less than two characters."""

    suggestions: list[Suggestion]
    query: str | None = None
    count: int | None = None


class SearchQuery(BaseModel):
    """Documents the query of the search."""

    search: str = Field(default="", description="Part of the name, blind to case and accents; % and _ are wildcards")
    monitored: str = Field(default="", description="true, 1 or yes; any other text means no")
    auto_download: str = Field(default="", description="true, 1 or yes; any other text means no")
    has_imvdb_id: str = Field(default="", description="true, 1 or yes; any other text means no")
    genre: str = Field(default="", description="One whole genre, minding the case; % and _ are wildcards")
    min_videos: int = Field(default=0, description="Leaves rows of the page out; the totals stay")
    max_videos: int = Field(default=0, description="Leaves rows of the page out; the totals stay")
    date_from: str = Field(default="", description="Added at this ISO date or later; other text is ignored")
    date_to: str = Field(default="", description="Added at this ISO date or earlier; other text is ignored")
    keywords: str = Field(default="", description="Parts of keywords, separated by commas; all must be there")
    sort: str = Field(default="name", description="name, created_at, updated_at or video_count; else name")
    order: str = Field(default="asc", description="desc for descending, in any case")
    page: int = Field(default=1, ge=1, description="From 1; a page past the end is empty; no number means 1")
    per_page: int = Field(default=50, ge=1, description="At most 200; no number means 50")


class SuggestionQuery(BaseModel):
    """Documents the query of the suggestions."""

    q: str = Field(default="", description="What was typed, at least two characters")
    limit: int = Field(default=10, ge=0, description="At most 50")
