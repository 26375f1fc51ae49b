"""One browser for a file of tests, and a world of its own for every test."""

from collections.abc import Iterator

import pytest

from tests.pages.browser import Browser, chromium
from tests.router.console.page.desk import Desk
from tests.router.console.page.stand_in import StandIn, standing_in
from tests.router.console.page.world import World


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile"), "") as opened:
        yield opened


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in(World()) as made:
        yield made


@pytest.fixture
def desk(window: Browser, stand_in: StandIn) -> Iterator[Desk]:
    """The page at 1440 pixels, in light colours; its console stays silent but for what the server refuses."""
    window.base = stand_in.base
    made = Desk(window, stand_in)
    made.look(1440, "light")
    window.complaints()
    yield made
    told = window.complaints()
    made.leave()
    assert [one for one in told if "Failed to load resource" not in one] == []
