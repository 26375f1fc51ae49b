"""The comparer accepts what the corpus says may differ, and nothing else."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from router.comparison.errors import WaiversUnreadable
from router.comparison.jsonpath import change, find
from router.comparison.waiver import Waiver, expired, read_waivers, unused, unwaived
from router.parity.recording import filled
from tests.golden.comparison import compare, cookie_shape
from tests.golden.line import Line, read_line
from tests.golden.selection import select
from tests.golden.wire import Answer

BASE = "http://127.0.0.1:5000"
HEADERS = (("content-type", "application/json"), ("content-length", "2"))


def line(content: Any = None, **fields: Any) -> Line:
    values = {
        "id": "one",
        "group": "g",
        "auth": "none",
        "method": "GET",
        "path": "/api/x",
        "headers": {},
        "body": None,
        "status": 200,
        "response_headers": {"content-type": "application/json"},
        "state": "read",
        **({} if content is None else {"response_json": content}),
        **fields,
    }
    return read_line(json.dumps(values))


def answer(content: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = HEADERS) -> Answer:
    return Answer(status, headers, content if isinstance(content, bytes) else json.dumps(content).encode())


def fields(expected: Line, actual: Answer, variables: Mapping[str, Any] | None = None) -> list[str]:
    return [one.field for one in compare(expected, actual, variables or {}, BASE)]


def test_an_equal_answer_differs_in_nothing() -> None:
    assert fields(line({"a": [1, "x", None]}), answer({"a": [1, "x", None]})) == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"a": 2, "b": "x"}, "$.a"),
        ({"a": 1}, "$.b"),
        ({"a": 1, "b": "x", "c": None}, "$.c"),
        ({"a": True, "b": "x"}, "$.a"),
        ({"a": 1.0, "b": "x"}, "$.a"),
        (b"no json", "json"),
    ],
)
def test_a_different_member_is_found(content: Any, field: str) -> None:
    assert fields(line({"a": 1, "b": "x"}), answer(content)) == [field]


def test_status_and_headers_count() -> None:
    headers = (("content-type", "application/json; charset=utf-8"), ("accept-ranges", "bytes"))
    found = fields(line({}, status=201), answer({}, 200, headers))
    assert found == ["status", "header:accept-ranges", "header:content-type"]


def test_header_values_are_compared_in_the_corpus_own_terms() -> None:
    expected = {
        "content-type": "text/html",
        "location": "{base}/x",
        "allow": "GET, HEAD",
        "etag": "present",
        "set-cookie": ["c; expires=future; httponly; path=/; samesite=Lax"],
    }
    headers = (
        ("content-type", "text/html"),
        ("location", f"{BASE}/x"),
        ("allow", "HEAD, GET"),
        ("etag", '"1"'),
        ("set-cookie", "c=v; Expires=Fri, 01 Jan 2100 00:00:00 GMT; HttpOnly; Path=/; SameSite=Lax"),
    )
    assert fields(line(response_headers=expected, body_compare="none"), answer(b"x", headers=headers)) == []


def test_a_cleared_cookie_has_the_shape_of_one() -> None:
    header = "c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=Lax"
    assert cookie_shape(header) == "c; expires=past; httponly; max-age=0; path=/; samesite=Lax; secure"


def test_volatile_values_must_be_there_and_loose_ones_of_their_type() -> None:
    expected = line({"at": "then", "error": "text", "n": 1}, volatile=["$.at"], loose=["$.error"])
    assert fields(expected, answer({"at": "now", "error": "other", "n": 1})) == []
    assert fields(expected, answer({"error": "other", "n": 1})) == ["volatile:$.at", "$.at"]
    assert fields(expected, answer({"at": "now", "error": 5, "n": 1})) == ["loose:$.error"]


def test_references_are_the_captured_ids() -> None:
    expected = line({"id": 315}, refs={"$.id": "aid"})
    assert fields(expected, answer({"id": 7}), {"aid": 7}) == []
    assert fields(expected, answer({"id": 8}), {"aid": 7}) == ["ref:$.id"]


def rows(*pairs: tuple[str, int]) -> dict[str, Any]:
    return {"rows": [{"name": name, "id": number} for name, number in pairs]}


def test_rows_of_one_key_come_in_any_order_and_others_do_not() -> None:
    order = {"list": "$.rows", "key": "name", "cut": ""}
    expected = line(rows(("a", 1), ("A", 2), ("b", 3)), order=order)
    assert fields(expected, answer(rows(("A", 2), ("a", 1), ("b", 3)))) == []
    assert fields(expected, answer(rows(("b", 3), ("a", 1), ("A", 2)))) == ["order:$.rows"]
    assert fields(expected, answer(rows(("a", 1), ("A", 9), ("b", 3)))) == ["rows:$.rows[0]"]


def test_a_page_may_cut_through_equal_rows_only_where_it_is_said() -> None:
    cut = line(rows(("a", 1), ("b", 2)), order={"list": "$.rows", "key": "name", "cut": "e"})
    assert fields(cut, answer(rows(("a", 1), ("b", 9)))) == []
    assert fields(cut, answer(rows(("a", 9), ("b", 2)))) == ["rows:$.rows[0]"]
    assert fields(cut, answer(rows(("a", 1), ("c", 2)))) == ["order:$.rows"]


def test_unordered_lists_are_sets() -> None:
    expected = line({"files": ["a", "b"]}, unordered=["$.files"])
    assert fields(expected, answer({"files": ["b", "a"]})) == []
    assert fields(expected, answer({"files": ["b"]})) == ["unordered:$.files"]


def test_exact_bodies_are_compared_byte_by_byte() -> None:
    sha = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    expected = line(response_headers={}, body_compare="exact", response_length=1, response_sha256=sha)
    assert fields(expected, answer(b"x", headers=())) == []
    assert fields(expected, answer(b"y", headers=())) == ["body"]
    assert fields(line(response_headers={}, body_compare="nonempty"), answer(b"", headers=())) == ["body"]


def test_bodies_of_head_do_not_count() -> None:
    assert fields(line(method="HEAD"), answer(b"")) == []


def test_paths_into_json() -> None:
    content = {"a": [{"b": 1}, {"b": 2}], "c": {"d": 3}}
    assert find(content, "$.a[*].b") == [1, 2]
    assert find(content, "$.a[1].b") == [2]
    assert find(content, "$.c.d") == [3]
    assert find(content, "$.x.y") == []
    assert change(content, "$.a[*].b", lambda _value: 0) == 2
    assert content["a"] == [{"b": 0}, {"b": 0}]


def test_variables_keep_their_type_where_they_stand_alone() -> None:
    variables = {"aid": 7}
    body = {"ids": ["${aid}", "${other}"], "path": "/a/${aid}/b"}
    assert filled(body, variables) == {"ids": [7, "${other}"], "path": "/a/7/b"}


def test_sequences_run_whole_or_not_at_all() -> None:
    def step(name: str, number: int, method: str, path: str, **more: Any) -> Line:
        return line({}, id=f"{name}-{number}", method=method, path=path, state=f"sequence:{name}:{number}", **more)

    lines = [
        line({}, id="known", path="/known?x=1"),
        line({}, id="unknown", path="/unknown"),
        step("whole", 2, "PUT", "/known"),
        step("whole", 1, "GET", "/known"),
        step("with_a_harmless_gap", 1, "GET", "/known"),
        step("with_a_harmless_gap", 2, "GET", "/unknown"),
        step("broken", 1, "GET", "/known"),
        step("broken", 2, "POST", "/unknown"),
        step("broken", 3, "GET", "/known"),
        step("tidied_up", 1, "GET", "/known"),
        step("tidied_up", 2, "POST", "/unknown"),
        step("zz_last", 1, "GET", "/known"),
        step("zy_gate", 1, "GET", "/known"),
    ]
    found = select(lines, lambda _method, path: path == "/known")
    assert [one.id for one in found.reads] == ["known"]
    assert {name: [one.step for one in steps] for name, steps in found.sequences.items()} == {
        "whole": [1, 2],
        "with_a_harmless_gap": [1],
        "tidied_up": [1],
        "zy_gate": [1],
        "zz_last": [1],
    }
    assert list(found.sequences) == ["tidied_up", "whole", "with_a_harmless_gap", "zy_gate", "zz_last"]
    assert set(found.left_out) == {"unknown", "broken", "with_a_harmless_gap-2", "tidied_up-2"}


def test_a_waiver_accepts_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(
        "- {requests: 'o.*', fields: status, control: '500', candidate: '4..',"
        " owner: me, reason: why, expires: 2030-01-01}\n"
    )
    waivers = read_waivers(file)
    assert waivers == [Waiver("o.*", "me", "why", date(2030, 1, 1), "status", "500", "4..")]
    accepted = compare(line({}, status=500), answer({}, 404), {}, BASE)
    refused = compare(line({}, status=500), answer({}, 502), {}, BASE)
    assert unwaived(accepted + refused, waivers, date(2029, 12, 31)) == refused
    assert unused(accepted, waivers) == []
    assert unused(refused, waivers) == waivers
    assert expired(waivers, date(2030, 1, 1)) == waivers
    assert expired(waivers, date(2029, 12, 31)) == []


@pytest.mark.parametrize(
    "text", ["- {requests: x, owner: me, reason: why}", "- {requests: x, owner: me, expires: 2030-01-01, why: x}"]
)
def test_a_waiver_without_a_reason_or_a_date_is_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(text)
    with pytest.raises(WaiversUnreadable):
        read_waivers(file)
