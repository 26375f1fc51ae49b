"""The hybrid with each route where it was put: nothing is mirrored, falls back, or is taken back. Builds at import."""

from fastapi_app.config import Config
from legacy_flask.front_door import build

app = build(Config(), watched=False)
