"""The kind of jobs of this folder."""

from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import Queue
from fastapi_app.renames.payload import RenameFiles

RENAME = Kind(
    "rename-files",
    Queue.MAINTENANCE,
    RenameFiles,
    "fastapi_app.renames.renaming",
    "rename",
    "Rename files",
    attempts=5,
    deadline=12 * 3600.0,
    following="fastapi_app.renames.ending",
)
KINDS = (RENAME,)
SUBJECT = "library"
"""One run at a time."""
