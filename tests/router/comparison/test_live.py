"""How two answers to one live request are compared."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from router.comparison.answer import Answer, Digest
from router.comparison.compare import compare
from router.comparison.mismatch import Kind
from router.comparison.rules import LIVE, Rules

AT = datetime(2026, 11, 21, 12, tzinfo=UTC).replace(tzinfo=None)


def answer(content: Any, **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(200, (("content-type", "application/json"), *named), json.dumps(content).encode())


def found(control: Answer, candidate: Answer, rules: Rules = LIVE) -> list[tuple[str, Kind]]:
    return [(one.field, one.kind) for one in compare("r", control, candidate, rules, AT)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, [("form", Kind.CANONICAL)]),
        ({"a": 1}, {"a": 2}, [("$.a", Kind.VALUE)]),
        ({"a": 1}, {"a": 1.0}, [("$.a", Kind.SHAPE)]),
        ({"a": 1}, {"a": 1.5}, [("$.a", Kind.VALUE)]),
        ({"a": None}, {"a": 1}, [("$.a", Kind.SHAPE)]),
        ({"a": [1]}, {"a": [1, 2]}, [("$.a", Kind.VALUE)]),
        ({"a": [1]}, {"a": {}}, [("$.a", Kind.SHAPE)]),
        ({"x.y": 1}, {"x.y": 2}, [('$["x.y"]', Kind.VALUE)]),
        ({"at": "2026-11-21T12:00:00"}, {"at": "2026-11-21T11:00:00"}, [("$.at", Kind.VALUE)]),
        ([], {}, [("$", Kind.SHAPE)]),
    ],
)
def test_classes_of_json(left: Any, right: Any, expected: list[tuple[str, Kind]]) -> None:
    assert found(answer(left), answer(right)) == expected


def test_validators_count_where_the_content_differs() -> None:
    assert found(answer({"a": 1}, etag="1"), answer({"a": 1}, etag="2")) == []
    assert found(answer({"a": 1}, etag="1"), answer({"a": 2}, etag="2")) == [
        ("header:etag", Kind.VALUE),
        ("$.a", Kind.VALUE),
    ]


def test_a_rule_ignores_a_field_and_all_below_it_and_nothing_beside_it() -> None:
    rules = Rules(live=True, ignored=("$.rows[*].seen", "header:vary"))
    left = answer({"rows": [{"seen": {"at": 1}, "seen_by": 1}]}, vary="A")
    right = answer({"rows": [{"seen": {"at": 2}, "seen_by": 2}]}, vary="B")
    assert found(left, right, rules) == [("$.rows[*].seen_by".replace("[*]", "[0]"), Kind.VALUE)]


def test_numbers_are_close_only_where_a_rule_says_so() -> None:
    rules = Rules(live=True, close=(("$.scores[*]", 0.01),))
    left, right = answer({"scores": [1.0, 2.0], "sum": 3.0}), answer({"scores": [1.001, 2.0], "sum": 3.001})
    assert found(left, right, rules) == [("$.sum", Kind.VALUE)]
    assert found(answer({"scores": [1.0]}), answer({"scores": [1.5]}), rules) == [("$.scores[0]", Kind.VALUE)]


def test_sets_are_sets_by_rule() -> None:
    left, right = answer({"items": ["a", "b"]}), answer({"items": ["b", "a"]})
    assert [kind for _, kind in found(left, right)] == [Kind.VALUE, Kind.VALUE]
    assert found(left, right, Rules(live=True, unordered=("$.items",))) == [("form", Kind.CANONICAL)]


def test_the_parameters_of_a_content_type_are_cosmetic_and_the_type_is_not() -> None:
    page = Answer(200, (("content-type", "text/html; charset=utf-8"),), b"<p>")
    assert found(page, Answer(200, (("content-type", "text/html"),), b"<p>")) == [("header:content-type", Kind.HEADER)]
    assert found(page, answer({})) == [("header:content-type", Kind.CONTENT_TYPE)]


def test_pages_count_whole_or_by_their_title() -> None:
    one, two = (Answer(200, (("content-type", "text/html"),), f"<title>A</title>{text}".encode()) for text in "xy")
    assert found(one, two) == [("body", Kind.VALUE)]
    assert found(one, two, Rules(live=True)) == [("form", Kind.CANONICAL)]


def test_a_compressed_answer_counts_by_what_is_in_it() -> None:
    left, right, other = (
        Answer(
            200,
            (("content-type", "application/json"), ("content-encoding", "gzip")),
            gzip.compress(json.dumps({"a": value}).encode(), level, mtime=0),
        )
        for value, level in ((1, 1), (1, 9), (2, 9))
    )
    assert left.body != right.body
    assert found(left, right) == []
    assert found(left, other) == [("$.a", Kind.VALUE)]


def test_what_was_too_large_counts_by_its_digest() -> None:
    large, same, other = (Answer(200, (), b"", Digest(9, sha)) for sha in ("aa", "aa", "bb"))
    assert found(large, same) == []
    assert found(large, other) == [("body", Kind.VALUE)]
    assert found(large, Answer(200, (), b"small")) == [("body", Kind.VALUE)]
