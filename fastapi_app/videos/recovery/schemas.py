"""What the recovery of films answers."""

from pydantic import BaseModel, Field


class RecoveryStatistics(BaseModel):
    """How many there were of each."""

    total_downloaded: int = Field(description="Videos that say to be downloaded")
    missing_files: int = Field(description="Those whose film is certainly gone")
    recovered_videos: int = Field(description="Found under another name or in another folder")
    marked_wanted: int = Field(description="Not found: they are to be fetched again")
    artists_monitored: int = Field(description="Artists that are watched again because of it")


class Recovered(BaseModel):
    """What was mended."""

    success: bool
    message: str
    statistics: RecoveryStatistics
