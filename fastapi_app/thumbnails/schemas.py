"""What the picture routes take and answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

_URL = Field(description="Where the picture came from, or is to come from")
_PATH = Field(description="The stored path of the file", examples=["data/thumbnails/artists/medium/solo_medium.jpg"])
_SOURCE = Field(description="imvdb, wikipedia, manual or manual_crop; null where nobody noted it")
_SIZE = Field(description="Width and height in pixels", examples=[[300, 225]])
_METADATA = Field(description="What the upload noted: see `PictureMetadata`; old rows may hold any JSON")


class PictureSize(BaseModel):
    """One stored size."""

    path: str = _PATH
    filename: str
    size: list[int] = _SIZE
    file_size: int = Field(description="Bytes")


class PictureMetadata(BaseModel):
    """Facts about an upload."""

    upload_id: str = Field(examples=["3cd7c1dc"])
    original_filename: str
    upload_timestamp: datetime = Field(description="UTC, without an offset")
    original_size: list[int] = _SIZE
    file_size: int = Field(description="Bytes that were sent")
    format: str = Field(description="Of the stored files", examples=["JPEG"])
    sizes: dict[str, PictureSize] = Field(description="By small, medium, large and original")


class UploadedArtistPicture(BaseModel):
    """An artist's new picture."""

    success: bool
    message: str
    thumbnail_path: str = _PATH
    upload_id: str
    sizes_generated: list[str]
    metadata: PictureMetadata


class CroppedPicture(BaseModel):
    """An artist's picture, cut anew."""

    success: bool
    message: str
    thumbnail_path: str = _PATH
    upload_id: str
    crop_box: list[int] = Field(description="Left, top, right, bottom, in pixels")
    metadata: PictureMetadata


class UploadedVideoPicture(BaseModel):
    """A video's new picture."""

    message: str
    thumbnail_path: str = _PATH
    metadata: PictureMetadata


class FileFacts(BaseModel):
    """The file behind a picture."""

    path: str = _PATH
    size: list[int] = _SIZE
    format: str = Field(examples=["JPEG"])
    mode: str = Field(description="How colours are kept", examples=["RGB"])
    file_size: int = Field(description="Bytes")
    created: datetime
    modified: datetime


class ArtistPictureInfo(BaseModel):
    """What is known of an artist's picture."""

    has_thumbnail: bool
    thumbnail_url: str | None = _URL
    thumbnail_path: str | None = _PATH
    thumbnail_source: str | None = _SOURCE
    thumbnail_uploaded_at: datetime | None
    metadata: Any = _METADATA
    file_info: FileFacts | None = Field(description="null where there is no file that can be read")


class VideoPictureInfo(BaseModel):
    """What is known of a video's picture. The members of its file are here too, where there is one."""

    has_thumbnail: bool
    thumbnail_url: str | None = _URL
    thumbnail_path: str | None = _PATH
    thumbnail_source: str | None = _SOURCE
    thumbnail_uploaded_at: datetime | None
    thumbnail_metadata: Any = _METADATA
    path: str = Field(default="")
    size: list[int] = Field(default=[])
    format: str = Field(default="")
    mode: str = Field(default="")
    file_size: int = Field(default=0)
    created: datetime | None = None
    modified: datetime | None = None


class ArtistPicture(BaseModel):
    """An artist after a change of the picture."""

    id: int
    name: str
    thumbnail_url: str | None = _URL
    thumbnail_path: str | None = _PATH


class ChangedArtistPicture(BaseModel):
    """A removed picture."""

    success: bool
    message: str
    artist: ArtistPicture


class Done(BaseModel):
    """It worked."""

    message: str


class Storage(BaseModel):
    """The files in the picture folder."""

    total_files: int
    total_size: int = Field(description="Bytes")
    total_size_mb: float
    artist_thumbnails: int
    video_thumbnails: int
    manual_uploads: int = Field(description="Files in the folder `uploads`, which only older versions used")
    auto_generated: int = Field(description="Always 0: kept because clients know it")
    by_size: dict[str, int]
    thumbnails_directory: str


class Coverage(BaseModel):
    """How many rows have a picture."""

    total: int
    with_thumbnails: int
    coverage_percentage: float


class ArtistCoverage(Coverage):
    """The same for artists, with the sources of their pictures."""

    by_source: dict[str, int]


class CoverageOfAll(BaseModel):
    """What the database says."""

    artists: ArtistCoverage
    videos: Coverage


class PictureStatistics(BaseModel):
    """Room and coverage."""

    storage: Storage
    database: CoverageOfAll
    last_updated: datetime = Field(description="UTC, without an offset")


class CropBox(BaseModel):
    """Documents the body of the crop."""

    crop_box: list[int] = Field(description="Left, top, right, bottom, in pixels", min_length=4, max_length=4)


class ArtistPictureChange(BaseModel):
    """Documents the body of the change of an artist's picture."""

    remove_thumbnail: bool = Field(default=False, description="Wins when both are given")
    thumbnail_url: str = Field(default="", description="http or https; refused until pictures can be fetched")


class VideoPictureChange(BaseModel):
    """Documents the body of the change of a video's picture."""

    action: str = Field(default="update", description="update or remove")
    thumbnail_url: str = Field(default="", description="At most 500 characters")
