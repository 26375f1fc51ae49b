"""The video routes: changes, coercions, and files that move with their row."""

from pathlib import Path

import pytest

from fastapi_app.models import Artist, Video, VideoStatus
from tests.legacy_flask.library import Library, artist, video

STORED = "data/musicvideos/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4"


def put(library: Library, body: object) -> tuple[int, dict[str, object]]:
    answer = library.client().put("/api/videos/1", json=body)
    return answer.status_code, answer.json or {}


@pytest.fixture
def film(library: Library) -> Path:
    library.add(artist(1), video(1, local_path=STORED))
    return library.file(STORED)


@pytest.mark.parametrize(
    ("given", "stored"), [("1999", 1999), (12.7, 13), (-5, -5), (True, 1), (None, None), ("  7 ", 7), ("1e2", 100)]
)
def test_numbers_are_read_as_mariadb_read_them(library: Library, given: object, stored: int | None) -> None:
    library.add(artist(1), video(1))
    assert put(library, {"year": given})[1]["year"] == stored


@pytest.mark.parametrize("given", ["abc", 99999999999, [], "nan", "1e99"])
def test_numbers_that_do_not_fit_are_named(library: Library, given: object) -> None:
    library.add(artist(1), video(1, year=1990))
    status, body = put(library, {"year": given})
    assert status == 400
    assert str(body["error"]).startswith("year must be a whole number")
    assert library.one(Video, 1).year == 1990


def test_an_unknown_status_is_named(library: Library) -> None:
    library.add(artist(1), video(1))
    assert put(library, {"status": "bogus"})[0] == 400
    assert put(library, {"status": "monitored"})[1]["status"] == "MONITORED"


def test_genres_of_the_artist_follow_those_of_the_videos(library: Library) -> None:
    library.add(artist(1), video(1), video(2, genres=["Pop", "Rock"]))
    put(library, {"genres": ["Rock"]})
    assert library.one(Artist, 1).genres == ["Rock", "Pop"]


def test_a_file_moves_with_its_row(library: Library, film: Path) -> None:
    status, body = put(library, {"title": "Moon/Rise?", "artist_name": "Golden: Mover", "move_file": True})
    assert (status, body["file_moved"]) == (200, True)
    assert body["local_path"] == "data/musicvideos/Golden_ Mover/Golden_ Mover - Moon_Rise_.mp4"
    moved = library.data / "musicvideos" / "Golden_ Mover" / "Golden_ Mover - Moon_Rise_.mp4"
    assert (moved.exists(), film.parent.exists()) == (True, False)


def test_a_move_overwrites_nothing(library: Library, film: Path) -> None:
    other = library.file("data/musicvideos/Nova Kestrel/Nova Kestrel - New.mp4", b"other")
    assert str(put(library, {"title": "New", "move_file": True})[1]["local_path"]).endswith(" - New (1).mp4")
    assert (other.read_bytes(), film.exists()) == (b"other", False)


def test_without_a_change_nothing_moves(library: Library, film: Path) -> None:
    assert put(library, {"title": "Glass Harbor", "move_file": True})[1]["file_moved"] is False
    assert film.exists()


def test_a_failed_commit_leaves_the_file_where_it_was(library: Library, film: Path) -> None:
    library.add(video(2, imvdb_id="7"))
    assert put(library, {"title": "New", "imvdb_id": "7", "move_file": True})[0] == 409
    assert film.exists()
    assert library.one(Video, 1).title == "Glass Harbor"
    assert list(film.parent.iterdir()) == [film]


def test_a_file_that_is_missing_does_not_move_and_does_not_fail(library: Library) -> None:
    library.add(artist(1), video(1, local_path=STORED))
    assert put(library, {"title": "New", "move_file": True})[1]["file_moved"] is False
    assert library.one(Video, 1).local_path == STORED


def test_unknown_words_in_old_rows_read_as_nothing(library: Library) -> None:
    library.add(artist(1), video(1, status=VideoStatus.WANTED))
    with library.writing() as session:
        session.connection().exec_driver_sql("UPDATE videos SET status = 'queued', created_at = NULL")
    answer = library.client().get("/api/videos/1").json
    assert answer is not None
    assert (answer["status"], answer["created_at"]) == (None, None)
