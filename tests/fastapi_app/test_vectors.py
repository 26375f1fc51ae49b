"""What both sides must agree on, case by case."""

import json
from pathlib import Path
from typing import Any

import pytest

from fastapi_app.auth.access import Access, verdict
from fastapi_app.auth.cookies import CookieSigner
from fastapi_app.auth.gate import gate_is_open
from fastapi_app.auth.passwords import is_old_default, verify_password
from fastapi_app.gone import gone
from fastapi_app.media.paths import Roots, place
from fastapi_app.media.ranges import Unsatisfiable, parse
from fastapi_app.models import UserRole
from fastapi_app.settings import rules as settings
from fastapi_app.urls import inside
from fastapi_app.videos import rules as videos
from tests.fastapi_app.conftest import VECTORS, vectors

COOKIES = json.loads((VECTORS / "cookies.json").read_text("utf-8"))


def at(monkeypatch: pytest.MonkeyPatch, seconds: int) -> CookieSigner:
    """A reader of login cookies that long after they were issued."""
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: COOKIES["issued"] + seconds)
    return CookieSigner(COOKIES["keys"])


@pytest.mark.parametrize("case", COOKIES["cases"], ids=lambda case: str(case["name"]))
def test_cookies_are_read_and_written_as_flask_does(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert at(monkeypatch, 3600).read(case["cookie"]) == (case["content"] if case["readable"] else {})
    if case["canonical"]:
        assert at(monkeypatch, 0).write(case["content"]) == case["cookie"]


@pytest.mark.parametrize(("seconds", "alive"), [(COOKIES["lifetime"], True), (COOKIES["lifetime"] + 1, False)])
def test_a_cookie_dies_after_its_lifetime(seconds: int, alive: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bool(at(monkeypatch, seconds).read(COOKIES["cases"][0]["cookie"])) is alive


def test_members_that_nobody_here_understands_survive(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = at(monkeypatch, 0)
    assert signer.write(signer.read(COOKIES["tagged"])) == COOKIES["tagged"]


@pytest.mark.parametrize("case", vectors("passwords"), ids=lambda case: str(case["name"]))
def test_passwords(case: dict[str, Any]) -> None:
    assert verify_password(case["password"], case["hash"]) is case["matches"]


@pytest.mark.parametrize("case", vectors("passwords", "old_defaults"), ids=str)
def test_published_passwords(case: dict[str, Any]) -> None:
    assert is_old_default(case["username"], case["password"]) is case["refused"]


@pytest.mark.parametrize("case", vectors("roles"), ids=lambda case: f"{case['who']}-{case['access']}")
def test_roles(case: dict[str, Any]) -> None:
    role = UserRole.__members__.get(case["who"])
    logged_in = case["who"] != "anonymous"
    found = verdict(Access[case["access"]], role, logged_in=logged_in, gate_open=case["gate_open"])
    assert found.value == case["verdict"]


@pytest.mark.parametrize("case", vectors("gate"), ids=str)
def test_gate_values(case: dict[str, Any]) -> None:
    assert gate_is_open(case["value"]) is case["open"]


@pytest.mark.parametrize("case", vectors("file_names", "cleaned"), ids=str)
def test_file_names(case: dict[str, Any]) -> None:
    assert videos.clean(case["name"]) == case["cleaned"]


@pytest.mark.parametrize("case", vectors("file_names", "moved"), ids=str)
def test_destinations_of_moves(case: dict[str, Any]) -> None:
    name = videos.file_name(case["artist"], case["title"], Path(case["stored"]).suffix)
    assert videos.stored_destination(case["stored"], case["artist"], name) == case["becomes"]


@pytest.mark.parametrize("case", vectors("paths"), ids=lambda case: repr(case["stored"]))
def test_stored_paths(case: dict[str, Any]) -> None:
    folders = {"{data}": "/srv/library", "{media}": "/mnt/films"}

    def filled(text: str | None) -> str | None:
        for name, folder in folders.items():
            text = text and text.replace(name, folder)
        return text

    found = place(filled(case["stored"]) or "", Roots(Path(folders["{data}"]), (Path(folders["{media}"]),)))
    assert (found and str(found.path)) == filled(case["path"])
    assert (found and str(found.root)) == filled(case["root"])


@pytest.mark.parametrize("case", vectors("ranges"), ids=lambda case: f"{case['header'][:30]}-{case['size']}")
def test_ranges(case: dict[str, Any]) -> None:
    if case["spans"] is None:
        with pytest.raises(Unsatisfiable):
            parse(case["header"], case["size"])
    else:
        assert [[span.first, span.last] for span in parse(case["header"], case["size"])] == case["spans"]


@pytest.mark.parametrize("case", vectors("secret_settings", "keys"), ids=lambda case: ascii(case["key"]))
def test_secret_settings(case: dict[str, Any]) -> None:
    assert settings.is_secret(case["key"]) is case["secret"]
    assert settings.is_protected(case["key"]) is case["protected"]


@pytest.mark.parametrize("case", vectors("secret_settings", "changes"), ids=str)
def test_who_changes_a_setting(case: dict[str, Any]) -> None:
    assert settings.access_to_change(case["key"], case["value"], case["stored"]).name == case["access"]


@pytest.mark.parametrize("case", vectors("secret_settings", "shown"), ids=str)
def test_masked_settings(case: dict[str, Any]) -> None:
    assert settings.shown(case["key"], case["value"]) == case["shown"]


@pytest.mark.parametrize("case", vectors("secret_settings", "merged"), ids=str)
def test_masks_that_are_written_back(case: dict[str, Any]) -> None:
    assert settings.merged(case["key"], case["value"], case["stored"]) == case["becomes"]


@pytest.mark.parametrize("case", vectors("destinations"), ids=lambda case: ascii(case["next"]))
def test_where_a_login_leads(case: dict[str, Any]) -> None:
    scope = {"type": "http", "scheme": "http", "headers": [(b"host", b"music.example.org")], "path": "/"}
    assert inside(case["next"], scope) == case["leads_to"]


@pytest.mark.parametrize("case", vectors("gone"), ids=lambda case: f"{case['method']} {case['path']}")
def test_an_address_that_ended_says_what_to_use_instead(case: dict[str, Any]) -> None:
    ended = gone(case["method"], case["path"])
    assert (ended and ended.more["instead"]) == case["instead"]
