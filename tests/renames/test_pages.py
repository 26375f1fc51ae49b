"""Renaming by page and by API: what is shown is what happens, and who may do it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.auth.passwords import hash_password
from fastapi_app.models import User, UserRole
from tests.renames.houses import House

PASSWORD = "Correct-Horse1!"


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    """The application over a few films, the gate open."""
    house.set("require_authentication", "false")
    house.film(1, "Nova/One.mp4", "One")
    house.film(2, "old/<b>two</b>.mp4", "Two", year=1999)
    house.film(3, "gone.mp4", "Three").unlink()
    with TestClient(create_app(house.config), follow_redirects=False) as connected:
        yield connected


def test_the_page_shows_what_would_change_and_nothing_else(client: TestClient) -> None:
    page = client.get("/renames").text
    assert '<del dir="auto">old/&lt;b&gt;two&lt;/b&gt;.mp4</del>' in page
    assert '<ins dir="auto">Nova/Two.mp4</ins>' in page
    assert "Nova/One.mp4" not in page
    assert "file missing" in page
    assert "keeps its name" in client.get("/renames?all=1").text


def test_a_template_that_is_wrong_says_where(client: TestClient) -> None:
    page = client.get("/renames", params={"template": "{artist}/{titel}"})
    assert page.status_code == 200
    assert "There is no {titel}: do you mean {title}? (character 10)" in page.text
    assert "What changes" not in page.text.partition("changes-heading")[2]
    assert client.post("/renames", data={"template": "{artist}"}).status_code == 400


def test_a_run_from_the_page_and_back(client: TestClient, house: House) -> None:
    answer = client.post("/renames", data={"template": "{artist}/{title}[ ({year})]"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/renames/1")
    assert "data-cancel" in client.get("/renames/1").text
    assert client.post("/renames", data={"template": "{title}"}).status_code == 409
    assert client.post("/renames/1").status_code == 409
    house.work()
    page = client.get("/renames/1").text
    assert "Nova/Two (1999).mp4" in page
    assert "Take it back" in page
    assert "The file is missing" in client.get("/renames/1?show=missing").text
    assert client.get("/api/naming/tokens").json()["current"] == "{artist}/{title}[ ({year})]"
    assert client.post("/renames/1").headers["location"] == "/renames/2"
    house.work()
    assert sorted(house.files()) == ["Nova/One.mp4", "old/<b>two</b>.mp4"]
    assert "was taken back by" in client.get("/renames/1").text
    assert client.post("/renames/1").status_code == 409
    assert client.get("/renames/9").status_code == 404


def test_the_api_tells_page_by_page_what_would_change(client: TestClient) -> None:
    told = client.post("/api/renames/preview", json={"counts": True}).json()
    assert [(one["new"], one["state"]) for one in told["files"]] == [("Nova/Two.mp4", "rename"), ("", "missing")]
    assert told["counts"] == {"total": 3, "rename": 2, "unchanged": 1, "outside": 0, "conflict": 0}
    assert client.post("/api/renames/preview", json={"after": -1}).status_code == 400
    wrong = client.post("/api/renames/preview", json={"template": "{artist}//{title}"})
    assert (wrong.status_code, wrong.json()["position"]) == (400, 9)


def test_a_run_by_the_api(client: TestClient, house: House) -> None:
    made = client.post("/api/renames", json={"template": "{title}"})
    assert made.status_code == 202
    assert made.headers["location"] == "/api/renames/1"
    house.work()
    assert client.get("/api/renames/1").json()["files"] == {"done": 2, "missing": 1}
    assert client.get("/api/renames").json()["renames"][0]["undone_by"] is None
    files = client.get("/api/renames/1/files", params={"state": "missing"}).json()
    assert [(one["video_id"], one["reason"]) for one in files["files"]] == [(3, "There is no such file")]
    assert client.get("/api/renames/1/files", params={"state": "x"}).status_code == 400
    assert client.post("/api/renames/1/undo", json={}).status_code == 202
    assert client.post("/api/renames/7/undo", json={}).status_code == 404


@pytest.mark.parametrize("role", [UserRole.USER, UserRole.MANAGER])
def test_only_those_who_configure_rename(client: TestClient, house: House, role: UserRole) -> None:
    house.set("require_authentication", "true")
    stored = hash_password(PASSWORD, rounds=4)
    house.change(User(id=1, username="x", email="x@example.org", password_hash=stored, role=role))
    assert client.get("/renames").status_code == 302
    assert client.post("/simple-login", data={"username": "x", "password": PASSWORD}).status_code == 302
    assert [client.get(path).status_code for path in ("/renames", "/api/renames")] == [403, 403]
    assert client.post("/api/renames", json={}).status_code == 403
    assert client.post("/api/nfo", json={}).status_code == 403
    assert client.post("/api/naming/preview", json={"template": "{title}"}).status_code == 200
