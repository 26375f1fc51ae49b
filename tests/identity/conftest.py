"""A library behind a closed gate, and both sides on it."""

from collections.abc import AsyncIterator

import pytest

from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import Library, make_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("identity") / "library", gate="true")


@pytest.fixture
async def hybrid(library: Library) -> AsyncIterator[Hybrid]:
    async with started(library) as hybrid:
        yield hybrid
