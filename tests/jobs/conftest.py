"""The application over a new database, as for the other routes."""

from tests.fastapi_app.conftest import anyio_backend, client, config, mariadb, new_database, open_client, rows

__all__ = ["anyio_backend", "client", "config", "mariadb", "new_database", "open_client", "rows"]
