"""What an installation can tell: the events of 0.9, by the names that other programs know."""

EVENTS: dict[str, str] = {
    "artist.added": "New artist added to the system",
    "artist.updated": "Artist information updated",
    "artist.deleted": "Artist deleted from the system",
    "video.added": "New video added to the system",
    "video.updated": "Video information updated",
    "video.deleted": "Video deleted from the system",
    "video.downloaded": "Video successfully downloaded",
    "video.download_failed": "Video download failed",
    "download.started": "Download process started",
    "download.completed": "Download process completed",
    "download.failed": "Download process failed",
    "playlist.sync_started": "Playlist synchronization started",
    "playlist.sync_completed": "Playlist synchronization completed",
    "external.import_started": "External service import started",
    "external.import_completed": "External service import completed",
    "system.health_changed": "System health status changed",
    "system.error": "System error occurred",
}


def constant(event: str) -> str:
    """The name of an event in capitals, as 0.9 showed it: ARTIST_ADDED for artist.added."""
    return event.replace(".", "_").upper()
