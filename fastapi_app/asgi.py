"""The product alone: `uvicorn fastapi_app.asgi:app`. The only module that builds at import."""

from fastapi_app.app import create_app
from fastapi_app.config import Config

app = create_app(Config())
