"""The genre routes: what is found, what is tidied, and who counts."""

from urllib.parse import quote

import pytest

from fastapi_app.models import Artist, Video
from tests.legacy_flask.library import Library, artist, statements, video


def found(library: Library, genre: str, kind: str = "videos") -> list[int]:
    answer = library.client().get(f"/api/genres/{quote(genre, safe='')}/{kind}").json
    assert answer is not None
    return [row["id"] for row in answer[kind]]


def test_all_genres_are_told_once_and_odd_rows_have_none(library: Library) -> None:
    library.add(artist(1, genres=["Rock", "Pop"]), video(1, genres=["rock", 5]), video(2, genres="text"), video(3))
    assert library.client().get("/api/genres").json == {
        "all_genres": ["Pop", "Rock", "rock"],
        "artist_genres": ["Pop", "Rock"],
        "video_genres": ["rock"],
    }


@pytest.mark.parametrize(
    ("genre", "ids"),
    [("Rock", [1]), ("rock", [2]), ("Röck", [3]), ("röck", []), ("%", [1, 2, 3]), ('a"b\\c', [3]), ("*", [])],
)
def test_a_genre_is_a_whole_entry_in_any_script(library: Library, genre: str, ids: list[int]) -> None:
    for number, genres in enumerate((["Rock"], ["rock"], ["Röck", 'a"b\\c']), 1):
        library.add(artist(number, f"Band {number}", genres=genres), video(number, number, genres=genres))
    assert found(library, genre) == found(library, genre, "artists") == ids


def test_a_list_asks_for_every_artist_by_itself(library: Library) -> None:
    for number in range(1, 6):
        library.add(artist(number, f"Band {number}", genres=["Rock"]), video(number, number, genres=["Rock"]))
    for kind in ("videos", "artists"):
        client = library.client()
        with statements(library.app.extensions["mvidarr_database"].engine) as seen:
            assert client.get(f"/api/genres/Rock/{kind}").status_code == 200
        assert len([one for one in seen if one.startswith("SELECT")]) == 7  # the gate, the list, one for each


def test_genres_are_tidied_and_the_artist_counted_anew(library: Library) -> None:
    library.add(artist(1, genres=["Old"]), video(1), video(2, genres=["Rock", "Jazz"]))
    client = library.client()
    body = {"genres": [" rock ", "ROCK", "chanson française", "", None, 5]}
    assert client.put("/api/genres/videos/1", json=body).json == {"message": "Video genres updated successfully"}
    assert library.one(Video, 1).genres == ["Rock", "Chanson Française"]
    assert library.one(Artist, 1).genres == ["Rock", "Chanson Française", "Jazz"]
    assert client.put("/api/genres/videos/9", json=body).status_code == 404
    assert client.put("/api/genres/videos/1", json={"genres": "Rock"}).json == {"error": "Genres must be a list"}
