"""Films become rows and are moved with them: nobody twice, nothing outside, no film over another."""

import errno
import os
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Download, Setting, Video, VideoStatus
from legacy_flask import indexing_files
from legacy_flask.indexing_names import clean_name, ways_to_read
from legacy_flask.views import organization
from tests.legacy_flask.library import Library, artist, video

SHELF, INBOX = "data/musicvideos", "data/downloads"
INDEXING, ORGANIZATION = "/api/video-indexing", "/api/video-organization"
HAVE = VideoStatus.DOWNLOADED


def ask(library: Library, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = library.client().post(path, json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def files(library: Library) -> dict[str, bytes]:
    found = (path for path in library.data.rglob("*") if path.suffix in (".mp4", ".mkv", ".part") and path.is_file())
    return {f"data/{path.relative_to(library.data)}": path.read_bytes() for path in found}


def paths(library: Library) -> dict[int, str | None]:
    with Session(library.engine) as session:
        return {row.id: row.local_path for row in session.query(Video)}


def test_decomposed_accents_and_missing_punctuation_make_no_second_artist(library: Library) -> None:
    library.add(artist(1, "Björk Ågren"), artist(2, "D'Angela O'Neill"), artist(3, "AC/DC"))
    library.add(video(1, 2, title="Don't Stop"))
    apart = unicodedata.normalize("NFD", f"{SHELF}/Björk Ågren/Björk Ågren - Ísland.mp4")
    for stored in (apart, f"{SHELF}/D'Angela O'Neill/D'Angela O'Neill - Dont Stop.mp4", f"{SHELF}/AC_DC/Thunder.mkv"):
        library.file(stored)
    summary = ask(library, f"{INDEXING}/index-all")["summary"]
    assert (summary["successful"], summary["artists_created"], summary["videos_created"]) == (3, 0, 2)
    assert ask(library, f"{INDEXING}/index-all")["summary"]["already_indexed"] == 3
    assert [library.count(table) for table in (Artist, Video, Download)] == [3, 3, 3]
    assert library.one(Video, 1).status is HAVE


def test_nothing_outside_is_listed_indexed_or_counted(library: Library, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "A One - B.mp4").write_bytes(b"film")
    shelf = library.file(f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4").parent
    (shelf / "linked.mp4").symlink_to(outside / "A One - B.mp4")
    (shelf / "more").symlink_to(outside)
    library.file(f"{SHELF}/.hidden/A One - B.mp4")
    for directory in (str(outside), "/", "data", f"{SHELF}/..", f"{SHELF}/Nova Kestrel/more", "a\0b"):
        answer = library.client().get(f"{INDEXING}/scan-files", query_string={"directory": directory}).json
        assert answer is not None
        assert answer["files"] == []
    for path in (str(outside / "A One - B.mp4"), f"{SHELF}/Nova Kestrel/linked.mp4", f"{SHELF}/../mvidarr.db"):
        assert ask(library, f"{INDEXING}/index-single", 400, file_path=path)["success"] is False
    found = library.client().get(f"{ORGANIZATION}/artists").json
    assert found is not None
    assert [(one["name"], one["video_count"]) for one in found["artists"]] == [("Nova Kestrel", 1)]
    library.add(Setting(key="downloads_path", value="/etc"))
    assert library.client().get(f"{ORGANIZATION}/status").status_code == 409


def test_names_that_are_no_text_are_told_and_leave_the_others_alone(library: Library) -> None:
    folder = library.file(f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4").parent
    Path(os.fsdecode(os.fsencode(folder) + b"/Nova Kestrel - \xff.mp4")).write_bytes(b"film")
    summary = ask(library, f"{INDEXING}/index-all")["summary"]
    assert (summary["successful"], summary["failed"]) == (1, 1)
    assert ask(library, f"{ORGANIZATION}/reorganize-existing")["summary"]["skipped"] == 1


def test_a_film_of_a_known_artist_keeps_its_row_and_takes_no_other_film_s_place(library: Library) -> None:
    kept = f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"
    library.add(artist(1, "Nova Kestrel"), video(1, 1, title="Glass Harbor", local_path=kept, status=HAVE))
    library.add(video(2, 1, title="Paper Moon"))
    library.file(kept, b"kept")
    library.file(f"{INBOX}/Nova Kestrel - Glass Harbor.mp4", b"second")
    library.file(f"{INBOX}/Nova Kestrel - Paper Moon (Official Video).mp4", b"moon")
    library.file(f"{INBOX}/Nova Kestrel - Quite New.mp4", b"new")
    assert ask(library, f"{ORGANIZATION}/organize-all")["message"] == "Organized 3 of 3 videos"
    there = f"{SHELF}/Nova Kestrel/Nova Kestrel"
    assert files(library) == {
        kept: b"kept",
        f"{there} - Glass Harbor (1).mp4": b"second",
        f"{there} - Paper Moon.mp4": b"moon",
        f"{there} - Quite New.mp4": b"new",
    }
    assert paths(library) == {1: kept, 2: f"{there} - Paper Moon.mp4", 3: f"{there} - Quite New.mp4"}
    assert (library.data / "downloads").is_dir()


def test_a_transaction_that_fails_leaves_the_film_where_its_row_says(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"{SHELF}/Nova Kestrel/clip.mp4"
    library.add(artist(1, "Nova Kestrel"), video(1, 1, title="Glass Harbor", local_path=old, status=HAVE))
    library.file(old)

    def broken(*_: Any) -> bool:
        raise ValueError("the database is gone")

    library.app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(organization, "give", broken)
    ask(library, f"{ORGANIZATION}/reorganize-existing", 500)
    assert (list(files(library)), paths(library)) == ([old], {1: old})
    monkeypatch.setattr(organization, "give", lambda *_: False)
    assert ask(library, f"{ORGANIZATION}/reorganize-existing")["summary"]["failed"] == 1
    assert (list(files(library)), paths(library)) == ([old], {1: old})
    monkeypatch.undo()
    ask(library, f"{ORGANIZATION}/reorganize-existing")
    new = f"{SHELF}/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"
    assert (list(files(library)), paths(library)) == ([new], {1: new})
    again = ask(library, f"{ORGANIZATION}/reorganize-existing")["summary"]["results"]
    assert [one["action"] for one in again] == ["already_organized"]


def test_another_drive_gets_a_whole_copy(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.file(f"{INBOX}/Nova Kestrel - Paper Moon.mp4")
    link, rename = os.link, Path.rename

    def on_drives(source: Any, target: Any) -> None:
        if Path(source).parent.name == "downloads":
            raise OSError(errno.EXDEV, "another drive")
        link(source, target)

    def across(source: Path, target: Any) -> Path:
        if source.parent.name == "downloads":
            raise OSError(errno.EXDEV, "another drive")
        return rename(source, target)

    monkeypatch.setattr(os, "link", on_drives)
    monkeypatch.setattr(Path, "rename", across)
    assert ask(library, f"{ORGANIZATION}/organize-all")["summary"]["successful"] == 1
    assert files(library) == {f"{SHELF}/Nova Kestrel/Nova Kestrel - Paper Moon.mp4": b"film"}


def test_two_organisers_at_once_move_every_film_once(library: Library) -> None:
    for number in range(8):
        library.file(f"{INBOX}/Nova Kestrel - Song {number}.mp4")
    found: list[int] = []

    def organize() -> None:
        found.append(ask(library, f"{ORGANIZATION}/organize-all")["summary"]["successful"])

    threads = [threading.Thread(target=organize) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 0, 8]
    assert [library.count(table) for table in (Artist, Video, Download)] == [1, 8, 8]


def test_a_library_that_is_held_too_long_is_a_409(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing_files, "PATIENCE_SECONDS", 0.1)
    with library.app.app_context(), indexing_files.turn():
        assert ask(library, f"{INDEXING}/index-all", 409)["success"] is False
    ask(library, f"{INDEXING}/index-all")


def test_a_drive_that_is_away_gets_no_folder_in_its_place(library: Library) -> None:
    library.add(artist(1, "Nova Kestrel"), video(1, 1, local_path=f"{SHELF}/a/b.mp4", status=HAVE))
    library.file(f"{INBOX}/Nova Kestrel - Paper Moon.mp4")
    (library.data / "musicvideos").rmdir()
    ask(library, f"{ORGANIZATION}/organize-all", 409)
    answer = library.client().get(f"{ORGANIZATION}/status").json
    assert answer is not None
    assert answer["directories_exist"] is False
    assert not (library.data / "musicvideos").exists()


@pytest.mark.parametrize("name", ["nope.mp4", "%2e%2e", "notes.txt", "folder.mp4", "a%00b.mp4"])
def test_what_is_no_film_is_not_found(library: Library, name: str) -> None:
    library.file(f"{INBOX}/notes.txt")
    (library.data / "downloads" / "folder.mp4").mkdir()
    answer = library.client().post(f"{ORGANIZATION}/organize/{name}")
    assert answer.status_code in (400, 404)
    assert files(library) == {}


@pytest.mark.parametrize("body", [[1], "x", {"max_files": -1}, {"max_files": True}, {"fetch_metadata": "yes"}])
def test_a_wrong_body_is_a_400(library: Library, body: object) -> None:
    for path in ("index-all", "index-single"):
        assert library.client().post(f"{INDEXING}/{path}", json=body).status_code == 400


def test_only_empty_folders_go(library: Library) -> None:
    library.file(f"{SHELF}/Full/Full - A.mp4")
    for name in ("Empty", ".hidden", "Deep/er"):
        (library.data / "musicvideos" / name).mkdir(parents=True)
    assert ask(library, f"{ORGANIZATION}/cleanup")["removed_count"] == 1
    assert {path.name for path in (library.data / "musicvideos").iterdir()} == {"Full", ".hidden", "Deep"}


@pytest.mark.parametrize(
    ("name", "folder", "tidy", "read"),
    [
        ("Nova Kestrel - Paper Moon (Official Video).mp4", "", "Nova Kestrel - Paper Moon.mp4", "Nova Kestrel"),
        ("Jay-Z - 99 Problems.mp4", "", "Jay-Z - 99 Problems.mp4", "Jay-Z"),
        ("Simon and Garfield The Sound.mp4", "", "Simon and Garfield The Sound.mp4", "Simon and Garfield"),
        ("Dance Without You 51.mp4", "100% Pure", "Dance Without You 51.mp4", "100% Pure"),
        ("unsorted_clip.mp4", "", "unsorted_clip.mp4", None),
        (" - .mp4", "", "unknown.mp4", None),
    ],
)
def test_names_are_read_as_they_are_meant(name: str, folder: str, tidy: str, read: str | None) -> None:
    likely = ways_to_read(name, folder)[1]
    assert (clean_name(name), likely.artist if likely else None) == (tidy, read)
