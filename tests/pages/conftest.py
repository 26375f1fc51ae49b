"""The application in process, over a small shelf; and served to a real Chromium, over a module's own `config`."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.models import VideoStatus
from tests.pages.browser import Browser, chromium
from tests.pages.shelf import Item, environment_of, make_shelf
from tests.servers.web import Web, serving

SHELF = (
    Item("Björk", "Jóga", 1997),
    Item("Björk", "Hyperballad", 1996, picture="data/thumbnails/none.jpg"),
    Item("AC/DC", "100% Pure", 1979, status=VideoStatus.WANTED, file=None),
    Item("Nova & the Kestrels", "snake_case", None, None, VideoStatus.FAILED, None),
    Item('<script>alert("a")</script>', "<img src=x onerror=alert('t')>", 2001),
    Item("فرقة الميناء", 'أغنية "البحر" 🪩', 2024, 3723),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application over `SHELF`, the gate open."""
    config = make_shelf(tmp_path_factory.mktemp("shelf") / "data", SHELF)
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


@pytest.fixture(scope="module")
def site(config: Config) -> Iterator[TestClient]:
    """The application in process, over the module's library."""
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


@pytest.fixture(scope="module")
def web(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The product alone, over the module's library, served by uvicorn."""
    with serving("fastapi_app.asgi:app", environment_of(config), tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture(scope="module")
def window(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that saw nothing of the site yet."""
    with chromium(tmp_path_factory.mktemp("profile"), web.base) as opened:
        yield opened
