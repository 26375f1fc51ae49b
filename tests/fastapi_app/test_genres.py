"""The genre routes over SQLite: what is found, what is tidied, and who counts."""

from collections.abc import Callable
from urllib.parse import quote

import anyio
import pytest

from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


async def found(client: Client, genre: str, kind: str = "videos") -> list[int]:
    answer = await client.get(f"/api/genres/{quote(genre, safe='')}/{kind}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()[kind]]


async def test_all_genres_are_told_once_and_odd_rows_have_none(open_client: Client, rows: Rows) -> None:
    rows(artist(1, genres=["Rock", "Pop"]), artist(2, "Other", genres={"a": 1}))
    rows(video(1, genres=["Rock", "rock", 5, None]), video(2, genres=["Rock"]), video(3, genres="text"), video(4))
    assert (await open_client.get("/api/genres")).json() == {
        "all_genres": ["Pop", "Rock", "rock"],
        "artist_genres": ["Pop", "Rock"],
        "video_genres": ["Rock", "rock"],
    }
    assert (await open_client.get("/api/genres/videos/1")).json() == {"genres": ["Rock", "rock"]}
    assert (await open_client.get("/api/genres/videos/3")).json() == {"genres": []}


@pytest.mark.parametrize("target", ["videos/9", "artists/9", f"videos/{'9' * 30}", f"artists/{'9' * 30}"])
async def test_an_unknown_id_has_no_genres(open_client: Client, target: str) -> None:
    assert (await open_client.get(f"/api/genres/{target}")).json() == {"genres": []}


@pytest.mark.parametrize(
    ("genre", "ids"),
    [
        ("Rock", [1]),
        ("rock", [2]),
        ("Röck", [3]),
        ("röck", []),
        ("Roc", []),
        ("Ro_k", [1]),
        ("%", [1, 2, 3, 4]),
        ("日本", [3]),
        ('a"b\\c', [4]),
        ("[a-z]*", [4]),
        ("?", []),
        ("*", []),
        ("x" * 60_000, []),
    ],
)
async def test_a_genre_is_a_whole_entry_in_any_script(
    open_client: Client, rows: Rows, genre: str, ids: list[int]
) -> None:
    lists = [["Rock"], ["rock"], ["Röck", "日本"], ['a"b\\c', "[a-z]*"]]
    rows(*(artist(number, f"Band {number}", genres=genres) for number, genres in enumerate(lists, 1)))
    rows(*(video(number, genres=genres) for number, genres in enumerate(lists, 1)))
    assert await found(open_client, genre) == ids
    assert await found(open_client, genre, "artists") == ids


async def test_a_genre_written_by_another_program_without_escapes_is_found(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1, genres=[]))
    async with open_client.state["database"].writing() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE videos SET genres = '[\"Röck\"]'")
    assert await found(open_client, "Röck") == [1]


async def test_a_list_costs_one_query_however_many_rows(open_client: Client, rows: Rows) -> None:
    rows(*(artist(number, f"Band {number}", genres=["Rock"]) for number in range(1, 61)))
    rows(*(video(number, artist_id=number, genres=["Rock"]) for number in range(1, 61)))
    for kind in ("videos", "artists"):
        open_client.queries.clear()
        assert len(await found(open_client, "Rock", kind)) == 50
        assert len(open_client.queries) == 2, open_client.queries  # the gate, the list


@pytest.mark.parametrize(("limit", "count"), [("2", 2), ("0", 0), ("-1", 0), ("abc", 3), ("", 3), ("99999", 3)])
async def test_the_limit_is_read_as_in_0_9(open_client: Client, rows: Rows, limit: str, count: int) -> None:
    rows(artist(), *(video(number, genres=["Rock"]) for number in range(1, 4)))
    answer = await open_client.get(f"/api/genres/Rock/videos?limit={limit}")
    assert len(answer.json()["videos"]) == count


async def test_a_limit_that_no_database_takes_is_named(open_client: Client) -> None:
    answer = await open_client.get(f"/api/genres/Rock/artists?limit={'9' * 12}")
    assert (answer.status_code, answer.json()["error"][:5]) == (400, "limit")


async def test_genres_are_tidied_and_the_artist_counted_anew(open_client: Client, rows: Rows) -> None:
    rows(artist(genres=["Old"]), video(1), video(2, genres=["Rock", "Jazz"]))
    body = {"genres": [" rock ", "ROCK", "chanson française", "", None, 5, ["x"]]}
    answer = await open_client.put("/api/genres/videos/1", json=body)
    assert (answer.status_code, answer.json()) == (200, {"message": "Video genres updated successfully"})
    assert (await open_client.get("/api/genres/videos/1")).json()["genres"] == ["Rock", "Chanson Française"]
    expected = ["Rock", "Chanson Française", "Jazz"]
    assert (await open_client.get("/api/genres/artists/1")).json()["genres"] == expected


@pytest.mark.parametrize("body", [{"genres": "Rock"}, {"genres": None}, {"genres": {}}, [], None, {"genres": ["a\0"]}])
async def test_bad_genres_are_refused_and_change_nothing(open_client: Client, rows: Rows, body: object) -> None:
    rows(artist(genres=["Old"]), video(1, genres=["Old"]))
    answer = await open_client.put("/api/genres/videos/1", **as_json(body))
    assert answer.status_code == 400
    assert "error" in answer.json()
    assert (await open_client.get("/api/genres/videos/1")).json()["genres"] == ["Old"]


@pytest.mark.parametrize("number", ["9", "0", "9" * 30])
async def test_the_genres_of_an_unknown_video_are_not_set(open_client: Client, number: str) -> None:
    answer = await open_client.put(f"/api/genres/videos/{number}", json={"genres": ["Rock"]})
    assert (answer.status_code, answer.json()) == (404, {"error": "Failed to update video genres"})


async def test_changes_at_once_all_count_for_the_artist(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number) for number in range(1, 7)))
    async with anyio.create_task_group() as group:
        for number in range(1, 7):
            body = {"genres": [f"G{number}"]}
            group.start_soon(lambda n, b: open_client.put(f"/api/genres/videos/{n}", json=b), number, body)
    genres = (await open_client.get("/api/genres/artists/1")).json()["genres"]
    assert sorted(genres) == [f"G{number}" for number in range(1, 7)]
