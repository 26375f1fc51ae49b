"""Films are moved with their rows: never over another film, never without the row, never twice at once."""

import errno
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from sqlalchemy import select

from fastapi_app.models import Artist, Download, Setting, Video, VideoStatus
from fastapi_app.organization import queries
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.test_indexing import SHELF, film, many

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]
BASE = "/api/video-organization"
INBOX = "data/downloads"
HAVE = VideoStatus.DOWNLOADED


def files(client: Client, stored: str = "data") -> dict[str, bytes]:
    """Every film below a stored folder, by stored path."""
    data = client.config.data_dir
    start = data / stored.removeprefix("data").strip("/")
    found = (path for path in start.rglob("*") if path.is_file() and path.suffix in (".mp4", ".mkv", ".part"))
    return {f"data/{path.relative_to(data)}": path.read_bytes() for path in found}


async def paths(client: Client) -> dict[int, str | None]:
    async with client.state["database"].reading() as session:
        return {row.id: row.local_path for row in await session.execute(select(Video.id, Video.local_path))}


async def post(client: Client, path: str) -> dict[str, Any]:
    answer = await client.post(f"{BASE}/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_film_of_a_known_artist_keeps_its_row(open_client: Client, rows: Rows) -> None:
    film(open_client, f"{INBOX}/Nova Kestrel - Paper Moon (Official Video).mp4")
    rows(artist())
    answer = await post(open_client, "organize/Nova%20Kestrel%20-%20Paper%20Moon%20%28Official%20Video%29.mp4")
    new = f"{SHELF}/Nova Kestrel/Nova Kestrel - Paper Moon.mp4"
    assert answer == {
        "success": True,
        "message": "Successfully organized Nova Kestrel - Paper Moon (Official Video).mp4",
        "result": {
            "original_path": f"{INBOX}/Nova Kestrel - Paper Moon (Official Video).mp4",
            "success": True,
            "error": None,
            "artist": "Nova Kestrel",
            "title": "Paper Moon",
            "new_path": new,
            "cleaned_filename": "Nova Kestrel - Paper Moon.mp4",
        },
    }
    assert files(open_client) == {new: b"film"}
    assert await paths(open_client) == {1: new}
    assert await many(open_client, Artist, Video, Download) == [1, 1, 1]


async def test_a_wanted_video_gets_the_film_and_others_keep_theirs(open_client: Client, rows: Rows) -> None:
    kept = f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"
    rows(artist(), video(1, "Paper Moon"), video(2, "Glass Harbor", status=HAVE, local_path=kept))
    film(open_client, kept, b"kept")
    film(open_client, f"{INBOX}/Nova Kestrel - Glass Harbor.mp4", b"second")
    film(open_client, f"{INBOX}/deep/er/nova kestrel - PAPER MOON.MP4", b"first")
    summary = (await post(open_client, "organize-all"))["summary"]
    assert (summary["total_files"], summary["successful"], summary["failed"]) == (2, 2, 0)
    second = f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor (1).mp4"
    assert files(open_client)[second] == b"second"
    assert files(open_client)[kept] == b"kept"
    assert await paths(open_client) == {1: f"{SHELF}/Nova Kestrel/Nova Kestrel - PAPER MOON.MP4", 2: kept}
    assert (open_client.config.data_dir / "downloads").is_dir()


async def test_a_film_that_is_in_its_place_already_stays_there(open_client: Client, rows: Rows) -> None:
    there = f"{SHELF}/Nova Kestrel/Nova Kestrel - Song.mp4"
    film(open_client, there)
    rows(artist(), Setting(id=9, key="downloads_path", value=f"{SHELF}/Nova Kestrel"))
    assert (await post(open_client, "organize-all"))["summary"]["results"][0]["new_path"] == there
    assert list(files(open_client)) == [there]


@pytest.mark.parametrize("name", ["nope.mp4", "..", "folder.mp4", "notes.txt", "a\0b.mp4", "x" * 300 + ".mp4"])
async def test_what_is_no_film_is_not_found(open_client: Client, name: str) -> None:
    (open_client.config.data_dir / "downloads" / "folder.mp4").mkdir(parents=True)
    film(open_client, f"{INBOX}/notes.txt")
    answer = await open_client.post(f"{BASE}/organize/{quote(name).replace('.', '%2e')}")
    assert answer.status_code in (400, 404)
    if answer.status_code == 400:
        stored = f"{INBOX}/{name}"
        error = f"File not found: {name}"
        result = {"success": False, "error": error, "original_path": stored}
        assert answer.json() == {"success": False, "error": error, "result": result}


async def test_a_name_that_says_nothing_and_a_link_stay(open_client: Client) -> None:
    film(open_client, f"{INBOX}/unsorted_clip.mp4")
    (open_client.config.data_dir / "downloads" / "A One - B.mp4").symlink_to("unsorted_clip.mp4")
    answer = await open_client.post(f"{BASE}/organize/unsorted_clip.mp4")
    assert (answer.status_code, answer.json()["error"]) == (400, "Could not parse artist and title from filename")
    assert (await open_client.post(f"{BASE}/organize/A%20One%20-%20B.mp4")).status_code == 400
    assert (await post(open_client, "organize-all"))["summary"]["failed"] == 2


async def test_a_commit_that_fails_leaves_the_film_where_its_row_says(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"{SHELF}/Nova Kestrel/clip.mp4"
    film(open_client, old)
    rows(artist(), video(1, local_path=old, status=HAVE))

    async def broken(*_: Any) -> None:
        raise ValueError("the database is gone")

    monkeypatch.setattr(queries, "rename_film", broken)
    assert (await open_client.post(f"{BASE}/reorganize-existing")).status_code == 500
    assert list(files(open_client)) == [old]
    assert await paths(open_client) == {1: old}
    monkeypatch.undo()
    await post(open_client, "reorganize-existing")
    new = f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"
    assert (list(files(open_client)), await paths(open_client)) == ([new], {1: new})


async def test_a_visitor_who_leaves_in_between_leaves_the_film_where_its_row_says(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"{SHELF}/Nova Kestrel/clip.mp4"
    film(open_client, old)
    rows(artist(), video(1, local_path=old, status=HAVE))
    began = anyio.Event()

    async def slow(*_: Any) -> bool:
        began.set()
        await anyio.sleep_forever()
        return True

    monkeypatch.setattr(queries, "rename_film", slow)
    async with anyio.create_task_group() as group:
        group.start_soon(open_client.post, f"{BASE}/reorganize-existing")
        await began.wait()
        assert len(files(open_client)) == 2
        group.cancel_scope.cancel()
    assert (list(files(open_client)), await paths(open_client)) == ([old], {1: old})
    monkeypatch.undo()
    assert (await post(open_client, "reorganize-existing"))["summary"]["successful"] == 1


async def test_somebody_who_changes_the_row_meanwhile_wins(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"{SHELF}/Nova Kestrel/clip.mp4"
    film(open_client, old)
    rows(artist(), video(1, local_path=old, status=HAVE))

    async def overtaken(*_: Any) -> bool:
        return False

    monkeypatch.setattr(queries, "rename_film", overtaken)
    summary = (await post(open_client, "reorganize-existing"))["summary"]
    assert (summary["failed"], list(files(open_client))) == (1, [old])


async def test_another_drive_gets_a_whole_copy(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(artist(), Setting(id=9, key="auto_index_organized_videos", value="true"))
    old = film(open_client, f"{INBOX}/Nova Kestrel - Paper Moon.mp4")
    os.utime(old, (1_700_000_000, 1_700_000_000))
    link, rename = os.link, Path.rename

    def on_drives(source: Any, target: Any, **options: Any) -> None:
        if Path(source).parent.name == "downloads":
            raise OSError(errno.EXDEV, "another drive")
        link(source, target, **options)

    def across(source: Path, target: Any) -> Path:
        if source.parent.name == "downloads":
            raise OSError(errno.EXDEV, "another drive")
        return rename(source, target)

    monkeypatch.setattr(os, "link", on_drives)
    monkeypatch.setattr(Path, "rename", across)
    assert (await post(open_client, "organize-all"))["summary"]["successful"] == 1
    new = f"{SHELF}/Nova Kestrel/Nova Kestrel - Paper Moon.mp4"
    assert (files(open_client), await paths(open_client)) == ({new: b"film"}, {1: new})
    moved = open_client.config.data_dir / new.removeprefix("data/")
    assert moved.stat().st_mtime == 1_700_000_000


async def test_filing_the_library_twice_changes_nothing_the_second_time(open_client: Client, rows: Rows) -> None:
    apart = unicodedata.normalize("NFD", "Björk Ågren")
    rows(artist(1, "Björk Ågren"), artist(2, "100% Pure"), artist(3, "Golden: Mover?"))
    stored = {
        1: f"{SHELF}/{apart}/{apart} - Ísland.mp4",
        2: f"{SHELF}/100% Pure/Dance Without You 51.mp4",
        3: f"{SHELF}/Golden_ Mover_/Golden_ Mover_ - Moon_Rise.mp4",
        4: f"{SHELF}/wrong/whatever.mp4",
    }
    titles = {1: (1, "Ísland"), 2: (2, "Dance Without You 51"), 3: (3, "Moon/Rise"), 4: (2, "Rain (Remix)")}
    for number, path in stored.items():
        film(open_client, path, str(number).encode())
        rows(video(number, titles[number][1], titles[number][0], local_path=path, status=HAVE))
    film(open_client, f"{SHELF}/100% Pure/100% Pure - Dance Without You 51.mp4", b"copy")
    rows(Download(id=1, artist_id=2, video_id=4, title="t", original_url="u", file_path=stored[4]))
    first = (await post(open_client, "reorganize-existing"))["summary"]
    assert (first["total_files"], first["successful"], first["failed"], first["skipped"]) == (5, 5, 0, 0)
    now = await paths(open_client)
    assert now[2] == f"{SHELF}/100% Pure/100% Pure - Dance Without You 51 (1).mp4"
    assert now[4] == f"{SHELF}/100% Pure/100% Pure - Rain (Remix).mp4"
    assert {number: files(open_client)[path or ""] for number, path in now.items()} == {
        number: str(number).encode() for number in stored
    }
    before = files(open_client)
    again = (await post(open_client, "reorganize-existing"))["summary"]
    assert {result["action"] for result in again["results"]} == {"already_organized"}
    assert (files(open_client), await paths(open_client)) == (before, now)
    async with open_client.state["database"].reading() as session:
        assert (await session.get_one(Download, 1)).file_path == now[4]


async def test_two_organisers_at_once_move_every_film_once(open_client: Client, rows: Rows) -> None:
    rows(artist())
    for number in range(12):
        film(open_client, f"{INBOX}/Nova Kestrel - Song {number}.mp4", str(number).encode())
    found: list[int] = []

    async def organize() -> None:
        found.append((await post(open_client, "organize-all"))["summary"]["successful"])

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(organize)
    assert sorted(found) == [0, 0, 12]
    assert len(files(open_client, SHELF)) == 12
    assert len({path for path in (await paths(open_client)).values() if path}) == 12


async def test_a_drive_that_is_away_gets_no_folder_in_its_place(open_client: Client, rows: Rows) -> None:
    film(open_client, f"{INBOX}/Nova Kestrel - Paper Moon.mp4")
    rows(artist(), video(1, local_path=f"{SHELF}/a/b.mp4", status=HAVE))
    answer = await open_client.post(f"{BASE}/organize-all")
    assert (answer.status_code, (open_client.config.data_dir / "musicvideos").exists()) == (409, False)
    status = (await open_client.get(f"{BASE}/status")).json()
    assert (status["directories_exist"], status["pending_downloads"]) == (False, 1)
    assert not (open_client.config.data_dir / "musicvideos").exists()


async def test_without_auto_indexing_files_move_and_no_rows_are_made(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1, "Paper Moon"), Setting(id=9, key="auto_index_organized_videos", value="false"))
    for title in ("Paper Moon", "New Song"):
        film(open_client, f"{INBOX}/Nova Kestrel - {title}.mp4")
    film(open_client, f"{INBOX}/Nobody Known - Song.mp4")
    assert (await post(open_client, "organize-all"))["summary"]["successful"] == 3
    assert await many(open_client, Artist, Video) == [1, 1]
    assert await paths(open_client) == {1: f"{SHELF}/Nova Kestrel/Nova Kestrel - Paper Moon.mp4"}


async def test_only_empty_folders_go(open_client: Client, tmp_path: Path) -> None:
    shelf = film(open_client, f"{SHELF}/Full/Full - A.mp4").parents[1]
    for name in ("Empty", ".hidden", "Deep/er"):
        (shelf / name).mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (shelf / "Linked").symlink_to(tmp_path / "outside")
    assert (await post(open_client, "cleanup")) == {
        "success": True,
        "message": "Removed 1 empty directories",
        "removed_count": 1,
    }
    assert sorted(path.name for path in shelf.iterdir()) == [".hidden", "Deep", "Full", "Linked"]
    found = (await open_client.get(f"{BASE}/artists")).json()
    assert [(one["name"], one["path"], one["video_count"]) for one in found["artists"]] == [
        ("Deep", f"{SHELF}/Deep", 0),
        ("Full", f"{SHELF}/Full", 1),
    ]
    assert (found["count"], found["total_videos"]) == (2, 1)


async def test_names_from_the_disk_never_lead_out_of_the_library(open_client: Client) -> None:
    film(open_client, f"{INBOX}/.. - .. .mp4")
    film(open_client, f"{INBOX}/... - Song.mp4")
    film(open_client, f"{INBOX}/A\nB - C\tD.mp4")
    await post(open_client, "organize-all")
    assert all(path.startswith((f"{SHELF}/", f"{INBOX}/")) for path in files(open_client))
