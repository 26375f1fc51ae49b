"""The application as the tests of its routes run it."""

from tests.fastapi_app.conftest import anyio_backend, client, config, mariadb, open_client, rows

__all__ = ["anyio_backend", "client", "config", "mariadb", "open_client", "rows"]
