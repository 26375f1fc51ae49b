"""The kind of jobs of this folder."""

from fastapi_app.backup.payload import Backup
from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import Queue

BACKUP = Kind(
    "backup",
    Queue.MAINTENANCE,
    Backup,
    "fastapi_app.backup.creating",
    "create",
    "Backup",
    deadline=4 * 3600.0,
)
KINDS = (BACKUP,)
SUBJECT = "library"
"""One backup is made at a time."""
