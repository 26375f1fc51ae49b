"""What a comparison says, to the last word: the field, both values, and the class."""

import gzip
import json
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from router.comparison.answer import Answer, Digest
from router.comparison.compare import compare
from router.comparison.differing import differing, is_below, is_close
from router.comparison.headers import differing_headers, media_type
from router.comparison.jsonpath import change, find
from router.comparison.ledger import Budget, Ledger
from router.comparison.mismatch import Kind, Mismatch, canonical, short
from router.comparison.noise import Counts, Meaning, meaning
from router.comparison.redaction import REDACTED, Redactor
from router.comparison.rules import LIVE, Rules, Tied, fold
from router.comparison.settling import MASK, NOW, by_chance, settle, ties_sorted
from router.comparison.waiver import Waiver

AT = datetime(2026, 11, 21, 12, tzinfo=UTC).replace(tzinfo=None)
JSON = "application/json"
Said = tuple[str, Any, Any, Kind]


def answer(body: bytes, kind: str = JSON, status: int = 200, **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, (("content-type", kind), *named), body)


def said(control: Answer, candidate: Answer, rules: Rules = LIVE) -> list[Said]:
    return [(one.field, one.control, one.candidate, one.kind) for one in compare("r", control, candidate, rules, AT)]


def packed(content: bytes, kind: str, encoding: str) -> Answer:
    body = gzip.compress(content, mtime=0) if encoding == "gzip" else zlib.compress(content)
    return answer(body, kind, content_encoding=encoding)


def test_a_status_hides_all_else() -> None:
    assert said(answer(b"{}"), answer(b"", "text/html", 500)) == [("status", 200, 500, Kind.STATUS)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("$.a", 1, 2, Kind.VALUE)]),
        ({"a": 1}, {}, [("$.a", 1, "(absent)", Kind.SHAPE)]),
        ({}, {"a": 1}, [("$.a", "(absent)", 1, Kind.SHAPE)]),
        ({"a": 1}, {"a": True}, [("$.a", 1, True, Kind.SHAPE)]),
        ({"a": 2}, {"a": True}, [("$.a", 2, True, Kind.SHAPE)]),
        ({"a": True}, {"a": False}, [("$.a", True, False, Kind.VALUE)]),
        ({"a": 2}, {"a": 2.0}, [("$.a", 2, 2.0, Kind.SHAPE)]),
        ({"a": 2}, {"a": 2.5}, [("$.a", 2, 2.5, Kind.VALUE)]),
        ({"a": "x"}, {"a": 1}, [("$.a", "x", 1, Kind.SHAPE)]),
        ({"a": {}}, {"a": 1}, [("$.a", {}, 1, Kind.SHAPE)]),
        ({"a": 1}, {"a": {}}, [("$.a", 1, {}, Kind.SHAPE)]),
        ([1, 2], [1, 3], [("$[1]", 2, 3, Kind.VALUE)]),
        ([1], [1, 2], [("$", [1], [1, 2], Kind.VALUE)]),
    ],
)
def test_json(left: Any, right: Any, expected: list[Said]) -> None:
    assert said(answer(json.dumps(left).encode()), answer(json.dumps(right).encode())) == expected


def test_differing_is_the_same_without_the_class() -> None:
    assert list(differing("$", {"a": 1, "b": [1]}, {"a": 2, "b": [1]})) == [("$.a", 1, 2)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (answer(b"<b>", "text/html"), answer(b"<i>", "text/html"), [("body", b"<b>", b"<i>", Kind.VALUE)]),
        (answer(b"{"), answer(b"[["), [("$", b"{", b"[[", Kind.VALUE)]),
        (answer(b""), answer(b"{}"), [("$", b"", {}, Kind.SHAPE)]),
        (answer(b"[1]"), answer(b"[ 1]"), [("form", None, None, Kind.CANONICAL)]),
        (answer(b"x", "text/plain"), answer(b"x", "text/plain"), []),
        (
            answer(b"x", "text/plain; charset=utf-8"),
            answer(b"y", "Text/Plain"),
            [
                ("header:content-type", "text/plain; charset=utf-8", "Text/Plain", Kind.HEADER),
                ("body", b"x", b"y", Kind.VALUE),
            ],
        ),
        (
            answer(b"x", "text/plain"),
            answer(b"<p>", "text/html"),
            [("header:content-type", "text/plain", "text/html", Kind.CONTENT_TYPE)],
        ),
        (Answer(200, (), b"x"), Answer(200, (), b"y"), [("body", b"x", b"y", Kind.VALUE)]),
        (
            Answer(200, (), b"", Digest(1, "aa")),
            Answer(200, (), b"x"),
            [("body", Digest(1, "aa"), b"x", Kind.VALUE)],
        ),
        (
            Answer(200, (), b"x"),
            Answer(200, (), b"", Digest(1, "aa")),
            [("body", b"x", Digest(1, "aa"), Kind.VALUE)],
        ),
    ],
)
def test_bodies(left: Answer, right: Answer, expected: list[Said]) -> None:
    assert said(left, right) == expected


def test_the_form_of_recorded_json_is_flasks() -> None:
    """Compact, sorted, ASCII, one line's end."""
    flask, other, third = b'{"a":"\\u00fc","b":1}\n', b'{"b":1,"a":"\\u00fc"}\n', b'{"a": "\\u00fc", "b": 1}'
    assert said(answer(flask), answer(other), Rules()) == [("form", True, False, Kind.CANONICAL)]
    assert said(answer(third), answer(flask), Rules()) == [("form", False, True, Kind.CANONICAL)]
    assert said(answer(other), answer(third), Rules()) == []
    assert said(answer(b"{"), answer(b"{"), Rules()) == []
    assert said(answer(b"{"), answer(b"{}\n"), Rules()) == [
        ("$", b"{", {}, Kind.SHAPE),
        ("form", False, True, Kind.CANONICAL),
    ]


def test_recorded_pages_count_by_the_title_of_a_success() -> None:
    one, two = answer(b"<title>A</title>x", "text/html"), answer(b"<title>B</title>y", "text/html")
    assert said(one, two, Rules()) == [("body", b"A", b"B", Kind.VALUE)]
    assert said(one, answer(b"<title>A</title>y", "text/html"), Rules()) == []
    assert said(one, answer(b"nothing", "text/html"), Rules()) == [("body", b"A", b"", Kind.VALUE)]
    failed = [answer(f"<title>{text}</title>".encode(), "text/html", 404) for text in "AB"]
    assert said(failed[0], failed[1], Rules()) == []
    texts = [answer(f"<title>A</title>{text}".encode(), "text/plain") for text in "AB"]
    assert [field for field, *_ in said(texts[0], texts[1], Rules())] == ["body"]


def test_the_boundary_of_a_body_in_parts_is_by_chance() -> None:
    sides = [answer(f"--{name}\r\nx\r\n--{name}--".encode(), f"multipart/x; boundary={name}") for name in ("ab", "cd")]
    assert said(sides[0], sides[1], Rules()) == []
    other = answer(b"--cd\r\ny\r\n--cd--", "multipart/x; boundary=cd")
    assert said(sides[0], other, Rules()) == [
        ("body", b"--*\r\nx\r\n--*--", b"--*\r\ny\r\n--*--", Kind.VALUE),
    ]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_packed_body_counts_by_what_is_in_it(encoding: str) -> None:
    left, right = packed(b'{"a": 1}', JSON, encoding), packed(b'{"a": 2}', JSON, encoding)
    assert said(left, right) == [("$.a", 1, 2, Kind.VALUE)]


def test_what_is_no_gzip_counts_as_it_is() -> None:
    left, right = answer(b"x", "a/b", content_encoding="gzip"), answer(b"y", "a/b", content_encoding="gzip")
    assert said(left, right) == [("body", b"x", b"y", Kind.VALUE)]
    left, right = (answer(body, "a/b", content_encoding="deflate") for body in (b"neither", b"either"))
    assert said(left, right) == [("body", b"neither", b"either", Kind.VALUE)]
    sevens, eights = (packed(digit * 5_000_000, "a/b", "gzip") for digit in (b"7", b"8"))
    assert said(sevens, eights) == [("body", sevens.body, eights.body, Kind.VALUE)]
    assert said(answer(b"x", "a/b", content_encoding="br"), answer(b"y", "a/b", content_encoding="br")) == [
        ("body", b"x", b"y", Kind.VALUE)
    ]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"location": "/a"}, {}, [("header:location", "/a", None, Kind.VALUE)]),
        ({"x-colour": "a"}, {"x-colour": "b"}, [("header:x-colour", "a", "b", Kind.HEADER)]),
        ({"vary": "B, A"}, {"vary": "A,B"}, []),
        ({"allow": "GET, HEAD"}, {"allow": "HEAD"}, [("header:allow", "GET, HEAD", "HEAD", Kind.VALUE)]),
        ({"x-request-id": "1", "x-runtime": "2", "date": "3"}, {"server": "x", "x-trace-id": "4"}, []),
        ({"content-length": "3", "etag": "a"}, {"etag": "b", "last-modified": "c"}, []),
        (
            {"set-cookie": "s=1; Path=/; Max-Age=0"},
            {"set-cookie": "s=2; Path=/; Max-Age=60"},
            [("header:set-cookie", ["s; path=/; removed"], ["s; path=/"], Kind.VALUE)],
        ),
        (
            {"set-cookie": "s=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"},
            {"set-cookie": "s=1; Expires=Thu, 01 Jan 2032 00:00:00 GMT; Secure"},
            [("header:set-cookie", ["s; removed"], ["s; secure=True"], Kind.VALUE)],
        ),
        ({"set-cookie": ""}, {}, [("header:set-cookie", ["(no cookie)"], [], Kind.VALUE)]),
    ],
)
def test_headers(left: dict[str, str], right: dict[str, str], expected: list[Said]) -> None:
    sides = [Answer(200, tuple(given.items()), b"") for given in (left, right)]
    assert said(sides[0], sides[1]) == expected


def test_a_list_in_one_header_or_in_two_is_one_list() -> None:
    sides = [Answer(200, headers, b"") for headers in ((("allow", "GET"), ("allow", "HEAD")), (("allow", "HEAD,GET"),))]
    assert said(sides[0], sides[1]) == []


def test_of_a_boundary_and_of_a_file_of_today_no_more_is_said_than_that() -> None:
    left, right = answer(b"", "multipart/a; boundary=1"), answer(b"", "multipart/b; boundary=2")
    told = ("multipart/a; boundary=*", "multipart/b; boundary=*")
    assert said(left, right) == [("header:content-type", *told, Kind.CONTENT_TYPE)]
    today, never = answer(b"", "a/b", etag="1", last_modified="Sat, 21 Nov 2026 10:00:00 GMT"), answer(b"", "a/b")
    assert said(today, never, Rules()) == [
        ("header:etag", "{now}", None, Kind.VALUE),
        ("header:last-modified", "{now}", None, Kind.VALUE),
    ]


def test_only_live_answers_tell_of_headers_that_nobody_goes_by() -> None:
    sides = [Answer(200, (("x-colour", colour),), b"") for colour in "ab"]
    assert said(sides[0], sides[1], Rules()) == []


def test_validators_count_where_the_content_differs() -> None:
    left, right = (Answer(200, (("etag", tag), ("location", tag)), b"") for tag in "ab")
    told = [list(differing_headers(left, right, LIVE, AT, same_content=same)) for same in (True, False)]
    place = ("header:location", "a", "b", Kind.VALUE)
    assert told == [[place], [("header:etag", "a", "b", Kind.VALUE), place]]


@pytest.mark.parametrize(("hours", "fresh"), [(23, True), (24, False), (25, False), (-23, True), (-24, False)])
def test_a_file_of_today_has_validators_of_its_own(hours: int, fresh: bool) -> None:
    modified = (AT - timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    sides = [answer(b"x", "a/b", etag=tag, last_modified=modified) for tag in "ab"]
    expected = [] if fresh else [("header:etag", "a", "b", Kind.VALUE)]
    assert said(sides[0], sides[1], Rules()) == expected


def test_what_a_rule_calls_chance_is_masked_in_headers_too() -> None:
    sides = [Answer(200, (("location", f"/a/{number}"),), b"") for number in (1, 2)]
    assert said(sides[0], sides[1], Rules(live=True, by_chance=(r"\d+",))) == []
    assert len(said(sides[0], sides[1])) == 1


@pytest.mark.parametrize(
    ("told", "expected"),
    [(None, ""), ("", ""), ("A/B; c=d", "a/b"), (" a/b ", "a/b")],
)
def test_media_types(told: str | None, expected: str) -> None:
    assert media_type(told) == expected


@pytest.mark.parametrize(
    ("left", "right", "close"),
    [(1.0, 1.005, True), (1, 1.005, True), (1.0, 1.5, False), (True, 1.0, False), (1.0, True, False), ("1", 1, False)],
)
def test_closeness(left: Any, right: Any, close: bool) -> None:
    assert is_close("$.a[3].b", left, right, (("$.x", 9.0), ("$.a[*].b", 0.01))) is close
    assert is_close("$.a[3].b", left, right, (("$.a[3].b", 0.01),)) is close
    assert not is_close("$.a[3].b", left, right, (("$.a[4].b", 0.01),))
    assert not is_close("$.a[3].b", left, right, ())


@pytest.mark.parametrize(
    ("field", "below"),
    [("$.a", True), ("$.a.b", True), ("$.a[0]", True), ("$.ab", False), ("$.aX", False), ("$.b", False), ("$", False)],
)
def test_below(field: str, below: bool) -> None:
    assert is_below(field, "$.a") is below


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a", [[1, {"b": 2}]]),
        ("$.a[0]", [1]),
        ("$.a[1].b", [2]),
        ("$.a[*].b", [2]),
        ("$.a[2]", []),
        ("$.a[9]", []),
        ("$.*", [[1, {"b": 2}], 3]),
        ("$[*]", [[1, {"b": 2}], 3]),
        ("$.c.d", []),
        ("$.x", []),
        ("$.a.b", []),
    ],
)
def test_paths(path: str, expected: list[Any]) -> None:
    content = {"a": [1, {"b": 2}], "c": 3}
    assert find(content, path) == expected
    assert content == {"a": [1, {"b": 2}], "c": 3}
    assert change(content, path, lambda _value: "new") == len(expected)
    assert content == {"a": [1, {"b": 2}], "c": 3} or "new" in json.dumps(content)
    assert find([[5]], "[0][0]") == [5]


def test_a_mismatch_reads_as_a_sentence_of_bounded_length() -> None:
    assert str(Mismatch("GET /a", "$.b", 1, b"x")) == "GET /a $.b: 1 on legacy, b'x' on modern"
    assert (short("é" * 118), len(short("x" * 118))) == (f'"{"é" * 118}"', 120)
    assert short("x" * 119) == f'"{"x" * 99}… (121 characters)'
    assert canonical({"b": "é", "a": {1}}) == '{"a": "{1}", "b": "é"}'


@pytest.mark.parametrize(
    ("raw", "noise", "compared", "probed", "expected"),
    [
        (0, 0, 500, 0, Meaning.NOISE),
        (1, 0, 500, 0, Meaning.FINDING),
        (1, 1, 500, 500, Meaning.NOISE),
        (1, 0, 199, 0, Meaning.UNSURE),
        (1, 0, 200, 0, Meaning.FINDING),
        (3, 0, 10_000, 0, Meaning.NOISE),
        (4, 0, 10_000, 0, Meaning.FINDING),
        (3, 2, 500, 500, Meaning.NOISE),
    ],
)
def test_meanings(raw: int, noise: int, compared: int, probed: int, expected: Meaning) -> None:
    assert meaning(Kind.VALUE, Counts(raw, noise, compared, probed)) is expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"list": "$.a", "key": "b"}, Tied("$.a", ("b",), "se")),
        ({"list": "$.a", "key": ["b", "c"], "cut": "e"}, Tied("$.a", ("b", "c"), "e")),
        ({"list": "$.a", "key": None, "cut": ""}, Tied("$.a", (), "")),
    ],
)
def test_rules_of_a_recorded_line(order: dict[str, Any], expected: Tied) -> None:
    line = {"volatile": ["$.v"], "loose": ["$.l"], "unordered": ["$.u"], "order": order}
    assert Rules.of(line) == Rules(("$.v", "$.l"), ("$.u",), expected)
    assert Rules.of({}) == Rules()


def test_text_as_databases_sort_it() -> None:
    assert fold("ÉTÉ  ") == "ete"
    assert fold(" a") != fold("a")


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        ("", [[{"k": 1, "v": 1}, {"k": 1, "v": 2}], [{"k": 2, "v": 3}], [{"k": 3, "v": 4}]]),
        ("s", [2, [{"k": 2, "v": 3}], [{"k": 3, "v": 4}]]),
        ("e", [[{"k": 1, "v": 1}, {"k": 1, "v": 2}], [{"k": 2, "v": 3}], 1]),
        ("se", [2, [{"k": 2, "v": 3}], 1]),
    ],
)
def test_rows_that_are_equal_in_their_key(cut: str, expected: list[Any]) -> None:
    rows = [{"k": 1, "v": 2}, {"k": 1, "v": 1}, {"k": 2, "v": 3}, {"k": 3, "v": 4}]
    sorted_ = ties_sorted(rows, Tied("$", ("k",), cut), fold)
    assert [value for _, value in sorted_] == expected
    assert [key for key, _ in sorted_] == ["[1]", "[2]", "[3]"]


@pytest.mark.parametrize("separator", [" ", "T", "+"])
@pytest.mark.parametrize(("hours", "near"), [(0, True), (23, True), (24, False), (-23, True), (-24, False)])
def test_moments_near_the_present_are_one(separator: str, hours: int, near: bool) -> None:
    text = (AT + timedelta(hours=hours)).isoformat(separator)
    assert settle({"at": [f"at {text}.", 1]}, AT) == {"at": [f"at {NOW if near else text}.", 1]}


def test_what_is_no_moment_stays() -> None:
    assert settle("2026-99-99 12:00:00", AT) == "2026-99-99 12:00:00"


def test_chance_is_masked_everywhere_and_nothing_else_is_touched() -> None:
    content = {"a": ["id 17", 17, None], "b": "none"}
    assert by_chance(content, [r"\d+"]) == {"a": [f"id {MASK}", 17, None], "b": "none"}
    assert by_chance(content, []) is content


def test_a_ledger_tells_when_and_how_often() -> None:
    ledger = Ledger(budget=Budget(2))
    empty = ledger.summary()
    assert (empty.compared, empty.probed, empty.since, empty.until, empty.versions) == (0, 0, "", "", ())
    first, last = datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert ledger.compare([Mismatch("r", "form", None, None, Kind.CANONICAL)], first, "/a?b=1") is Kind.CANONICAL
    assert ledger.compare([Mismatch("r", "$.a", 1, 2)], last, "/a?b=2") is Kind.VALUE
    ledger.probe([Mismatch("r", "$.a", 1, 2)])
    for shape in ("one", "one", "two"):
        ledger.came(shape)
    ledger.covered("one")
    for why in ("late", "late", "large"):
        ledger.skip(why)
    told = ledger.summary("v1")
    assert (told.compared, told.probed, told.versions) == (2, 1, ("v1",))
    assert (told.since, told.until) == (first.isoformat(), last.isoformat())
    assert (told.shapes, told.skipped) == ({"one": (2, 1), "two": (1, 0)}, {"late": 2, "large": 1})
    assert told.results == {"canonical": 1, "value": 1}
    form, value = told.fields["form", Kind.CANONICAL], told.fields["$.a", Kind.VALUE]
    assert (form.raw, form.noise, form.samples, value.raw, value.noise) == (1, 0, (), 1, 1)
    assert value.samples == ({"control": 1, "candidate": 2, "target": "/a?b=2", "at": last.isoformat()},)


def test_what_follows_a_waived_field_counts() -> None:
    ledger = Ledger([Waiver("r", "anna", "known", date(2027, 1, 1), fields=r"\$\.a")])
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert ledger.compare([Mismatch("r", "$.a", 1, 2), Mismatch("r", "$.b", 1, 2)], at) is Kind.VALUE
    assert {field: one.raw for (field, _), one in ledger.summary().fields.items()} == {"$.a": 0, "$.b": 1}


def test_a_field_that_legacy_changes_by_itself_is_noise() -> None:
    ledger, clock = Ledger(), Mismatch("r", "$.clock", 1, 2)
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    for _ in range(300):
        ledger.probe([clock])
        result = ledger.compare([clock], at)
    assert result is Kind.NOISE


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("key", True),
        ("KEY", True),
        ("user[key]", True),
        ("sort_key", False),
        ("key[user]", False),
        ("keyX", False),
        ("other", False),
    ],
)
def test_names_that_are_secret_as_a_whole(name: str, secret: bool) -> None:
    assert Redactor.with_more(whole=["key"]).is_secret(name) is secret
    assert not Redactor.with_more().is_secret(name)


def test_what_a_redactor_keeps_exactly() -> None:
    plain = Redactor(longest=20)
    deep: Any = [[[[[["x"]]]]]]
    assert plain.value(deep) == [[[[[["…"]]]]]]
    nested: Any = {"a": {"a": {"a": {"a": {"a": {"a": "x"}}}}}}
    assert plain.value(nested) == {"a": {"a": {"a": {"a": {"a": {"a": "…"}}}}}}
    assert plain.value({"a": 10**12}) == {"a": REDACTED}
    assert plain.value({"a": 10**12 - 1, "b": -(10**12)}) == {"a": 10**12 - 1, "b": REDACTED}
    assert plain.value({"token": True, "pin": None}) == {"token": True, "pin": None}
    assert plain.sample("$.a", "x" * 18, "x" * 19) == ("x" * 18, f'"{"x" * 19}… (21 characters)')
    assert plain.sample("$.a", "é" * 18, "") == ("é" * 18, "")
    assert plain.target("/" + "a" * 19, "") == "/" + "a" * 19
    assert plain.target("/" + "a" * 20, "") == "/" + "a" * 19 + "… (21 characters)"
    assert Redactor().target("/", "a=&" + "&".join(f"p{number}=1" for number in range(30))).count("=") == 20
    assert Redactor().target("/", "a=") == "/?a="
    assert Redactor().text("G" * 40 + " " + "a1B" * 12) == "G" * 40 + " " + REDACTED
    left, right = Redactor().sample("body", b"one", {"a": 1})
    assert (left["length"], right["length"], left["differs_at"]) == (3, 8, None)
    assert (
        len({Redactor().sample("body", b"", content)[1]["sha256"] for content in ({"a": 1, "b": 2}, {"b": 2, "a": 1})})
        == 1
    )
    assert Redactor().sample("body", b"a\xff", b"a\xfe")[0]["differs_at"] is None
