"""Requests about genres."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

from tests.parity.ask import Ask, get, send
from tests.parity.values import NUMBERS, VALUES

GENRES = (
    "Rock",
    "rock",
    "Röck",
    "Rock%",
    "Ro_k",
    "%",
    "_",
    "",
    "a",
    "[a-z]*",
    "?",
    "*",
    "\\",
    '"',
    "日本",
    "🔥",
    "ß",
    "\0",
)
GENRES_ODD = (*GENRES, "Rock ", "x" * 6_000, "a/b", "text", "Rock, Pop")


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    yield get("/api/genres")
    yield get("/api/genres/")
    for kind, number in product(("videos", "artists"), ("1", "2", "3", "4", "5", "999", "0", "9" * 30, "abc", "1.0")):
        yield get(f"/api/genres/{kind}/{number}")
    for kind, genre in product(("videos", "artists"), GENRES_ODD):
        yield get(f"/api/genres/{quote(genre, safe='')}/{kind}")
    for kind, number in product(("videos", "artists"), NUMBERS):
        yield get(f"/api/genres/Rock/{kind}?limit={number}")
    for target in (
        "/api/genres/videos/videos",
        "/api/genres/artists/artists",
        "/api/genres/Rock",
        "/api/genres/Rock/x",
    ):
        yield get(target)


def writes() -> Iterator[Ask]:
    """Each followed by what it did to the artist."""
    values = (
        *VALUES,
        ["rock", " ROCK ", "Rock", "", None, 5, "chanson française", "r&b", "a\\b", '"q"', "日本", "don't"],
    )
    for value in values:
        yield send("PUT", "/api/genres/videos/34", {"genres": value})
        yield get("/api/genres/videos/34")
    yield send("PUT", "/api/genres/videos/34", {})
    yield send("PUT", "/api/genres/videos/52", {"genres": ["Röck", '"q"', "a\\b", "日本"]})
    for genre, kind in product(("Röck", "RöCk", '"Q"', "A\\B", "日本"), ("videos", "artists")):
        yield get(f"/api/genres/{quote(genre, safe='')}/{kind}")
    for number in ("999", "0", "9" * 30):
        yield send("PUT", f"/api/genres/videos/{number}", {"genres": ["Rock"]})
    for artist_id in range(1, 21):
        yield get(f"/api/genres/artists/{artist_id}")
    yield get("/api/genres")
