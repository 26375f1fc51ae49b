"""What counts as a difference between two answers, and what does not."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from router.comparison.answer import Answer
from router.comparison.compare import compare
from router.comparison.mismatch import Mismatch
from router.comparison.rules import Rules, Tied
from router.comparison.waiver import Waiver, unwaived

AT = datetime(2026, 11, 21, 12, tzinfo=UTC).replace(tzinfo=None)
PLAIN = Rules()


def answer(content: Any, status: int = 200, **headers: Any) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    body = json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"
    return Answer(status, (("content-type", "application/json"), *named), body.encode())


def html(text: str, status: int = 200) -> Answer:
    return Answer(status, (("content-type", "text/html; charset=utf-8"),), text.encode())


def fields(control: Answer, candidate: Answer, rules: Rules = PLAIN) -> list[str]:
    return [one.field for one in compare("a request", control, candidate, rules, AT)]


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["$.a"]),
        ({"a": 1}, {"a": "1"}, ["$.a"]),
        ({"a": 1}, {"a": True}, ["$.a"]),
        ({"a": 0}, {"a": False}, ["$.a"]),
        ({"a": None}, {}, ["$.a"]),
        ({"a": [1, 2]}, {"a": [2, 1]}, ["$.a[0]", "$.a[1]"]),
        ({"a": [1]}, {"a": [1, 2]}, ["$.a"]),
        ({"a": {"b": [{"c": "ü"}]}}, {"a": {"b": [{"c": "u"}]}}, ["$.a.b[0].c"]),
    ],
)
def test_a_difference_is_named_by_its_place(left: Any, right: Any, found: list[str]) -> None:
    assert fields(answer(left), answer(right)) == found


def test_another_status_is_the_only_thing_said() -> None:
    assert fields(answer({"a": 1}), answer({"b": 1}, 404, location="/x")) == ["status"]


@pytest.mark.parametrize("body", [b'{"b":1, "a":2}\n', b'{"a":2,"b":1}', '{"a":2,"b":"ü"}\n'.encode()])
def test_equal_content_in_other_bytes_is_said(body: bytes) -> None:
    control = answer(json.loads(body))
    assert fields(control, Answer(200, control.headers, body)) == ["form"]


@pytest.mark.parametrize("name", ["location", "allow", "etag", "cache_control", "content_disposition", "content_range"])
def test_headers_that_clients_go_by_count(name: str) -> None:
    assert fields(answer({}, 200, **{name: "one"}), answer({}, 200, **{name: "two"})) == [
        f"header:{name.replace('_', '-')}"
    ]
    assert fields(answer({}, 200, **{name: "one"}), answer({})) == [f"header:{name.replace('_', '-')}"]


def test_the_order_of_allow_and_the_value_of_a_cookie_do_not_count() -> None:
    control = answer({}, allow="GET, HEAD", set_cookie="s=abc; Path=/; HttpOnly")
    assert fields(control, answer({}, allow="HEAD,GET", set_cookie="s=xyz; HttpOnly; Path=/")) == []


@pytest.mark.parametrize("cookie", ["s=abc; Path=/", "t=abc; Path=/; HttpOnly", "s=; Path=/; HttpOnly; Max-Age=0"])
def test_a_cookies_name_attributes_and_removal_count(cookie: str) -> None:
    control = answer({}, set_cookie="s=abc; Path=/; HttpOnly")
    assert fields(control, answer({}, set_cookie=cookie)) == ["header:set-cookie"]


def test_present_moments_are_equal_and_past_ones_are_not() -> None:
    assert fields(answer({"at": "2026-11-21T11:59:00"}), answer({"at": "2026-11-21T12:00:07.25"})) == []
    assert fields(answer({"at": "2023-01-01T00:00:00"}), answer({"at": "2023-01-01T00:00:01"})) == ["$.at"]


def test_masked_places_must_be_there_and_may_differ() -> None:
    rules = Rules(masked=("$.items[*].token",))
    assert fields(answer({"items": [{"token": "a"}]}), answer({"items": [{"token": "b"}]}), rules) == []
    assert fields(answer({"items": [{"token": "a"}]}), answer({"items": [{}]}), rules) == ["$.items[0].token"]


def test_sets_and_chance() -> None:
    rules = Rules(unordered=("$.names",), by_chance=("[0-9a-f]{8}",))
    assert fields(answer({"names": ["a", "b"]}), answer({"names": ["b", "a"]}), rules) == []
    assert fields(answer({"file": "x_00ff00ff.jpg"}), answer({"file": "x_12345678.jpg"}), rules) == []


def test_only_equal_rows_may_change_places() -> None:
    rules = Rules(tied=Tied("$.rows", ("name",), cut="e"))
    left = [{"name": "a", "id": 1}, {"name": "Á", "id": 2}, {"name": "b", "id": 3}]
    assert fields(answer({"rows": left}), answer({"rows": [left[1], left[0], left[2]]}), rules) == []
    assert fields(answer({"rows": left}), answer({"rows": [left[0], left[2], left[1]]}), rules) != []
    cut = [*left[:2], {"name": "b", "id": 4}]
    assert fields(answer({"rows": left}), answer({"rows": cut}), rules) == []
    assert fields(answer({"rows": left}), answer({"rows": cut}), Rules(tied=Tied("$.rows", ("name",), cut=""))) != []


def test_of_a_page_only_the_title_counts() -> None:
    assert fields(html("<title>A</title><p>one"), html("<title>A</title><p>two")) == []
    assert fields(html("<title>A</title>"), html("<title>B</title>")) == ["body"]
    assert fields(html("<p>no such page", 404), html("<p>nothing here", 404)) == []


def test_files_validators_count_unless_the_file_is_new() -> None:
    old: dict[str, Any] = {"last_modified": "Sat, 01 Jan 2022 00:00:00 GMT"}
    new: dict[str, Any] = {"last_modified": "Sat, 21 Nov 2026 11:00:00 GMT"}
    assert fields(answer({}, 200, etag="1", **old), answer({}, 200, etag="2", **old)) == ["header:etag"]
    assert fields(answer({}, 200, etag="1", **new), answer({}, 200, etag="2", **new)) == []


def test_a_waiver_accepts_what_it_names_until_it_expires() -> None:
    found = [Mismatch("videos-1", "$.a", 1, 2), Mismatch("videos-2", "$.b", 1, 2)]
    waiver = Waiver("videos-.*", "anna", "known", date(2027, 1, 1), fields=r"\$\.a")
    assert unwaived(found, [waiver], AT.date()) == found[1:]
    assert unwaived(found, [waiver], date(2027, 1, 1)) == found
    assert not Waiver("videos", "anna", "no prefix", date(2027, 1, 1)).accepts(found[0])
