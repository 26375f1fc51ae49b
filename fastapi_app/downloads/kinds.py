"""The kinds of jobs of this folder. Importing it loads no yt-dlp: what runs them is named by strings."""

from fastapi_app.downloads.payload import AutoDownload, Download, Information, PlaylistDownload, Sweep
from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import Queue

DOWNLOAD = Kind(
    "download",
    Queue.DOWNLOADS,
    Download,
    "fastapi_app.downloads.downloading",
    "download",
    "Download",
    attempts=5,
    deadline=4 * 3600.0,
    following="fastapi_app.downloads.ending",
)
PLAYLIST = Kind(
    "playlist-download",
    Queue.METADATA,
    PlaylistDownload,
    "fastapi_app.downloads.playlists",
    "expand",
    "Playlist download",
    deadline=1800.0,
)
INFORMATION = Kind(
    "info", Queue.METADATA, Information, "fastapi_app.downloads.information", "look", "Information", deadline=600.0
)
AUTOMATIC = Kind(
    "auto-download",
    Queue.MAINTENANCE,
    AutoDownload,
    "fastapi_app.downloads.automatic",
    "submit_wanted",
    "Automatic download",
    deadline=600.0,
)
SWEEP = Kind(
    "sweep-downloads",
    Queue.MAINTENANCE,
    Sweep,
    "fastapi_app.downloads.sweeping",
    "sweep",
    "Sweep partial downloads",
    deadline=600.0,
)
KINDS = (DOWNLOAD, PLAYLIST, INFORMATION, AUTOMATIC, SWEEP)
