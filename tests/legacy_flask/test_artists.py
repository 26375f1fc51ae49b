"""The artist routes, where they write and where they refuse."""

import pytest

from fastapi_app.models import Artist, Download, Video
from tests.legacy_flask.library import Library, artist, video

LONG = "x" * 256


def test_a_name_is_taken_whatever_its_case_and_accents(library: Library) -> None:
    library.add(artist(1, "Björk Ågren"))
    client = library.client()
    assert client.post("/api/artists/", json={"name": "bjork agren "}).status_code == 409
    created = client.post("/api/artists/", json={"name": 12345, "imvdb_id": "", "keywords": ["a"]})
    assert (created.status_code, created.json) == (
        201,
        {"id": 2, "message": "Artist added successfully", "name": "12345"},
    )


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 400, "Artist name is required"),
        ([], 400, "Artist name is required"),
        ({"name": None}, 400, "name must be text"),
        ({"name": LONG}, 400, "name must be text of at most 255 characters"),
        ({"name": ["x"]}, 400, "name must be text"),
        ({"name": "a\0b"}, 400, "name must be text without NUL characters and lone surrogates"),
        ({"name": "a\ud800b"}, 400, "name must be text without NUL characters and lone surrogates"),
        ({"name": "x", "monitored": "no"}, 400, "monitored must be true or false"),
        ({"name": "x", "imvdb_id": "7"}, 409, "Another artist already has this imvdb_id"),
    ],
)
def test_what_can_not_be_stored_is_named(library: Library, body: object, status: int, error: str) -> None:
    library.add(artist(1, imvdb_id="7"))
    answer = library.client().post("/api/artists/", json=body)
    assert (answer.status_code, answer.json) == (status, {"error": error})
    assert library.count(Artist) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [("page=0", "page"), ("page=abc", "page"), ("per_page=0", "per_page"), ("per_page=99999999999", "per_page")],
)
def test_a_page_that_can_not_be_is_named(library: Library, query: str, field: str) -> None:
    answer = library.client().get(f"/api/artists/?{query}")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"].startswith(f"{field} must be a whole number")


@pytest.mark.parametrize("query", ["page=%D9%A1", "page=+1", "page=%201", "per_page=1_0", "page=99999", "search=%25"])
def test_numbers_that_python_reads_are_tolerated(library: Library, query: str) -> None:
    assert library.client().get(f"/api/artists/?{query}").status_code == 200


def test_deleting_takes_the_rows_and_the_picture_and_leaves_the_films(library: Library) -> None:
    picture = library.file("data/thumbnails/artists/a.jpg")
    film = library.file("data/musicvideos/A/a.mp4")
    library.add(
        artist(1, thumbnail_path="data/thumbnails/artists/a.jpg"),
        artist(2, "Other"),
        video(1, local_path="data/musicvideos/A/a.mp4"),
        Download(artist_id=1, title="a", original_url="u"),
        Download(artist_id=2, video_id=1, title="b", original_url="u"),
        Download(artist_id=2, title="kept", original_url="u"),
    )
    client = library.client()
    refused = client.delete("/api/artists/1")
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["details"]["video_count"] == 1
    assert client.delete("/api/artists/1?force=yes").json == {
        "deleted_data": {"artist_id": 1, "artist_name": "Nova Kestrel", "downloads_deleted": 2, "videos_deleted": 1},
        "message": 'Artist "Nova Kestrel" deleted successfully',
        "success": True,
    }
    assert (library.count(Artist), library.count(Video), library.count(Download)) == (1, 0, 1)
    assert (picture.exists(), film.exists()) == (False, True)


def test_every_size_of_a_deleted_artists_picture_goes(library: Library) -> None:
    stored = ("data/thumbnails/a_medium.jpg", "data/thumbnails/a_small.jpg")
    paths = [library.file(path) for path in stored]
    sizes = {path.rpartition("_")[2]: {"path": path} for path in stored}
    library.add(artist(1, thumbnail_path=stored[0], thumbnail_metadata={"sizes": sizes}))
    assert library.client().delete("/api/artists/1").status_code == 200
    assert [path for path in paths if path.exists()] == []


def test_a_picture_outside_is_left_alone(library: Library) -> None:
    key = library.data / "secret_key"
    key.write_text("secret")
    library.add(artist(1, thumbnail_path="data/secret_key"))
    assert library.client().delete("/api/artists/1").status_code == 200
    assert key.exists()


def test_an_id_that_no_column_holds_is_unknown(library: Library) -> None:
    for path in ("/api/artists/99999999999999999999", f"/api/videos/{'9' * 5000}", "/api/artists/abc"):
        assert library.client().get(path).status_code == 404


def test_only_members_that_are_present_change(library: Library) -> None:
    library.add(artist(1, keywords=["old"], monitored=True))
    body = {"name": "  New  ", "keywords": "a, b,,", "monitored": "", "imvdb_id": "７", "folder_path": " x/y "}
    answer = library.client().put("/api/artists/1/settings", json=body).json
    assert answer is not None
    changed = answer["artist"]
    assert changed.pop("updated_at") > "2026-01-02"
    assert changed == {
        "auto_download": False,
        "folder_path": "x/y",
        "id": 1,
        "imvdb_id": "7",
        "keywords": ["a", "b"],
        "monitored": False,
        "name": "New",
    }
    assert library.client().put("/api/artists/1", json={"imvdb_id": "", "keywords": None}).status_code == 200
    assert (library.one(Artist, 1).imvdb_id, library.one(Artist, 1).keywords) == (None, None)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Request data is required"),
        ({"name": "  "}, "Artist name cannot be empty"),
        ({"name": 5}, "name must be text"),
        ({"folder_path": 5}, "folder_path must be text or null"),
        ({"keywords": {"a": 1}}, "keywords must be a list, or text separated by commas"),
        ({"keywords": [{"a": "\0"}]}, "keywords must be text without NUL characters and lone surrogates"),
        ({"imvdb_id": "abc"}, "IMVDb ID must be a valid integer"),
        ({"imvdb_id": 0}, "IMVDb ID must be a positive integer"),
    ],
)
def test_a_change_that_can_not_be_is_named(library: Library, body: object, error: str) -> None:
    library.add(artist(1))
    answer = library.client().put("/api/artists/1/settings", json=body)
    assert (answer.status_code, answer.json) == (400, {"error": error})


def test_a_taken_imvdb_id_tells_who_has_it(library: Library) -> None:
    library.add(artist(1), artist(2, "Other", imvdb_id="7"), video(1, artist_id=2))
    answer = library.client().put("/api/artists/1/settings", json={"imvdb_id": 7})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"] == 'IMVDb ID 7 is already assigned to artist "Other"'
    assert answer.json["duplicate_conflict"] is True
    assert (answer.json["existing_artist"]["id"], answer.json["existing_artist"]["video_count"]) == (2, 1)
    assert (answer.json["current_artist"]["id"], answer.json["current_artist"]["video_count"]) == (1, 0)
