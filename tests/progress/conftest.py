"""One site for the tests that only talk to it."""

from collections.abc import Iterator

import pytest

from tests.fastapi_app.conftest import anyio_backend, config, rows
from tests.progress.site import Site, running

__all__ = ["anyio_backend", "config", "rows", "site"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site")) as started:
        yield started
