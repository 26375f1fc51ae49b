"""The application over a new installation, and playlists made through its own routes."""

from tests.fastapi_app.conftest import anyio_backend, client, config, mariadb, open_client, rows

__all__ = ["anyio_backend", "client", "config", "mariadb", "open_client", "rows"]
