"""What a job that writes NFO files is given."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class WriteNfo(BaseModel):
    """For one video, for those edited `since` a moment (naive UTC), or for all.

    `replace` is the consent to replace files that somebody else wrote or changed.
    """

    model_config = ConfigDict(extra="forbid")

    title: str = "Write NFO files"
    video_id: int | None = None
    since: datetime | None = None
    replace: bool = False
