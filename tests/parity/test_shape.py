"""The comparison of the two sides can fail, and forgives only what it says."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.golden.wire import Answer
from tests.parity.ask import get
from tests.parity.difference import differences
from tests.parity.rows import differing_rows
from tests.parity.shape import Shape, shape

AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC).replace(tzinfo=None)
HOST = "127.0.0.1:5000"


def seen(content: Any, tied: str = "", status: int = 200, **headers: str) -> Shape:
    body = (json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n").encode()
    named = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return shape(Answer(status, tuple(named.items()), body), HOST, AT, tied)


def fields(left: Shape, right: Shape) -> list[str]:
    return [one.field for one in differences([get("/x")], [left], [right])]


def test_moments_of_now_and_tokens_are_masked_and_old_ones_count() -> None:
    now, later, old = "2026-05-06T07:08:09", "2026-05-06T07:09:10.123456", "2024-01-01T00:00:00"
    assert fields(seen({"at": now, "token": "a"}), seen({"at": later, "token": "b"})) == []
    assert fields(seen({"at": now}), seen({"at": old})) == ["body"]
    assert fields(seen({"at": old}), seen({"at": "2024-01-01T00:00:01"})) == ["body"]


def test_status_headers_and_values_count() -> None:
    assert fields(seen({"a": 1}), seen({"a": 2}, status=201, cache_control="no-cache")) == [
        "status",
        "cache-control",
        "body",
    ]


def test_the_bytes_of_json_count() -> None:
    loose = Answer(200, (("content-type", "application/json"),), b'{"a": 1}')
    assert fields(seen({"a": 1}), shape(loose, HOST, AT)) == ["body"]


def test_the_own_address_does_not_count_and_another_does() -> None:
    one, two = (
        shape(Answer(308, (("location", f"http://{host}/x"),), b""), host, AT) for host in (HOST, "localhost:1")
    )
    assert fields(one, two) == []
    assert fields(one, shape(Answer(308, (("location", "http://evil.example/x"),), b""), HOST, AT)) == ["location"]


def test_cookies_count_by_their_attributes() -> None:
    one, two, open_one = (
        shape(Answer(200, (("set-cookie", f"c={value}; {rest}"),), b""), HOST, AT)
        for value, rest in (("a", "HttpOnly; Path=/"), ("b", "HttpOnly; Path=/"), ("a", "Path=/"))
    )
    assert fields(one, two) == []
    assert fields(one, open_one) == ["set-cookie"]


def listing(*names: str, total: int | None = None) -> dict[str, Any]:
    rows = [{"name": name, "id": number} for number, name in enumerate(names)]
    return {"artists": rows, "count": len(names), "total": len(names) if total is None else total}


def test_equal_rows_come_in_any_order_and_others_do_not() -> None:
    tied = "artists:name"
    one = listing("a", "B", "b", "c")
    swapped = {**one, "artists": [one["artists"][place] for place in (0, 2, 1, 3)]}
    moved = {**one, "artists": [one["artists"][place] for place in (3, 0, 1, 2)]}
    assert fields(seen(one, tied), seen(swapped, tied)) == []
    assert fields(seen(one, tied), seen(moved, tied)) == ["body"]
    assert fields(seen(one), seen(swapped)) == ["body"]


def test_a_page_may_cut_through_equal_rows() -> None:
    one, other = listing("a", "b", total=9), listing("a", "b", total=9)
    other["artists"][1]["id"] = 7
    assert fields(seen(one, "artists:name"), seen(other, "artists:name")) == []
    other["artists"][1]["name"] = "c"
    assert fields(seen(one, "artists:name"), seen(other, "artists:name")) == ["body"]


def test_rows_left_behind_count() -> None:
    legacy = {"artists": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}
    modern = {"artists": [{"id": 1, "name": "x"}]}
    assert [(one.request, one.field) for one in differing_rows(legacy, modern)] == [
        ("artists 1", "name"),
        ("artists 2", "id"),
        ("artists 2", "name"),
    ]
    assert list(differing_rows(legacy, legacy)) == []
