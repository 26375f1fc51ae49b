"""Addresses that 0.9 served and nothing serves any more, each with what does its work now."""

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from legacy_flask.errors import Gone
from legacy_flask.row_id import RowId

_NOTHING = "GET /docs"

_ADDRESSES = (
    ("GET", "/api/artists/thumbnail-test", ""),
    ("POST", "/api/artists/populate-thumbnails", "POST /api/artists/scan-missing-thumbnails"),
    ("POST", "/api/artists/<int:artist_id>/merge", "POST /api/artists/merge"),
    ("POST", "/api/videos/<int:video_id>/thumbnail/crop", "POST /api/videos/{video_id}/thumbnail/upload"),
    ("GET", "/api/videos/<int:video_id>/thumbnail/<size>", "GET /api/videos/{video_id}/thumbnail"),
    ("POST", "/api/videos/recovery/scan", "POST /api/videos/recovery/fix-missing"),
    ("POST", "/api/videos/recovery/orphans", "GET /api/video-indexing/scan-files"),
    ("POST", "/api/videos/fix-title-artist-swap", "PUT /api/videos/{video_id}"),
    ("PUT", "/api/videos/downloads/bulk/priority", "PUT /api/videos/downloads/{download_id}/priority"),
    ("POST", "/api/videos/downloads/queue/reorder", "PUT /api/videos/downloads/{download_id}/priority"),
    ("POST", "/api/videos/downloads/<int:download_id>/pause", "POST /api/metube/download/{download_id}/stop"),
    ("POST", "/api/videos/downloads/<int:download_id>/resume", "POST /api/metube/download/{download_id}/retry"),
    ("POST", "/api/videos/downloads/bulk/pause", "POST /api/metube/download/{download_id}/stop"),
    ("POST", "/api/videos/downloads/bulk/resume", "POST /api/metube/download/{download_id}/retry"),
    ("PUT", "/api/videos/<int:video_id>/update-safe", "PUT /api/videos/{video_id}"),
    ("POST", "/api/genres/artists/update", "PUT /api/genres/videos/{video_id}"),
    ("GET", "/api/genres/suggest/videos/<int:video_id>", "GET /api/genres"),
    ("GET", "/api/discovery/test/<int:artist_id>", "POST /api/discovery/artist/{artist_id}"),
    ("POST", "/api/video-indexing/thumbnails/download", "POST /api/videos/{video_id}/thumbnail/upload"),
    ("GET", "/api/video-indexing/thumbnails/stats", "GET /api/artists/thumbnail-stats"),
    ("POST", "/api/video-indexing/preview", "GET /api/video-indexing/scan-files"),
    ("GET", "/api/video-organization/preview/<filename>", "GET /api/video-organization/downloads/scan"),
    ("GET", "/api/video-organization/existing/scan", "GET /api/video-indexing/scan-files"),
    ("POST", "/api/vlc/stream/<int:video_id>", "GET /api/videos/{video_id}/stream"),
    ("DELETE", "/api/vlc/stream/<int:video_id>", "GET /api/videos/{video_id}/stream"),
    ("GET", "/api/vlc/stream/<int:video_id>", "GET /api/videos/{video_id}/stream"),
    ("GET", "/api/vlc/streams", "GET /api/videos/{video_id}/stream"),
    ("POST", "/api/vlc/cleanup", "GET /api/videos/{video_id}/stream"),
    ("POST", "/api/youtube/playlists/extract-id", "POST /api/youtube/playlists/preview"),
    ("POST", "/api/youtube/playlists/info", "POST /api/youtube/playlists/preview"),
    ("GET", "/api/metube/test", "GET /api/metube/health"),
    ("GET", "/api/optimization/search/performance", "GET /api/videos/search"),
    ("POST", "/api/optimization/search/cache/clear", "GET /api/videos/search"),
    ("POST", "/api/optimization/search/cache/cleanup", "GET /api/videos/search"),
    ("GET", "/api/optimization/thumbnails/analyze", "GET /api/artists/thumbnail-stats"),
    ("GET", "/api/optimization/thumbnails/recommendations", "GET /api/artists/thumbnail-stats"),
    ("POST", "/api/optimization/thumbnails/optimize", "GET /api/artists/thumbnail-stats"),
    ("POST", "/api/optimization/thumbnails/cleanup-duplicates", "GET /api/artists/thumbnail-stats"),
    ("POST", "/api/optimization/database/indexes", ""),
    ("GET", "/api/optimization/status", "GET /api/health"),
    ("GET", "/auth/test-session", "GET /auth/check"),
    ("GET", "/2fa/admin/overview", ""),
    ("GET", "/admin/system", "GET /admin/"),
    ("POST", "/api/settings/restart-systemd", "POST /api/settings/restart"),
    ("GET", "/api/health/metube", "GET /api/metube/health"),
    ("POST", "/api/webhooks/trigger", "POST /api/webhooks/test"),
    ("GET", "/api/spotify/auth/url", "POST /api/spotify/authorize"),
    ("POST", "/api/spotify/reload", "PUT /api/settings/{key}"),
    ("POST", "/api/lastfm/test", "GET /api/lastfm/status"),
    ("POST", "/api/lastfm/import-artists", "POST /api/lastfm/import/top-artists"),
    ("POST", "/api/lastfm/sync-history", "POST /api/lastfm/import/loved-tracks"),
    ("POST", "/api/plex/test", "GET /api/plex/test-connection"),
    ("POST", "/api/plex/sync-library", "POST /api/plex/sync/from-plex"),
    ("POST", "/api/plex/import-artists", "POST /api/plex/sync/from-plex"),
    ("GET", "/api/docs/", "GET /docs"),
    ("GET", "/api/docs/openapi.json", "GET /openapi.json"),
    ("GET", "/api/docs/swagger", "GET /docs"),
    ("GET", "/api/docs/redoc", "GET /docs"),
)
"""Method, address, what to use instead; empty where nothing does the same."""

_map = Map(
    (Rule(address, methods=[method], endpoint=instead or _NOTHING) for method, address, instead in _ADDRESSES),
    converters={"int": RowId},
)


def gone(method: str, path: str) -> Gone | None:
    """The answer to a request for an address of 0.9 that ended, or None."""
    try:
        instead, _ = _map.bind("").match(path, method)
    except HTTPException:
        return None
    return Gone(instead)
