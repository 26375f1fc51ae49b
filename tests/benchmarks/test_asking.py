"""The same mix asks the same requests in every run and of every contender, well mixed, all over the library."""

import json
from collections import Counter
from itertools import islice

from benchmarks.asking import MOST, expanded, in_turn, statuses
from benchmarks.mixes import Ask, Library

SIZE = Library(artists=30, videos=600)


def ask(path: str, weight: int = 1, **more: object) -> Ask:
    return Ask(path=path, weight=weight, **more)  # type: ignore[arg-type]


def test_each_is_asked_as_often_as_its_weight_says_and_not_in_a_row() -> None:
    found = [one.path for one in islice(in_turn([ask("/a", 3), ask("/b", 2), ask("/c")]), 600)]
    assert Counter(found) == {"/a": 300, "/b": 200, "/c": 100}
    assert all(len(set(found[place : place + 3])) > 1 for place in range(len(found) - 3))


def test_rows_come_from_all_over_the_library_and_stay_in_it() -> None:
    requests = expanded([ask("/videos/{video}")], SIZE, {})
    numbers = [int(one.split(b" ")[1].removeprefix(b"/videos/")) for one in requests]
    assert len(requests) == MOST
    assert min(numbers) < 10
    assert 590 < max(numbers) <= 600
    assert len(set(numbers)) > 200
    assert requests == expanded([ask("/videos/{video}")], SIZE, {})


def test_what_does_not_vary_is_not_repeated() -> None:
    assert len(expanded([ask("/a", 2), ask("/b")], SIZE, {})) == 3


def test_a_body_is_sent_with_its_type_and_the_words_in_it() -> None:
    told = expanded([ask("/login", method="POST", json='{"password": "$PASSWORD"}')], SIZE, {}, words={"PASSWORD": "x"})
    head, _, body = told[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"password": "x"}
    assert b"Content-Type: application/json" in head
    assert f"Content-Length: {len(body)}".encode() in head


def test_a_file_is_sent_as_a_form() -> None:
    told = expanded([ask("/up", method="POST", file="picture")], SIZE, {}, pictures={"picture": b"\x89PNG\0\xff"})
    head, _, body = told[0].partition(b"\r\n\r\n")
    assert b"multipart/form-data; boundary=" in head
    assert b'name="file"' in body
    assert b"\x89PNG\0\xff" in body


def test_whoever_is_logged_in_sends_it() -> None:
    told = expanded([ask("/me", login="bearer")], SIZE, {"bearer": {"Authorization": "Bearer it"}})
    assert b"Authorization: Bearer it\r\n" in told[0]


def test_routes_are_asked_in_turn() -> None:
    told = expanded([ask("/noun{route}/7")], SIZE, {}, routes=10)
    assert {one.split(b" ")[1] for one in told} == {f"/noun{number}/7".encode() for number in range(10)}


def test_every_status_of_a_mix_is_accepted() -> None:
    assert statuses([ask("/a"), ask("/b", status=206), ask("/c")]) == (200, 206)
