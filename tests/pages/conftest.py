"""The application in process, over a small shelf."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.models import VideoStatus
from tests.pages.shelf import Item, make_shelf

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
