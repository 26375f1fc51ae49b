"""Films on the disk: found again, matched to rows, and never anything outside or of somebody else."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastapi_app.models import Artist, Setting, Video, VideoStatus
from fastapi_app.videos.films.folders import spellings
from fastapi_app.videos.films.titles import is_film_of, resembles, title_in
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]
FIX = "/api/videos/recovery/fix-missing"
SCAN = "/api/videos/scan-directories"
HAVE = VideoStatus.DOWNLOADED


def film(client: Client, stored: str, content: bytes = b"film") -> Path:
    path = client.config.data_dir / stored.removeprefix("data/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def stored(client: Client, video_id: int) -> tuple[VideoStatus | None, str | None]:
    async with client.state["database"].reading() as session:
        found = await session.get_one(Video, video_id)
        return found.status, found.local_path


async def fix(client: Client) -> tuple[int, ...]:
    """How many are downloaded, missing, recovered, wanted again, and how many artists are watched again."""
    answer = await client.post(FIX)
    assert answer.status_code == 200, answer.text
    names = ("total_downloaded", "missing_files", "recovered_videos", "marked_wanted", "artists_monitored")
    return tuple(answer.json()["statistics"][name] for name in names)


async def scan(client: Client, **body: Any) -> dict[str, Any]:
    answer = await client.post(SCAN, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_film_that_is_gone_is_found_again_or_wanted(open_client: Client, rows: Rows) -> None:
    rows(artist(monitored=False), artist(2, "Other", monitored=False))
    rows(
        video(1, "Glass Harbor", status=HAVE, local_path="data/musicvideos/x/there.mp4"),
        video(2, "Paper Moon", status=HAVE, local_path="data/musicvideos/x/gone.mp4"),
        video(3, "Never Seen Again", status=HAVE, local_path="/app/data/musicvideos/x/gone too.mp4"),
        video(4, "Without", status=HAVE),
        video(5, "Failed", status=VideoStatus.FAILED, local_path="data/musicvideos/x/gone.mp4"),
    )
    film(open_client, "data/musicvideos/x/there.mp4")
    film(open_client, "data/downloads/Nova Kestrel/Nova Kestrel - Paper Moon.mp4")
    answer = (await open_client.post(FIX)).json()
    assert answer["message"] == "Fixed 2 missing videos: 1 recovered, 1 marked as wanted"
    assert answer["statistics"] == {
        "total_downloaded": 4,
        "missing_files": 2,
        "recovered_videos": 1,
        "marked_wanted": 1,
        "artists_monitored": 1,
    }
    assert await stored(open_client, 2) == (HAVE, "data/downloads/Nova Kestrel/Nova Kestrel - Paper Moon.mp4")
    assert await stored(open_client, 3) == (VideoStatus.WANTED, None)
    assert await stored(open_client, 5) == (VideoStatus.FAILED, "data/musicvideos/x/gone.mp4")
    async with open_client.state["database"].reading() as session:
        assert [(await session.get_one(Artist, number)).monitored for number in (1, 2)] == [True, False]


async def test_a_drive_that_is_away_and_paths_outside_change_nothing(open_client: Client, rows: Rows) -> None:
    film(open_client, "data/musicvideos/other.mp4")
    paths = ("data/unmounted/a.mp4", "/etc/nothing", "data/../../x.mp4", "data/musicvideos/loop/a.mp4", "data/none.mp4")
    rows(artist(), *(video(number, status=HAVE, local_path=path) for number, path in enumerate(paths, 1)))
    (open_client.config.data_dir / "musicvideos" / "loop").symlink_to("loop")
    assert await fix(open_client) == (5, 0, 0, 0, 0)
    assert [await stored(open_client, number) for number in range(1, 6)] == [(HAVE, path) for path in paths]


async def test_no_film_is_given_to_two_videos_or_taken_from_one(open_client: Client, rows: Rows) -> None:
    shelf = "data/musicvideos/Nova Kestrel"
    rows(
        artist(),
        video(1, "Paper Moon", status=HAVE, local_path=f"/app/{shelf}/Paper Moon.mp4"),
        video(2, "Paper Moon", status=HAVE, local_path=f"{shelf}/lost.mp4"),
        video(3, "Glass Harbor", status=HAVE, local_path=f"{shelf}/lost too.mp4"),
        video(4, "Glass Harbor", status=HAVE, local_path=f"{shelf}/lost as well.mp4"),
        video(5, "Glass", status=HAVE, local_path=f"{shelf}/lost five.mp4"),
    )
    film(open_client, f"{shelf}/Paper Moon.mp4")
    film(open_client, f"{shelf}/Nova Kestrel - Glass Harbor (Official Video).MP4")
    assert await fix(open_client) == (5, 4, 1, 3, 0)
    assert await stored(open_client, 3) == (HAVE, f"{shelf}/Nova Kestrel - Glass Harbor (Official Video).MP4")
    assert [(await stored(open_client, number))[0] for number in (2, 4, 5)] == [VideoStatus.WANTED] * 3


async def test_names_that_a_mac_took_apart_are_the_same_names(open_client: Client, rows: Rows) -> None:
    apart = unicodedata.normalize("NFD", "data/musicvideos/Björk Ågren/Björk Ågren - Déjà Vu.mp4")
    whole = unicodedata.normalize("NFC", apart)
    film(open_client, apart)
    rows(artist(1, "Björk Ågren"), video(1, "Déjà Vu", status=HAVE, local_path=whole))
    assert (await scan(open_client))["summary"]["video_files_found"] == 0
    assert await fix(open_client) == (1, 1, 1, 0, 0)
    assert await stored(open_client, 1) == (HAVE, apart)


async def test_downloads_lie_where_the_setting_says_but_never_outside(open_client: Client, rows: Rows) -> None:
    film(open_client, "data/inbox/Nova Kestrel/Glass Harbor.mp4")
    rows(artist(), video(1, status=HAVE, local_path="data/inbox/lost.mp4"))
    for outside in ("/etc", "..", "data/..", "/"):
        rows(
            Setting(id=9, key="downloads_directory", value=outside),
            video(1, status=HAVE, local_path="data/inbox/x.mp4"),
        )
        assert (await fix(open_client))[2] == 0, outside
    rows(Setting(id=9, key="downloads_directory", value="data/inbox/"))
    rows(video(1, status=HAVE, local_path="data/inbox/lost.mp4"))
    assert (await fix(open_client))[2] == 1
    assert (await stored(open_client, 1))[1] == "data/inbox/Nova Kestrel/Glass Harbor.mp4"


async def test_what_changed_while_the_disk_was_read_is_left_alone(
    open_client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(open_client, "data/musicvideos/there.mp4")
    rows(artist(), video(1, status=HAVE, local_path="data/musicvideos/gone.mp4"))

    def mended_meanwhile(*_given: Any) -> bool:
        rows(video(1, status=HAVE, local_path="data/musicvideos/there.mp4"))
        return True

    monkeypatch.setattr("fastapi_app.videos.recovery.search.is_gone", mended_meanwhile)
    assert await fix(open_client) == (1, 0, 0, 0, 0)
    assert await stored(open_client, 1) == (HAVE, "data/musicvideos/there.mp4")


async def test_a_scan_looks_first_and_writes_when_told(open_client: Client, rows: Rows) -> None:
    shelf = "data/musicvideos/Nova Kestrel"
    rows(
        artist(),
        artist(2, "Nobody"),
        video(1, "Glass"),
        video(2, "Glass Harbor"),
        video(3, "Tracked", local_path=f"{shelf}/t.mp4"),
    )
    film(open_client, f"{shelf}/Nova Kestrel - Glass Harbor.mp4")
    film(open_client, f"{shelf}/t.mp4")
    film(open_client, f"{shelf}/notes.txt")
    film(open_client, f"{shelf}/deeper/Tracked.mp4")
    looked = await scan(open_client)
    assert looked["summary"] == {"artists_scanned": 2, "video_files_found": 1, "videos_updated": 0, "errors": 0}
    assert looked["found_videos"] == [
        {
            "artist_id": 1,
            "artist_name": "Nova Kestrel",
            "file_path": f"{shelf}/Nova Kestrel - Glass Harbor.mp4",
            "filename": "Nova Kestrel - Glass Harbor.mp4",
            "extracted_title": "Glass Harbor",
            "file_size": 4,
            "existing_video_id": 2,
            "existing_video_title": "Glass Harbor",
            "existing_status": "WANTED",
            "existing_local_path": None,
        }
    ]
    assert await stored(open_client, 2) == (VideoStatus.WANTED, None)
    wrote = await scan(open_client, dry_run=False, artist_id="1")
    assert (wrote["dry_run"], wrote["summary"]["artists_scanned"]) == (False, 1)
    assert [(row["video_id"], row["old_status"], row["old_path"]) for row in wrote["updated_videos"]] == [
        (2, "WANTED", None)
    ]
    assert await stored(open_client, 2) == (HAVE, f"{shelf}/Nova Kestrel - Glass Harbor.mp4")
    assert (await scan(open_client, dry_run=False))["found_videos"] == []


async def test_a_scan_takes_no_film_away(open_client: Client, rows: Rows) -> None:
    shelf = "data/musicvideos/Nova Kestrel"
    rows(
        artist(),
        artist(2, 'Nova "Kestrel"'),
        video(1, "Glass Harbor", status=HAVE, local_path="data/musicvideos/x/mine.mp4"),
        video(2, "Paper Moon"),
        video(3, "Paper Moon", 2, local_path=f"/app/{shelf}/Paper Moon.mp4"),
        video(4, "Lost One", local_path="data/musicvideos/x/gone.mp4"),
    )
    film(open_client, "data/musicvideos/x/mine.mp4")
    for name in ("Glass Harbor live.mp4", "Paper Moon.mp4", "Lost One.mp4", "Lost One (2).mp4"):
        film(open_client, f"{shelf}/{name}")
    wrote = await scan(open_client, dry_run=False, artist_id=1)
    assert [(row["video_id"], row["old_path"], row["new_path"]) for row in wrote["updated_videos"]] == [
        (4, "data/musicvideos/x/gone.mp4", f"{shelf}/Lost One (2).mp4")
    ]
    assert (await stored(open_client, 1))[1] == "data/musicvideos/x/mine.mp4"
    assert (await stored(open_client, 2))[1] is None


async def test_a_scan_stays_inside_and_tells_what_it_could_not_read(
    open_client: Client, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "Secret.mp4").write_bytes(b"x")
    library = film(open_client, "data/musicvideos/Nova Kestrel/Real.mp4").parent.parent
    (library / "Nova Kestrel" / "Linked out.mp4").symlink_to(outside / "Secret.mp4")
    (library / "Nova Kestrel" / "Loop.mp4").symlink_to("Loop.mp4")
    (library / "Nova Kestrel" / "Dangling.mp4").symlink_to("nothing.mp4")
    (library / "Nova Kestrel" / "Linked in.mp4").symlink_to("Real.mp4")
    (library / "Nova Kestrel" / "folder.mp4").mkdir()
    (library / "Nova Kestrel" / os.fsdecode(b"bad \xff.mp4")).write_bytes(b"x")
    (library / "Linked").symlink_to(outside)
    (library / "Locked").mkdir()
    rows(artist(), *(artist(n, name) for n, name in enumerate(("Linked", "Locked", "..", ".", "", "a/b"), 2)))
    real_scandir = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path).name == "Locked":
            raise PermissionError(path)
        return real_scandir(path)

    monkeypatch.setattr("fastapi_app.videos.films.folders.os.scandir", refuse)
    found = await scan(open_client, dry_run=False)
    assert [row["filename"] for row in found["found_videos"]] == ["Linked in.mp4", "Real.mp4"]
    assert found["errors"] == [
        {"artist": "Nova Kestrel", "error": "The name of the file is not text, or too long", "file": "bad \\udcff.mp4"},
        {"artist": "Locked", "error": "The folder can't be read"},
    ]


async def test_bad_scans_are_refused(open_client: Client, rows: Rows) -> None:
    assert (await open_client.post(SCAN, json={})).json() == {"error": "Video directory not found"}
    film(open_client, "data/musicvideos/x/a.mp4")
    rows(artist())
    for body, status in (
        ({"artist_id": 9}, 404),
        ({"artist_id": "x"}, 404),
        ({"artist_id": [1]}, 400),
        ({"dry_run": "no"}, 400),
        ([1], 400),
        ("x", 400),
        ({"artist_id": None, "dry_run": None}, 200),
        ([], 200),
    ):
        assert (await open_client.post(SCAN, **as_json(body))).status_code == status, body
    assert (await open_client.post(SCAN)).status_code == 415


def test_a_title_is_what_is_left_of_a_name() -> None:
    cases = {
        "Nova Kestrel - Glass Harbor": "Glass Harbor",
        "nova kestrel-Glass Harbor": "Glass Harbor",
        "Glass Harbor - Nova Kestrel": "Glass Harbor",
        "Glass Harbor": "Glass Harbor",
        "Nova Kestrel - ": "Nova Kestrel -",
        " ": " ",
    }
    assert {name: title_in(name, "Nova Kestrel") for name in cases} == cases
    assert title_in("A.B (x) - T", "A.B (x)") == "T"
    assert (resembles("", "x"), resembles("LOVE", "Love Me Do"), resembles("a", "b")) == (False, True, False)


def test_a_film_is_recognised_but_not_guessed() -> None:
    names = ("x [dQw4w9WgXcQ].mp4", "Nova Kestrel - LOVE ME DO.mp4", "Love Me Do (Live).mp4", "Nova Kestrel - Love.mp4")
    assert [is_film_of("Love Me Do", "dQw4w9WgXcQ", "Nova Kestrel", name) for name in names] == [3, 2, 1, 0]
    assert [is_film_of("Love", None, "Nova Kestrel", name) for name in names] == [0, 0, 0, 2]
    assert [is_film_of("???", "ab", "Nova Kestrel", name) for name in names] == [0, 0, 0, 0]


def test_an_artist_is_never_a_way_out() -> None:
    for name in ("..", ".", "", "../..", "a/../..", "/etc", "a\0b"):
        assert all("/" not in one and "\0" not in one for one in spellings(name)), name
