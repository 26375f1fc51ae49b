"""The picture of a playlist: what was uploaded, what is elsewhere, what a video lends."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video
from tests.playlists.lists import make, shown

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


def jpeg() -> bytes:
    content = BytesIO()
    Image.new("RGB", (40, 30), "red").save(content, "JPEG")
    return content.getvalue()


def stored(client: Client) -> list[Path]:
    return [path for path in (client.config.data_dir / "thumbnails").rglob("*") if path.is_file()]


async def test_an_upload_is_kept_shown_and_goes_with_the_playlist(open_client: Client) -> None:
    made = await make(open_client)
    path = f"/api/playlists/{made}/thumbnail"
    sent = await open_client.post(f"{path}/file", files={"file": ("a.jpg", jpeg(), "image/jpeg")})
    assert (sent.status_code, sent.json()["thumbnail_url"]) == (200, path)
    files = stored(open_client)
    assert len(files) == 4
    assert all("playlists" in file.parts for file in files)
    shown_at = (await shown(open_client, made))["playlist"]["thumbnail_url"]
    answer = await open_client.get(shown_at)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert (await open_client.post(f"{path}/file", files={"file": ("b.jpg", jpeg(), "image/jpeg")})).status_code == 200
    assert set(stored(open_client)).isdisjoint(files)
    assert (await shown(open_client, made))["playlist"]["thumbnail_url"] != shown_at
    assert (await open_client.delete(f"/api/playlists/{made}")).status_code == 200
    assert stored(open_client) == []


async def test_an_address_takes_the_place_of_an_upload(open_client: Client) -> None:
    made = await make(open_client)
    path = f"/api/playlists/{made}/thumbnail"
    await open_client.post(f"{path}/file", files={"file": ("a.jpg", jpeg(), "image/jpeg")})
    address = "https://pictures.example.org/a.jpg"
    told = (await open_client.post(f"{path}/upload", json={"thumbnail_url": address})).json()
    assert (told["thumbnail_url"], stored(open_client)) == (address, [])
    answer = await open_client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (302, address)
    for wrong in ("javascript:alert(1)", "//elsewhere", "http://a b", 5, "https://" + "x" * 500):
        assert (await open_client.post(f"{path}/upload", json={"thumbnail_url": wrong})).status_code == 400, wrong
    await open_client.post(f"{path}/upload", json={"thumbnail_url": None})
    assert (await open_client.get(path)).status_code == 404


async def test_a_playlist_without_a_picture_shows_that_of_its_first_video(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1), video(2, thumbnail_path="data/thumbnails/a.jpg"))
    made = await make(open_client, 1, 2)
    answer = await open_client.get(f"/api/playlists/{made}/thumbnail")
    assert (answer.status_code, answer.headers["location"]) == (302, "/api/videos/2/thumbnail")
    assert (await open_client.get("/api/playlists/99/thumbnail")).status_code == 404


async def test_what_is_no_picture_is_refused_and_leaves_nothing(open_client: Client) -> None:
    made = await make(open_client)
    path = f"/api/playlists/{made}/thumbnail/file"
    for name, content in (("a.jpg", b"not a picture"), ("a.svg", b"<svg/>"), ("a.jpg", b"")):
        answer = await open_client.post(path, files={"file": (name, content, "image/jpeg")})
        assert answer.status_code == 400, name
    assert (await open_client.post(path, json={})).status_code == 400
    large = await open_client.post(path, files={"file": ("a.jpg", b"x" * (10 * 2**20 + 1), "image/jpeg")})
    assert large.status_code == 413
    gone = await open_client.post("/api/playlists/77/thumbnail/file", files={"file": ("a.jpg", jpeg(), "image/jpeg")})
    assert gone.status_code == 404
    assert stored(open_client) == []
