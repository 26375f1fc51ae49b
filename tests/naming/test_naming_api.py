"""The live preview: examples of the library itself, and errors with their place."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from tests.pages.shelf import Item, make_shelf

TITLE = "A title that is longer than all the others of this small library"
SHELF = (Item("Björk", TITLE, 1997), *(Item("Nova", f"Song {n}", 2000) for n in range(5)), Item("Nova", "Odd", None))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(make_shelf(tmp_path_factory.mktemp("shelf") / "data", SHELF))) as connected:
        yield connected


def paths(client: TestClient, template: str) -> list[str]:
    told = client.post("/api/naming/preview", json={"template": template}).json()
    return [one["path"] for one in told["examples"]]


def test_examples_are_the_newest_the_longest_and_the_oddest(client: TestClient) -> None:
    found = paths(client, "{artist}/{title}[ ({year})]")
    assert found == ["Nova/Odd.mp4", "Nova/Song 4 (2000).mp4", "Nova/Song 3 (2000).mp4", f"Björk/{TITLE} (1997).mp4"]


def test_a_template_that_is_wrong_is_told_with_its_place(client: TestClient) -> None:
    answer = client.post("/api/naming/preview", json={"template": "  {artist}/{titel}"})
    assert answer.status_code == 400
    assert answer.json() == {"error": "There is no {titel}: do you mean {title}?", "field": "template", "position": 11}
    assert client.post("/api/naming/preview", json={"template": 7}).status_code == 400
    assert client.post("/api/naming/preview", json=[]).status_code == 400


def test_the_words_are_told(client: TestClient) -> None:
    told = client.get("/api/naming/tokens").json()
    assert told["default"] == told["current"] == "{artist}/{title}"
    assert "artist_first_letter" in [word["name"] for word in told["tokens"]]
