"""What the routes that look at playlists take and answer."""

from pydantic import BaseModel, Field


class Synced(BaseModel):
    """What one look at a playlist brought."""

    total_videos: int = Field(description="In the playlist, a thousand at most")
    new_videos: int
    updated_videos: int = Field(description="Those whose place in the playlist changed")
    downloaded_videos: int = Field(description="New ones whose download was submitted")
    errors: list[str]


class Watched(BaseModel):
    """A playlist that is watched from now on."""

    success: bool
    message: str
    monitor_id: int
    sync_results: Synced = Field(description="`errors` tells when the first look failed; the playlist stays watched")


class OneSync(BaseModel):
    """One playlist was looked at."""

    success: bool
    message: str
    results: Synced


class Round(BaseModel):
    """What a look at all playlists brought."""

    total_playlists: int
    synced_playlists: int
    total_new_videos: int
    total_downloads: int
    errors: list[str] = Field(description="One for each playlist that failed. After three in a row it ends")


class AllSynced(BaseModel):
    """All playlists were looked at."""

    success: bool
    message: str
    results: Round


class FlatSync(BaseModel):
    """The same, as the settings page wants it."""

    success: bool = Field(description="false: every playlist failed")
    synced_count: int
    new_videos: int
    message: str


class Wish(BaseModel):
    """Documents the body of a new monitor."""

    playlist_url: str = Field(description="Any address with `list=`", max_length=500)
    name: str = Field(default="", description="Without it, the playlist's own title; at most 255 characters")
    auto_download: bool = Field(default=True, description="Whether new videos are wanted, and downloaded")
    quality: str = Field(default="720p", description="At most 50 characters")
    keywords: list[str] = Field(default=[], description="Only videos whose title holds one of them; none means all")
