"""What the tests of the legacy application share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.legacy_flask.library import Library, make_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library with the gate open."""
    with make_library(tmp_path) as made:
        yield made
