"""The product alone: `uvicorn fastapi_app.asgi:app`. The only module that builds at import."""

import gc

from fastapi_app.app import create_app
from fastapi_app.config import Config

app = create_app(Config())
gc.freeze()  # it stays as long as the process: looking through it again stops every request for a tenth of a second
