"""A small toy behind a real server, and its console."""

from collections.abc import Iterator

import pytest

from migration_flags.stores.memory import MemoryStore
from tests.router.console.site import Site, opened


@pytest.fixture
def site() -> Iterator[Site]:
    with opened(MemoryStore()) as site:
        yield site
