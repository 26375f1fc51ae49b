"""The legacy application behind nothing but the bridge. Builds at import, for uvicorn."""

from legacy_flask.wsgi import app as legacy
from router import WSGIBackend

app = WSGIBackend(legacy)
