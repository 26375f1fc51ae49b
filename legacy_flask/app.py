"""The legacy application: `create_app(settings)`."""

from flask import Flask

from legacy_flask import cookies, database, gate
from legacy_flask.configuration import LegacySettings, keep
from legacy_flask.failures import install_handlers
from legacy_flask.json_text import CompactJSON
from legacy_flask.row_id import RowId
from legacy_flask.security_headers import add_security_headers
from legacy_flask.views import artists, health, logins, media, pages, settings, static_files, videos

_BLUEPRINTS = (
    artists.blueprint,
    health.blueprint,
    logins.blueprint,
    media.blueprint,
    pages.blueprint,
    settings.blueprint,
    static_files.blueprint,
    videos.blueprint,
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
    cookies.install(app, options.secret_keys)
    install_handlers(app)
    app.after_request(add_security_headers)
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
