"""The kind of jobs of this folder."""

from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import Queue
from fastapi_app.nfo.payload import WriteNfo

WRITE = Kind(
    "write-nfo",
    Queue.METADATA,
    WriteNfo,
    "fastapi_app.nfo.writing",
    "write",
    "NFO files and pictures",
    deadline=12 * 3600.0,
)
KINDS = (WRITE,)
ALL = "library"
"""The subject of a job for all videos."""

EDITED = "edited"
"""That of one for those that were edited."""


def subject(video_id: int) -> str:
    return f"video {video_id}"
