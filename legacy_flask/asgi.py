"""The hybrid: `uvicorn legacy_flask.asgi:app`. Builds at import."""

import gc

from legacy_flask.front_door import create_app, prepare

__all__ = ["app", "prepare"]

app = create_app()
gc.freeze()  # it stays as long as the process: looking through it again stops every request for a tenth of a second
