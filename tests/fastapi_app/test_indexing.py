"""Files become rows: nobody twice, nothing from outside, and names in any spelling."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import func, select

from fastapi_app.indexing.names import cleaned, readings
from fastapi_app.indexing.turn import turn
from fastapi_app.models import Artist, Download, Setting, Video, VideoStatus
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]
SHELF = "data/musicvideos"
ALL, ONE, FILES = "/api/video-indexing/index-all", "/api/video-indexing/index-single", "/api/video-indexing/scan-files"


def film(client: Client, stored: str, content: bytes = b"film") -> Path:
    path = client.config.data_dir / stored.removeprefix("data/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def index(client: Client, **body: Any) -> dict[str, Any]:
    answer = await client.post(ALL, json=body)
    assert answer.status_code == 200, answer.text
    summary: dict[str, Any] = answer.json()["summary"]
    return summary


async def many(client: Client, *tables: Any) -> list[int]:
    async with client.state["database"].reading() as session:
        return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


async def test_accents_that_a_mac_took_apart_make_no_second_artist(open_client: Client, rows: Rows) -> None:
    apart = unicodedata.normalize("NFD", f"{SHELF}/Björk Ågren/Björk Ågren - Ísland & Fire.mp4")
    film(open_client, apart)
    rows(artist(1, "Björk Ågren"))
    summary = await index(open_client)
    assert (summary["successful"], summary["artists_created"], summary["videos_created"]) == (1, 0, 1)
    assert summary["results"][0]["artist_name"] == "Björk Ågren"
    again = await index(open_client)
    assert (again["successful"], again["already_indexed"]) == (0, 1)
    assert await many(open_client, Artist, Video, Download) == [1, 1, 1]


async def test_known_artists_and_videos_are_found_without_their_punctuation(open_client: Client, rows: Rows) -> None:
    rows(artist(1, "D'Angela O'Neill"), artist(2, "AC/DC"), artist(3, "100% Pure"))
    rows(video(1, "Don't Stop", 1), video(2, "Déjà Vu 100%", 3))
    film(open_client, f"{SHELF}/D'Angela O'Neill/D'Angela O'Neill - Don't Stop (Official Video).mp4")
    film(open_client, f"{SHELF}/AC_DC/AC_DC - Thunder.mkv")
    film(open_client, f"{SHELF}/100% Pure/Déjà Vu 100%.webm")
    summary = await index(open_client, fetch_metadata=False)
    assert (summary["successful"], summary["artists_created"], summary["videos_created"]) == (3, 0, 1)
    async with open_client.state["database"].reading() as session:
        found = await session.get_one(Video, 1)
        assert (found.status, found.title) == (VideoStatus.DOWNLOADED, "Don't Stop")
        assert (await session.get_one(Video, 2)).local_path == f"{SHELF}/100% Pure/Déjà Vu 100%.webm"


async def test_a_video_with_a_film_keeps_it_when_a_second_copy_turns_up(open_client: Client, rows: Rows) -> None:
    kept = f"{SHELF}/Nova Kestrel/other name.mp4"
    rows(artist(), video(1, local_path=kept, status=VideoStatus.DOWNLOADED))
    film(open_client, kept)
    film(open_client, f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4")
    summary = await index(open_client)
    assert (summary["videos_created"], summary["downloads_created"]) == (0, 2)
    async with open_client.state["database"].reading() as session:
        assert (await session.get_one(Video, 1)).local_path == kept


async def test_of_two_films_the_wanted_video_gets_the_first(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1))
    for suffix in ("avi", "mp4"):
        film(open_client, f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.{suffix}")
    summary = await index(open_client)
    assert (summary["videos_created"], summary["downloads_created"]) == (0, 2)
    async with open_client.state["database"].reading() as session:
        found = (await session.get_one(Video, 1)).local_path
    assert found == f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.avi"


async def test_two_films_of_a_new_artist_make_one_artist(open_client: Client) -> None:
    for name in ("New One - A Song.mp4", "New One - Another Song.mp4", "NEW ONE - A song (HD).mkv"):
        film(open_client, f"{SHELF}/New One/{name}")
    summary = await index(open_client)
    assert (summary["artists_created"], summary["videos_created"], summary["downloads_created"]) == (1, 2, 3)


async def test_nothing_outside_the_library_is_listed_or_indexed(open_client: Client, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "A - B.mp4"
    outside.parent.mkdir()
    outside.write_bytes(b"film")
    shelf = film(open_client, f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4").parent
    (shelf / "Nova Kestrel - Linked.mp4").symlink_to(outside)
    (shelf / "more").symlink_to(outside.parent)
    (shelf / "loop").symlink_to(shelf)
    film(open_client, f"{SHELF}/.hidden/A - B.mp4")
    film(open_client, f"{SHELF}/Nova Kestrel/._Nova Kestrel - Glass Harbor.mp4")
    for directory in (str(tmp_path), "/", "/etc", f"{SHELF}/..", "data", f"{SHELF}/Nova Kestrel/more", "a\0b", "nope"):
        answer = await open_client.get(FILES, params={"directory": directory})
        assert (answer.status_code, answer.json()["files"]) == (200, []), directory
    assert (await open_client.get(FILES)).json() == {
        "files": [f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"],
        "count": 1,
        "directory": "default",
    }
    for path in (str(outside), f"{SHELF}/Nova Kestrel/Nova Kestrel - Linked.mp4", f"{SHELF}/../mvidarr.db", "", "x"):
        answer = await open_client.post(ONE, json={"file_path": path})
        assert (answer.status_code, answer.json()["success"]) == (400, False), path
    assert await many(open_client, Artist, Video, Download) == [0, 0, 0]


async def test_names_that_are_no_text_are_told_and_leave_the_others_alone(open_client: Client) -> None:
    film(open_client, f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4")
    film(open_client, f"{SHELF}/Nova Kestrel/{os.fsdecode(b'Nova Kestrel - ' + bytes([255]))}.mp4")
    summary = await index(open_client)
    assert (summary["successful"], summary["failed"]) == (1, 1)
    assert "\\udcff" in summary["results"][1]["file_path"]
    assert (await open_client.get(FILES)).json()["count"] == 2


async def test_a_folder_that_can_not_be_read_hides_no_other(open_client: Client) -> None:
    film(open_client, f"{SHELF}/Open/Open - Glass Harbor.mp4")
    deep = "/".join(["d" * 250] * 20)
    film(open_client, f"{SHELF}/{deep[:1000].rstrip('/')}/Deep - Song.mp4")
    assert (await open_client.get(FILES)).json()["count"] == 2


@pytest.mark.parametrize("body", [[1], "x", 5, {"max_files": -1}, {"max_files": "2"}, {"max_files": True}])
async def test_a_wrong_body_is_a_400(open_client: Client, body: object) -> None:
    assert (await open_client.post(ALL, **as_json(body))).status_code == 400
    assert (await open_client.post(ONE, **as_json(body))).status_code == 400


@pytest.mark.parametrize("path", [None, 5, [], "a\0b", "\ud800"])
async def test_a_wrong_path_is_a_400(open_client: Client, path: object) -> None:
    answer = await open_client.post(ONE, **as_json({"file_path": path}))
    assert (answer.status_code, "file_path" in answer.json()["error"]) == (400, True)


async def test_only_so_many_are_indexed_and_large_files_are_no_error(open_client: Client) -> None:
    for number in range(3):
        film(open_client, f"{SHELF}/A/A One - Song {number}.mp4")
    with film(open_client, f"{SHELF}/A/A One - Large.mp4").open("r+b") as file:
        file.truncate(3 * 2**30)
    assert (await index(open_client, max_files=1))["total_files"] == 1
    assert (await index(open_client, max_files=0))["failed"] == 0
    async with open_client.state["database"].reading() as session:
        assert sorted(await session.scalars(select(Download.file_size)), key=lambda size: size or 0) == [None, 4, 4, 4]


async def test_a_library_that_is_being_sorted_is_left_alone(
    open_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastapi_app.indexing.turn.PATIENCE_SECONDS", 0.1)
    async with turn(open_client.config.data_dir):
        answer = await open_client.post(ALL, json={})
    assert (answer.status_code, answer.json()["success"]) == (409, False)
    assert (await open_client.post(ALL, json={})).status_code == 200


async def test_two_at_once_make_every_row_once(open_client: Client) -> None:
    for number in range(20):
        film(open_client, f"{SHELF}/A One/A One - Song {number}.mp4")
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(index, open_client)
    assert await many(open_client, Artist, Video, Download) == [1, 20, 20]


async def test_a_setting_that_leads_outside_is_told(open_client: Client, rows: Rows) -> None:
    rows(Setting(id=9, key="music_videos_path", value="/etc"))
    for answer in (await open_client.get(FILES), await open_client.post(ALL, json={})):
        assert (answer.status_code, "music_videos_path" in answer.json()["error"]) == (409, True)


async def test_statistics_of_an_empty_library_divide_nothing(open_client: Client, rows: Rows) -> None:
    assert (await open_client.get("/api/video-indexing/stats")).json()["imvdb_coverage"] == 0
    rows(artist(), video(1, imvdb_id="1"), video(2), video(3, status=VideoStatus.DOWNLOADED))
    rows(Download(id=1, artist_id=1, title="t", original_url="u", file_path="p", status="completed"))
    open_client.queries.clear()
    found = (await open_client.get("/api/video-indexing/stats")).json()
    assert (found["total_videos"], found["videos_with_files"], found["imvdb_coverage"]) == (3, 1, 33.33)
    assert sum("count" in query for query in open_client.queries) == 1


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("Nova Kestrel - Paper Moon (Official Video).mp4", "Nova Kestrel - Paper Moon.mp4"),
        ("[Live] A - B [Official Music Video] [1080p].mkv", "[Live] A - B.mkv"),
        ("Billie \u2013 bad guy HD.mp4", "Billie - bad guy.mp4"),
        ("-.mp4", "unknown.mp4"),
        (" - .mp4", "unknown.mp4"),
        (unicodedata.normalize("NFD", "Björk - Café.mp4"), "Björk - Café.mp4"),
        ("unsorted_clip.mp4", "unsorted_clip.mp4"),
    ],
)
def test_names_are_cleaned_as_0_9_did_but_stay_composed(name: str, tidy: str) -> None:
    assert cleaned(name) == tidy


@pytest.mark.parametrize(
    ("name", "folder", "read"),
    [
        ("Jay-Z - 99 Problems.mp4", "", ("Jay-Z", "99 Problems")),
        ("Artist-Title.mp4", "", ("Artist", "Title")),
        ("Simon and Garfield The Sound.mp4", "", ("Simon and Garfield", "The Sound")),
        ("unsorted_clip.mp4", "", None),
        ("unsorted_clip.mp4", "A Band", ("A Band", "unsorted_clip")),
        ("Glass Harbor - A Band.mp4", "A Band", ("Glass Harbor", "A Band")),
        ("-.mp4", "A Band", None),
    ],
)
def test_artist_and_title_are_read_from_a_name(name: str, folder: str, read: tuple[str, str] | None) -> None:
    likely = readings(name, folder).likely
    assert (likely and (likely.artist, likely.title)) == read
