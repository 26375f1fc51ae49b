"""The searches of the control: what they find, and that they ask as often as 0.9 did."""

from legacy_flask import database
from legacy_flask.video_search_rules import sqlite_pattern
from tests.legacy_flask.library import Library, artist, statements, video


def found(library: Library, query: str) -> list[int]:
    answer = library.client().get(f"/api/videos/search?{query}")
    assert answer.json is not None
    return [row["id"] for row in answer.json["videos"]]


def fill(library: Library) -> None:
    library.add(artist(1), artist(2, "Björk"), artist(3, "Unknown Artist"))
    library.add(video(1, genres=["Rock"], year=1999), video(2, 2, "100% Love", genres=["rock"], duration=9))
    library.add(video(3, 2, "Love", imvdb_id="7", thumbnail_path="p"))


def test_filters_mean_what_they_meant(library: Library) -> None:
    fill(library)
    expected = {
        "": [2, 1, 3],
        "q=BJORK": [2, 3],
        "genre=Rock": [1],
        "genre=R%25": [1],
        "year=x": [2, 1, 3],
        f"year={'9' * 30}": [],
        "duration_min=9": [2],
        "source=manual": [2, 1],
        "has_thumbnail=1": [3],
        "status=nonsense": [],
        "keywords=love,%25": [2, 3],
        "sort=year&order=desc&limit=1": [1],
        "date_to=2025-13-01": [2, 1, 3],
    }
    assert {query: found(library, query) for query in expected} == expected


def test_numbers_that_no_page_has_are_named(library: Library) -> None:
    for query in ("limit=-1", "offset=-1", f"limit={'9' * 20}"):
        assert library.client().get(f"/api/videos/search?{query}").status_code == 400, query


def test_artists_are_loaded_one_by_one_and_videos_to_be_counted(library: Library) -> None:
    fill(library)
    engine, client = database.of(library.app).engine, library.client()
    with statements(engine) as seen:
        client.get("/api/videos/search")
    assert len([text for text in seen if text.startswith("SELECT")]) == 1 + 2 + 2  # the gate, count and page, artists
    with statements(engine) as seen:
        answer = client.get("/api/videos/search-artists?q=n%25")
    assert answer.json == {"artists": [{"id": 1, "name": "Nova Kestrel", "video_count": 1}]}
    assert len([text for text in seen if text.startswith("SELECT")]) == 1 + 1 + 1


def test_a_pattern_for_sqlite_means_the_same() -> None:
    cases = {"%a_": "*a?", r"\%\_": "%_", "*?[": "[*][?][[]", r"\*": "[*]", "a\\": "a\\"}
    assert {like: sqlite_pattern(like) for like in cases} == cases
