"""The application over a new database, as for the other routes."""

from tests.fastapi_app.conftest import anyio_backend, client, config, mariadb, open_client, rows

__all__ = ["anyio_backend", "client", "config", "mariadb", "open_client", "rows"]
