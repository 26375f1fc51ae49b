"""No secret is kept, whatever it is called and wherever it stands; and what helps to find a difference is."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.comparison.answer import Digest
from router.comparison.redaction import REDACTED, Redactor, names

PLAIN = Redactor()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "name",
    [
        *("password", "new_password", "userPassword", "PASSWORD_HASH", "token", "access-token", "apiKey", "api_key"),
        *("X-API-Key", "secret", "clientSecret", "authorization", "Cookie", "email", "emailAddress", "otp", "pin"),
        *("recovery_codes", "session_id", "csrf_token", "privateKey"),
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert PLAIN.is_secret(name)
    assert PLAIN.sample(f"$.a.{name}", "one", "two") == (REDACTED, REDACTED)
    assert PLAIN.sample(f"$.{name}[*].deep", "one", "two") == (REDACTED, REDACTED)
    assert PLAIN.value({name: ["one", {"deep": 2}]}) == {name: REDACTED}
    assert "one" not in PLAIN.target("/a", f"{name}=one&page=2")
    assert "two" not in PLAIN.text(f"before {name}=two, after")


@pytest.mark.parametrize("name", ["author", "shipping", "opinion", "artist", "page", "title", "keyboard", "salty"])
def test_names_that_only_look_like_them(name: str) -> None:
    assert not PLAIN.is_secret(name)


@pytest.mark.parametrize(
    "text",
    [JWT, "anna@example.org", "0123456789abcdef0123456789abcdef", f"Bearer {JWT[:12]}", "Basic YW5uYTpodW50ZXI=",
     "AbC123AbC123AbC123AbC123AbC123AbC123", "https://anna:hunter2@host/"],
)  # fmt: skip
def test_what_is_secret_by_its_looks(text: str) -> None:
    shown = PLAIN.text(f"before {text} after")
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert text not in shown
    assert REDACTED in shown


def test_what_is_harmless_is_kept() -> None:
    kept = {"title": "Take On Me", "year": 1985, "at": "2026-11-21T12:00:00", "is_private": True, "none": None}
    assert PLAIN.value(kept) == kept
    assert PLAIN.text("GET /api/videos/7?page=2&sort=name") == "GET /api/videos/7?page=2&sort=name"
    assert PLAIN.target("/api/videos/7", "page=2&q=a-ha") == "/api/videos/7?page=2&q=a-ha"


def test_a_team_names_its_own_secrets() -> None:
    own = Redactor.with_more(["licence plate"], [r"\bB-[A-Z]{2} \d+"])
    assert own.value({"LicencePlate": "x", "note": "seen B-AB 123 here", "password": "y"}) == {
        "LicencePlate": REDACTED,
        "note": f"seen {REDACTED} here",
        "password": REDACTED,
    }


def test_of_a_page_only_its_size_its_digest_and_where_it_differs_are_kept() -> None:
    left, right = PLAIN.sample("body", b"<p>token=abc</p><b>one</b>", b"<p>token=defgh</p><b>two</b>")
    assert set(left) == {"length", "sha256", "differs_at"}
    assert left["differs_at"] == right["differs_at"] == len(f"<p>token={REDACTED}</p><b>")
    assert PLAIN.sample("body", b"token=abc", b"token=xyz")[0]["differs_at"] is None
    assert PLAIN.sample("body", Digest(9, "ab" * 32), b"small")[0] == {
        "length": 9, "sha256": "ab" * 8, "differs_at": None
    }  # fmt: skip


def test_samples_are_short() -> None:
    left, right = PLAIN.sample("$.a", "word " * 1000, [{"b": "word " * 1000}] * 50)
    assert len(json.dumps(left)) < 300
    assert len(json.dumps(right)) < 300
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]
    assert PLAIN.value(deep)


def test_cookies_keep_their_attributes() -> None:
    shown = PLAIN.sample("header:set-cookie", ["s; httponly=True; path=/"], ["s; path=/"])
    assert shown == (["s; httponly=True; path=/"], ["s; path=/"])


def test_names_on_the_way_to_a_field() -> None:
    assert names('$.user["odd name"].keys[*].id') == ["user", "odd name", "keys", "*", "id"]
    assert names("header:x-token") == ["header", "x-token"]


@given(st.recursive(st.text(max_size=5), lambda inner: st.dictionaries(st.text(max_size=8), inner, max_size=3)))
def test_below_a_secret_name_nothing_is_left(content: Any) -> None:
    assert PLAIN.value({"a": {"password": content}}) == {"a": {"password": REDACTED}}


@pytest.mark.parametrize("unit", ["eyJ", "a", "aA1", "a.", "a@", "://", "token=", "Bearer ", "-", "%3D"])
def test_no_text_takes_long(unit: str) -> None:
    started = time.process_time()
    PLAIN.text(unit * 100_000)
    assert time.process_time() - started < 1.0
