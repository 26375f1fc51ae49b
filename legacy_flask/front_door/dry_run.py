"""Which of MVidarr's writes modern is asked before legacy, while their routes are at shadow."""

from flask import Flask

from legacy_flask import database
from legacy_flask.front_door.isolation import isolated
from legacy_flask.front_door.row_changes import recorded, watch
from router.dry_run.dry_runs import DryRun
from router.dry_run.limits import DryRunLimits

TRIED = frozenset(
    {
        "POST /api/artists/",
        "PUT /api/artists/{artist_id}",
        "PUT /api/artists/{artist_id}/settings",
        "PUT /api/genres/videos/{video_id}",
        "PUT /api/settings/{key}",
        "DELETE /api/settings/{key}",
        "PUT /api/settings/bulk",
        "PUT /api/videos/{video_id}/status",
        "PUT /api/videos/bulk/status",
        "POST /api/webhooks/",
        "PUT /api/webhooks/{url}",
        "DELETE /api/webhooks/{url}",
        "PUT /api/youtube/playlists/{monitor_id}",
        "DELETE /api/youtube/playlists/{monitor_id}",
    }
)
"""They change rows and nothing else.

Left out: what touches files (thumbnails, organization, indexing, recovery, scanning, deletions of artists and videos,
which remove pictures after the answer), what hands in work (downloads, and what is done to them), what asks others
(discovery, webhook validation), what counts attempts or makes secrets (logins, passwords, tokens, keys, second factors,
accounts), and what sets an isolation level of its own (bulk work and merging of artists).
"""


def dry_run(app: Flask, limits: DryRunLimits | None = None) -> DryRun:
    """Dry runs of `TRIED`, with the legacy application's engine watched. Connects to nothing."""
    watch(database.of(app).engine)
    return DryRun(TRIED, isolated, recorded, limits or DryRunLimits())
