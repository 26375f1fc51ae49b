"""The legacy application alone: `gunicorn legacy_flask.wsgi:app`. Builds at import."""

from fastapi_app.config import Config
from legacy_flask.front_door import build_legacy

app = build_legacy(Config())
