"""The legacy application: `create_app(settings)`."""

from flask import Flask

from legacy_flask import cookies, database, download_threads, flood, gate, imvdb, logs, refusals, youtube
from legacy_flask.configuration import LegacySettings, keep
from legacy_flask.cors import add_cors_headers
from legacy_flask.failures import install_handlers
from legacy_flask.json_text import CompactJSON
from legacy_flask.row_id import RowId
from legacy_flask.security_headers import add_security_headers
from legacy_flask.views import (
    admin,
    api_keys,
    artist_bulk,
    artist_detail,
    artist_pages,
    artist_search,
    artists,
    audit,
    discovery,
    genres,
    health,
    identity,
    indexing,
    logins,
    media,
    metube,
    metube_cookies,
    monitor_sync,
    monitors,
    mvtv_pages,
    organization,
    pages,
    passwords,
    profile,
    scheduler,
    second_factor,
    second_factor_login,
    settings,
    settings_pages,
    static_files,
    system,
    thumbnails,
    tokens,
    users,
    video_bulk,
    video_downloads,
    video_duplicates,
    video_pages,
    video_recovery,
    video_scan,
    video_search,
    video_thumbnails,
    videos,
    watched_pages,
    webhooks,
)

_BLUEPRINTS = (
    admin.blueprint,
    api_keys.blueprint,
    artist_bulk.blueprint,
    artist_detail.blueprint,
    artist_pages.blueprint,
    artist_search.blueprint,
    artists.blueprint,
    audit.blueprint,
    discovery.blueprint,
    genres.blueprint,
    health.blueprint,
    identity.blueprint,
    indexing.blueprint,
    logins.blueprint,
    media.blueprint,
    metube.blueprint,
    metube_cookies.blueprint,
    monitor_sync.blueprint,
    monitors.blueprint,
    mvtv_pages.blueprint,
    organization.blueprint,
    pages.blueprint,
    profile.blueprint,
    scheduler.blueprint,
    second_factor.blueprint,
    passwords.blueprint,
    second_factor_login.blueprint,
    settings.blueprint,
    settings_pages.blueprint,
    static_files.blueprint,
    system.blueprint,
    thumbnails.blueprint,
    users.blueprint,
    tokens.blueprint,
    video_bulk.blueprint,
    video_downloads.blueprint,
    video_duplicates.blueprint,
    video_pages.blueprint,
    video_recovery.blueprint,
    video_scan.blueprint,
    video_search.blueprint,
    video_thumbnails.blueprint,
    videos.blueprint,
    watched_pages.blueprint,
    webhooks.blueprint,
)


def create_app(options: LegacySettings) -> Flask:
    """The application for `options`. Connects to nothing.

    Raises UndeclaredAccess when a view does not say who may call it.
    """
    app = Flask(__name__, static_folder=None, template_folder="templates")
    app.json = CompactJSON(app)
    app.url_map.converters["int"] = RowId
    app.config["MAX_CONTENT_LENGTH"] = options.max_body_bytes
    keep(options, app)
    imvdb.keep(imvdb.IMVDb(options.imvdb_url, options.imvdb_interval), app)
    youtube.keep(youtube.YouTube(options.youtube_url), app)
    flood.keep(flood.Flood(options.flood_limit, options.redis_url), app)
    refusals.keep(app)
    download_threads.keep(download_threads.DownloadThreads(app, options), app)
    logs.redact(app.logger)
    logs.name_requests(app)
    cookies.install(app, options.secret_keys)
    install_handlers(app)
    app.after_request(add_security_headers)
    app.after_request(add_cors_headers)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    _open_database(app, options)
    gate.install(app)
    return app


def _open_database(app: Flask, options: LegacySettings) -> None:
    opened = database.Database(options)
    database.keep(opened, app)

    def give_back(error: BaseException | None = None) -> None:
        del error
        opened.remove()

    app.teardown_appcontext(give_back)
