"""What indexing takes and answers."""

from typing import Literal

from pydantic import BaseModel, Field


class IndexOrder(BaseModel):
    """Documents the body of indexing everything."""

    fetch_metadata: bool = Field(default=True, description="Has no effect yet: nothing outside is asked")
    max_files: int | None = Field(default=None, description="Only the first so many films; null and 0 are all")


class SingleOrder(BaseModel):
    """Documents the body of indexing one file."""

    file_path: str = Field(examples=["data/musicvideos/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"])
    fetch_metadata: bool = Field(default=True, description="Has no effect yet: nothing outside is asked")


class FolderQuery(BaseModel):
    """Documents the query of the list of files."""

    directory: str = Field(default="", description="A folder of the library; by default the whole library")


class IndexResult(BaseModel):
    """What became of one film."""

    file_path: str
    success: bool
    error: str | None
    artist_name: str | None = Field(description="As the file or its folder names the artist")
    video_title: str | None
    artist_created: bool
    video_created: bool
    download_created: bool
    imvdb_metadata_found: bool
    thumbnail_downloaded: bool
    already_indexed: bool


class IndexSummary(BaseModel):
    """How many there were of each."""

    total_files: int
    processed: int
    successful: int = Field(description="Those that got rows")
    failed: int
    already_indexed: int
    artists_created: int
    videos_created: int
    downloads_created: int
    imvdb_metadata_found: int
    thumbnails_downloaded: int
    results: list[IndexResult]


class IndexedAll(BaseModel):
    """What indexing the library did."""

    success: bool
    message: str
    summary: IndexSummary


class IndexedOne(BaseModel):
    """What indexing one file did."""

    success: Literal[True]
    message: str
    result: IndexResult


class NotIndexed(BaseModel):
    """Why one file was not indexed."""

    success: Literal[False] = False
    error: str
    result: IndexResult | None = None


class Files(BaseModel):
    """Films below a folder."""

    files: list[str] = Field(examples=[["data/musicvideos/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"]])
    count: int
    directory: str = Field(description="`default` where none was asked for")


class PictureStorage(BaseModel):
    """How many pictures there are, and how much room they take."""

    total_files: int
    total_size: int = Field(description="Bytes")
    total_size_mb: float
    artist_thumbnails: int
    video_thumbnails: int
    manual_uploads: int
    auto_generated: int
    by_size: dict[str, int]
    thumbnails_directory: str


class Statistics(BaseModel):
    """Counts of the library."""

    total_artists: int
    total_videos: int
    total_downloads: int
    videos_with_imvdb: int
    downloaded_videos: int
    videos_with_files: int = Field(description="Finished downloads that have a file")
    imvdb_coverage: float = Field(description="Percent of the videos")
    thumbnail_stats: PictureStorage
