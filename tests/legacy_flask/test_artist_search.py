"""Searching artists and stepping through them on the legacy side."""

from fastapi_app.models import Artist, VideoStatus
from legacy_flask import database
from tests.legacy_flask.library import Library, artist, video
from tests.legacy_flask.test_queries import GATE, selects

SEARCH = "/api/artists/search/advanced"
FOUND = {
    "search=VELVET": [3, 2],
    "has_imvdb_id=1": [1],
    "genre=Rock": [1],
    "genre=ro_k": [2],
    "keywords=Live,100": [1],
    "keywords=liVe": [],
    "keywords=%00": [],
    "keywords=%E6%97%A5": [2],
    "genre=%C3%89l%25": [3],
    "min_videos=1": [3, 2],
    "sort=video_count&order=DESC": [2, 3, 1],
    "date_from=2026-01-02T03:04:06": [],
    "date_from=bogus": [1, 3, 2],
}


def fill(library: Library) -> None:
    library.add(
        artist(1, "Björk", imvdb_id="7", genres=["Rock"], keywords=["Live", "100%"]),
        artist(2, "Velvet Garden", genres=["rock"], keywords=["live", " ", "日本"]),
        artist(3, "velvet", keywords="text", genres=["Électro"]),
        *(video(number, artist_id=2 + number % 2) for number in (1, 2, 4)),
    )


def ids(library: Library, query: str) -> list[int]:
    answer = library.client().get(f"{SEARCH}?{query}").json
    assert answer is not None
    return [row["id"] for row in answer["artists"]]


def test_every_criterion_finds_what_it_says(library: Library) -> None:
    fill(library)
    assert {query: ids(library, query) for query in FOUND} == FOUND


def test_what_was_written_is_found_at_once(library: Library) -> None:
    fill(library)
    assert ids(library, "search=velvet") == [3, 2]
    library.client().put("/api/artists/3", json={"name": "Nobody"})
    assert ids(library, "search=velvet") == [2]


def test_numbers_that_can_not_be_are_named(library: Library) -> None:
    for query in ("advanced?per_page=0", "advanced?page=-1", "suggestions?limit=-1", "suggestions?limit=x"):
        answer = library.client().get(f"/api/artists/search/{query}")
        assert answer.status_code == 400
        assert answer.json is not None
        assert query.partition("?")[2].partition("=")[0] in answer.json["error"]


def test_keywords_are_those_of_lists(library: Library) -> None:
    fill(library)
    known = library.client().get("/api/artists/search/filters").json
    assert known is not None
    assert known["filters"]["keywords"] == ["100%", "Live", "live", "日本"]
    assert known["filters"]["video_count_range"] == {"average": 1.5, "max": 2, "min": 1}
    suggested = library.client().get("/api/artists/search/suggestions?q=VE&limit=3").json
    assert suggested is not None
    assert [row["text"] for row in suggested["suggestions"]] == ["velvet", "Velvet Garden", "Live"]
    assert library.client().get("/api/artists/search/suggestions?q=v").json == {"suggestions": []}


def test_counts_by_status_are_true(library: Library) -> None:
    library.add(artist(1), *(video(number, status=status) for number, status in enumerate(VideoStatus, 1)))
    library.add(video(9, status=VideoStatus.WANTED))
    page = library.client().get("/api/artists/1/detailed").json
    assert page is not None
    counts = {name: count for name, count in page["statistics"].items() if name.endswith("_videos")}
    assert counts == {
        "total_videos": 7, "wanted_videos": 2, "downloaded_videos": 1, "downloading_videos": 1, "failed_videos": 1,
        "ignored_videos": 1,
    }  # fmt: skip


def test_navigation_stands_in_the_order_of_ids_where_all_else_is_equal(library: Library) -> None:
    library.add(*(Artist(id=number, name=name) for number, name in enumerate(("b", "B", "a"), 1)))
    step = library.client().get("/api/artists/1/navigation").json
    assert step is not None
    assert (step["prev_artist"]["id"], step["next_artist"]["id"]) == (3, 2)
    assert step["current_artist"] == {"id": 1, "name": "b", "position": 2, "total_artists": 3}
    last = library.client().get("/api/artists/3/navigation?order=desc").json
    assert last is not None
    assert (last["next_artist"], last["navigation"]["has_next"], last["navigation"]["sort_order"]) == (
        None,
        False,
        "desc",
    )
    for path in ("99/navigation", f"{'9' * 20}/detailed"):
        assert library.client().get(f"/api/artists/{path}").status_code == 404


def test_as_many_queries_as_in_0_9(library: Library) -> None:
    fill(library)
    engine = database.of(library.app).engine
    counted = {SEARCH: 2, "/api/artists/1/detailed": 3, "/api/artists/search/filters": 8}
    for path, queries in counted.items():
        assert selects(engine, library.client(), path) == GATE + queries, path
