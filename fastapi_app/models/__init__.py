"""The schema, for both sides: facts about rows, no behaviour. SQLAlchemy and the standard library only."""

from fastapi_app.models.api_key import ApiKey
from fastapi_app.models.artist import Artist
from fastapi_app.models.attempt import Attempt
from fastapi_app.models.audit_event import AuditEvent
from fastapi_app.models.base import INTEGER_MAX, INTEGER_MIN, Base, now
from fastapi_app.models.collation import like_key, sort_key
from fastapi_app.models.deletion import Deletion
from fastapi_app.models.download import Download
from fastapi_app.models.job import Job
from fastapi_app.models.job_queue import JobQueue
from fastapi_app.models.playlist import Playlist
from fastapi_app.models.playlist_entry import PlaylistEntry
from fastapi_app.models.playlist_monitor import PlaylistMonitor
from fastapi_app.models.refresh_token import RefreshToken
from fastapi_app.models.rename import Rename
from fastapi_app.models.renamed_file import RenamedFile
from fastapi_app.models.setting import Setting
from fastapi_app.models.sqlite import CONNECT_ARGUMENTS, WRITES, prepare_sqlite
from fastapi_app.models.task_queue import TaskQueue
from fastapi_app.models.user import User, UserRole
from fastapi_app.models.user_session import SessionStatus, UserSession
from fastapi_app.models.video import Video, VideoStatus

__all__ = [
    "CONNECT_ARGUMENTS",
    "INTEGER_MAX",
    "INTEGER_MIN",
    "WRITES",
    "ApiKey",
    "Artist",
    "Attempt",
    "AuditEvent",
    "Base",
    "Deletion",
    "Download",
    "Job",
    "JobQueue",
    "Playlist",
    "PlaylistEntry",
    "PlaylistMonitor",
    "RefreshToken",
    "Rename",
    "RenamedFile",
    "SessionStatus",
    "Setting",
    "TaskQueue",
    "User",
    "UserRole",
    "UserSession",
    "Video",
    "VideoStatus",
    "like_key",
    "now",
    "prepare_sqlite",
    "sort_key",
]
