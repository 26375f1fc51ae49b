"""Changing, deleting and merging many artists on the legacy side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import Artist, Download, Playlist, PlaylistEntry, Setting, Video
from fastapi_app.schema import upgrade
from legacy_flask import database
from legacy_flask.front_door import build_legacy
from tests.legacy_flask.library import Library, artist, video
from tests.servers.mariadb import start_mariadb

VIDEOS = range(1, 25)


def ids(library: Library, model: type[Any]) -> list[int]:
    with Session(library.engine) as session:
        return list(session.scalars(select(model.id).order_by(model.id)))


def test_only_known_members_change(library: Library) -> None:
    library.add(artist(1), artist(2, "Other", keywords=["a"]))
    body = {"artist_ids": ["1", 2, 99, "x"], "updates": {"monitored": 0, "keywords": "b, c", "name": "no"}}
    answer = library.client().post("/api/artists/bulk-edit", json=body)
    assert (answer.status_code, answer.json) == (200, {"error": None, "updated_count": 2})
    assert (library.one(Artist, 2).monitored, library.one(Artist, 2).keywords) == (False, ["b", "c"])
    assert library.one(Artist, 2).name == "Other"


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("bulk-edit", {"artist_ids": []}, "artist_ids and updates required"),
        ("bulk-edit", {"artist_ids": [1], "updates": []}, "updates must be an object"),
        ("bulk-edit", {"artist_ids": [1], "updates": {"monitored": "maybe"}}, "monitored must be true or false"),
        ("bulk-delete", {}, "artist_ids required"),
        ("bulk-delete", {"artist_ids": "x"}, "artist_ids must be a non-empty list"),
        ("bulk-delete", {"artist_ids": [None]}, "artist_ids must be made of artist ids"),
        ("bulk-delete", {"artist_ids": [1] * 10_001}, "artist_ids must be a list of at most 10000 ids"),
        ("merge", {}, "primary_artist_id and secondary_artist_ids required"),
        ("merge", {"primary_artist_id": 1, "secondary_artist_ids": ["1"]},
         "primary_artist_id cannot be in secondary_artist_ids"),
        ("merge", {"primary_artist_id": 1, "secondary_artist_ids": [2, 2]},
         "secondary_artist_ids must name each artist once"),
    ],
)  # fmt: skip
def test_bodies_that_can_not_be_are_named(library: Library, path: str, body: object, error: str) -> None:
    library.add(artist(1), artist(2, "Other"))
    answer = library.client().post(f"/api/artists/{path}", json=body)
    assert (answer.status_code, answer.json) == (400, {"error": error})
    assert ids(library, Artist) == [1, 2]


def test_deleting_takes_everything_of_the_artists_and_nothing_else(library: Library) -> None:
    library.add(artist(1), artist(2, "Other"), video(1), video(2, artist_id=2))
    library.add(
        Download(id=1, artist_id=2, video_id=1, title="of a deleted video", original_url="u"),
        Download(id=2, artist_id=2, video_id=2, title="kept", original_url="u"),
    )
    done = library.client().post("/api/artists/bulk-delete", json={"artist_ids": [1, 99]}).json
    assert done is not None
    assert (done["deleted_artists"], done["message"]) == (["Nova Kestrel"], "Successfully deleted 1 artist(s)")
    assert [ids(library, table) for table in (Artist, Video, Download)] == [[2], [2], [2]]


def test_cleaning_up_spares_artists_with_videos_and_takes_pictures(library: Library) -> None:
    picture = library.file("data/thumbnails/artists/a.jpg")
    library.add(artist(1, thumbnail_path="data/thumbnails/artists/a.jpg"), artist(2, "Full"), video(1, artist_id=2))
    client = library.client()
    first = client.post("/api/artists/cleanup-zero-videos", data=b"{bad").json
    second = client.post("/api/artists/cleanup-zero-videos").json
    assert first is not None
    assert second is not None
    assert (first["deleted_count"], second["message"]) == (1, "No artists with 0 videos found")
    assert (ids(library, Artist), picture.exists()) == ([2], False)


def test_a_merge_loses_nothing(library: Library) -> None:
    library.add(artist(1, "One", keywords=["x"], monitored=False), artist(2, "Two", imvdb_id="91", keywords=["y"]))
    library.add(video(1, artist_id=2, genres=["Rock"]), video(3, artist_id=1, youtube_id="same", imvdb_id="8"))
    library.add(video(2, artist_id=2, youtube_id="same", local_path="a.mp4", year=1999))
    library.add(
        Download(id=1, artist_id=2, video_id=1, title="a", original_url="u"),
        Download(id=2, artist_id=1, video_id=3, title="b", original_url="u"),
    )
    library.add(Playlist(id=1, name="has what goes"), PlaylistEntry(id=1, playlist_id=1, video_id=3, position=1))
    answer = library.client().post("/api/artists/merge", json={"primary_artist_id": 1, "secondary_artist_ids": [2]})
    assert (answer.status_code, answer.json) == (
        200,
        {
            "merged_artists": ["Two"],
            "merged_count": 1,
            "message": "Successfully merged 1 artist(s) into One",
            "primary_artist_id": 1,
            "primary_artist_name": "One",
            "success": True,
        },
    )
    assert [ids(library, table) for table in (Artist, Video, Download)] == [[1], [1, 2], [1, 2]]
    kept = library.one(Artist, 1)
    assert (kept.imvdb_id, kept.keywords, kept.monitored, kept.genres) == ("91", ["x", "y"], True, ["Rock"])
    assert library.one(PlaylistEntry, 1).video_id == 2
    one = library.one(Video, 2)
    assert (one.artist_id, one.imvdb_id, one.local_path, one.year) == (1, "8", "a.mp4", 1999)
    assert (library.one(Download, 1).artist_id, library.one(Download, 2).video_id) == (1, 2)


def test_unknown_artists_stop_a_merge(library: Library) -> None:
    library.add(artist(1), artist(2, "Two"))
    for primary, secondaries, error in (
        (99, [2], "Primary artist not found"),
        (1, [2, "x"], "One or more secondary artists not found"),
    ):
        body = {"primary_artist_id": primary, "secondary_artist_ids": secondaries}
        answer = library.client().post("/api/artists/merge", json=body)
        assert (answer.status_code, answer.json) == (404, {"error": error})
    assert ids(library, Artist) == [1, 2]


@pytest.fixture
def on_mariadb(tmp_path: Path) -> Iterator[tuple[Flask, Engine]]:
    """The application and three artists with eight videos each."""
    with start_mariadb(tmp_path / "server") as server:
        config = Config(data_dir=tmp_path, database_url=server.create_database("library"), secret_key="k" * 40)
        engine = blocking_engine(config)
        upgrade(engine)
        with Session(engine) as session, session.begin():
            session.merge(Setting(id=1, key="require_authentication", value="false"))
            session.add_all(artist(number, f"Artist {number}") for number in (1, 2, 3))
            session.flush()
            session.add_all(video(number, artist_id=1 + number % 3) for number in VIDEOS)
        app = build_legacy(config)
        yield app, engine
        database.of(app).close()
        engine.dispose()


@pytest.mark.mariadb
def test_merges_and_edits_at_once_lose_nothing(on_mariadb: tuple[Flask, Engine]) -> None:
    app, engine = on_mariadb

    def merge(primary: int, secondaries: list[int]) -> int:
        body = {"primary_artist_id": primary, "secondary_artist_ids": secondaries}
        return app.test_client().post("/api/artists/merge", json=body).status_code

    def edit(number: int) -> int:
        return app.test_client().put(f"/api/videos/{number}", json={"title": f"Edited {number}"}).status_code

    with ThreadPoolExecutor(8) as threads:
        edits = [threads.submit(edit, number) for number in VIDEOS]
        merges = [threads.submit(merge, primary, others) for primary, others in ((1, [2, 3]), (2, [1, 3]), (3, [1]))]
        assert {edited.result() for edited in edits} == {200}
        statuses = sorted(merged.result() for merged in merges)
    assert statuses[0] == 200
    assert set(statuses) <= {200, 404, 409}
    with Session(engine) as session:
        titles = session.execute(select(Video.id, Video.title)).all()
        assert {row.id: row.title for row in titles} == {number: f"Edited {number}" for number in VIDEOS}
        orphans = "SELECT count(*) FROM videos WHERE artist_id NOT IN (SELECT id FROM artists)"
        assert session.scalar(text(orphans)) == 0
