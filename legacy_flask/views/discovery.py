"""The discovery routes: what was found lately, and finding more."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from fastapi_app.models import Artist, Setting, Video, VideoStatus, now
from legacy_flask import discovery_rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.discovering import discover
from legacy_flask.errors import LegacyError, Unavailable
from legacy_flask.request_values import json_body

blueprint = Blueprint("discovery", __name__, url_prefix="/api/discovery")

_GIVES_UP_AFTER = 3
"""Artists in a row for whom IMVDb was not to be had: then the others wait for another day."""


@blueprint.post("/artist/<int:artist_id>")
@requires(Access.MODIFY)
def discover_artist(artist_id: int) -> Response:
    """Looks for the artist's videos on IMVDb; those that the library lacks become WANTED."""
    limit = discovery_rules.read_limit(json_body(), "limit", 10)
    return jsonify(discover(artist_id, limit))


@blueprint.post("/all")
@requires(Access.MANAGE)
def discover_all() -> Response:
    """The same for every monitored artist not looked for in the last 24 hours, one after the other."""
    limit = discovery_rules.read_limit(json_body(), "limit_per_artist", 5)
    with transaction() as session:
        artists = session.query(Artist).filter(Artist.monitored.is_(True)).order_by(Artist.id).all()
        moment = now()
        due = [one for one in artists if discovery_rules.needs_discovery(one.last_discovery, moment)]
        names = [(artist.id, artist.name) for artist in due]
        monitored = len(artists)
    if not monitored:
        return jsonify(success=True, message="No monitored artists found", results=[])
    results = _discover_each(names, limit)
    good = [one["result"] for one in results if one["result"]["success"]]
    return jsonify(
        success=True,
        total_artists=monitored,
        processed_artists=len(results),
        failed_artists=len(results) - len(good),
        total_discovered=sum(one["discovered_count"] for one in good),
        total_stored=sum(one["stored_count"] for one in good),
        results=results,
    )


def _discover_each(artists: list[tuple[int, str]], limit: int) -> list[dict[str, Any]]:
    """What came of each. An artist who fails is told so, and the next one follows."""
    results: list[dict[str, Any]] = []
    in_a_row = 0
    for artist_id, name in artists:
        try:
            result = discover(artist_id, limit, of_all=True)
            in_a_row = 0
        except LegacyError as error:
            current_app.logger.warning("the discovery of artist %s failed: %s", artist_id, type(error).__name__)
            result = {"success": False, "error": error.message}
            in_a_row += isinstance(error, Unavailable)
        results.append({"artist_id": artist_id, "artist_name": name, "result": result})
        if in_a_row == _GIVES_UP_AFTER:
            break
    return results


@blueprint.get("/stats")
@requires(Access.READ)
def statistics() -> Response:
    """Counts of videos and artists, one query each."""
    since = discovery_rules.a_week_before(now())
    with transaction() as session:
        key = session.query(Setting.value).filter(Setting.key == discovery_rules.IMVDB_KEY).scalar()
        videos, artists = session.query(Video), session.query(Artist)
        stats = {
            "total_videos": videos.count(),
            "wanted_videos": videos.filter(Video.status == VideoStatus.WANTED).count(),
            "downloaded_videos": videos.filter(Video.status == VideoStatus.DOWNLOADED).count(),
            "total_artists": artists.count(),
            "monitored_artists": artists.filter(Artist.monitored.is_(True)).count(),
            "recent_discoveries": videos.filter(Video.discovered_date >= since).count(),
            "discovery_enabled": discovery_rules.can_discover(key),
        }
    return jsonify(success=True, stats=stats)
