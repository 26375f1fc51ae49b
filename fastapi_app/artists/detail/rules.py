"""What an artist's videos come to. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi_app.models import VideoStatus
from fastapi_app.responses import iso
from fastapi_app.transaction import Record

_COUNTED = (
    VideoStatus.DOWNLOADED,
    VideoStatus.WANTED,
    VideoStatus.DOWNLOADING,
    VideoStatus.FAILED,
    VideoStatus.IGNORED,
)


def statistics(videos: Sequence[Record]) -> dict[str, Any]:
    """Videos by status, the span of their release dates, and their length in seconds. Unknown lengths don't count."""
    statuses = Counter(video.status for video in videos)
    released = [video.release_date for video in videos if isinstance(video.release_date, datetime)]
    durations = [video.duration for video in videos if video.duration]
    return {
        "total_videos": len(videos),
        **{f"{status.lower()}_videos": statuses[status] for status in _COUNTED},
        "latest_video_date": iso(max(released, default=None)),
        "earliest_video_date": iso(min(released, default=None)),
        "total_duration": sum(durations),
        "average_duration": sum(durations) / len(durations) if durations else 0,
    }
