"""What a corpus says of a request tells no secret, and can be asked again."""

import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.comparison.redaction import REDACTED
from router.recording.mask import Mask
from router.recording.rules import RecordingRules

MASK = Mask(RecordingRules())
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
# fmt: off
LOOKS = [
    JWT, "anna@example.org", "0123456789abcdef0123456789abcdef", "Bearer abc", "https://anna:hunter2@host/",
    "5c4e9b1a-0f0e-4d0c-8a39-2f8f6c1d2e3f", "sk_live_4eC39HqLyjWD", "ghp_abcdefgh12345678", "4111 1111 1111 1111",
    "4111111111111111", "a8f5f167f44f4964", "xYz-1_aB9-cD3_eF5gH7", "+49 170 1234567", "password=hunter2",
    '{"password": "hunter2"}', '{"a": [{"apiKey": "x"}]}', "next=/a?token=hunter2", '"secret": "two words"',
]
KEPT = [
    "a-ha", "Never_Gonna_Give_You_Up_1987", "2026-11-22", "2026-11-22T01:02:03", "1985", "dQw4w9WgXcQ", "", "ascending",
    "/library/Rick Astley/1987.mp4", "Was (Not Was)", "sort_key=year", "99 Luftballons", "true",
    "AC/DC: Live at Donington",
]
# fmt: on


@pytest.mark.parametrize("text", LOOKS)
def test_what_looks_like_a_secret_is_masked_however_it_is_encoded(text: str) -> None:
    for shown in (text, quote(text, safe=""), quote(quote(text, safe=""), safe=""), f"before {text}", f"{text} after"):
        assert REDACTED in MASK.text(shown)
    for secret in ("hunter2", "two words", JWT, "anna@", "1111", "aB9"):
        assert secret not in MASK.text(text)


@pytest.mark.parametrize("text", KEPT)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert MASK.text(text) == text
    assert MASK.query(f"q={quote_plus(text)}") == f"q={quote_plus(text)}"


@pytest.mark.parametrize("name", ["key", "code", "login", "access_token", "userPassword", "cvv", "Sid", "firstName"])
def test_what_bears_a_secrets_name_is_masked(name: str) -> None:
    assert MASK.query(f"a=1&{name}=blue&b=") == f"a=1&{name}={quote_plus(REDACTED)}&b="
    assert MASK.value({name: "blue", "list": [{name: 5}]}) == {name: REDACTED, "list": [{name: REDACTED}]}
    assert MASK.path("/a/blue/b", f"/a/{{{name}}}/b") == f"/a/{quote(REDACTED, safe='')}/b"


def test_names_that_only_contain_one_are_kept() -> None:
    query = "sort_key=year&status_code=200&discard=1&author=me&keyboard=de"
    assert MASK.query(query) == query


def test_a_team_may_say_that_a_name_holds_no_secret() -> None:
    mask = Mask(RecordingRules(plain=frozenset({"key", "id"})))
    identity = "5c4e9b1a-0f0e-4d0c-8a39-2f8f6c1d2e3f"
    assert mask.query(f"key=theme&id={identity}") == f"key=theme&id={identity}"
    assert mask.path(f"/a/{identity}", "/a/{id:uuid}") == f"/a/{identity}"
    assert mask.value({"key": {"password": "x"}}) == {"key": {"password": REDACTED}}


def test_a_team_names_its_own_secrets() -> None:
    mask = Mask(RecordingRules(secret_names=("house_number",), secret_shapes=(r"MV-\d+",)))
    assert mask.value({"houseNumber": 5, "note": "see MV-17"}) == {"houseNumber": REDACTED, "note": f"see {REDACTED}"}


def test_what_a_template_has_literally_is_never_masked() -> None:
    path = "/api/session/0123456789abcdef0123456789abcdef/%C3%A4"
    assert MASK.path(path, "/api/session/{id}/{name}") == f"/api/session/{quote(REDACTED, safe='')}/%C3%A4"
    assert MASK.path("/files/a/anna@example.org", "/files/{path:path}") == f"/files/a/{quote(REDACTED, safe='')}"


def test_a_parameter_without_a_value_is_looked_at() -> None:
    assert MASK.query(f"debug&{JWT}") == f"debug&{quote_plus(REDACTED)}"


def test_what_is_encoded_without_end_is_masked() -> None:
    text = "anna@example.org"
    for _ in range(8):
        text = quote(text, safe="")
    assert MASK.text(text) == REDACTED


def test_truth_null_and_small_numbers_are_no_secrets() -> None:
    content = {"password": None, "has_token": True, "year": 1985, "ratio": 0.30000000000000004}
    assert MASK.value(content) == content
    assert MASK.value({"n": 4111111111111111, "f": 4.111111111111111e15}) == {"n": REDACTED, "f": REDACTED}


ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
SCRAPS = st.lists(st.one_of(ASCII, st.sampled_from([*LOOKS, "=", "&", ":", '"', "token", "%", "%25", "\\", "[", "{"])))
TEXT = st.one_of(st.text(max_size=60), SCRAPS.map("".join))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)


@given(TEXT)
def test_a_text_is_masked_once(text: str) -> None:
    shown = MASK.text(text)
    assert MASK.text(shown) == shown


@given(SCRAPS.map("".join))
def test_a_query_is_masked_once(query: str) -> None:
    shown = MASK.query(query)
    assert MASK.query(shown) == shown


@given(JSON)
def test_a_value_is_masked_once(value: Any) -> None:
    shown = MASK.value(value)
    assert MASK.value(shown) == shown
    assert MASK.value(json.loads(json.dumps(shown))) == shown
