"""The hybrid: `uvicorn legacy_flask.asgi:app`. Builds at import."""

from legacy_flask.front_door import create_app, prepare

__all__ = ["app", "prepare"]

app = create_app()
