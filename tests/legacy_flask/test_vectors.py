"""What both sides must agree on, case by case."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from fastapi_app.models import UserRole
from legacy_flask import passwords, setting_rules
from legacy_flask.access import Access, allowed_by_gate, reach
from legacy_flask.configuration import LegacySettings
from legacy_flask.cookies import LoginCookie, install
from legacy_flask.file_names import clean, destination
from legacy_flask.gate import gate_is_open
from legacy_flask.gone import gone
from legacy_flask.onward import inside
from legacy_flask.ranges import Unsatisfiable, parse
from legacy_flask.stored_paths import by_text
from tests.legacy_flask.library import Library, artist, video

VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(name: str, member: str = "cases") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))[member]
    return found


COOKIES = json.loads((VECTORS / "cookies.json").read_text("utf-8"))
CONDITIONS = json.loads((VECTORS / "conditions.json").read_text("utf-8"))


def serializer() -> Any:
    app = Flask(__name__)
    install(app, lambda: COOKIES["keys"])
    assert isinstance(app.session_interface, LoginCookie)
    return app.session_interface.get_signing_serializer(app)


@pytest.mark.parametrize("case", COOKIES["cases"], ids=lambda case: str(case["name"]))
def test_cookies(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: COOKIES["issued"])
    is_readable, content = serializer().loads_unsafe(case["cookie"], max_age=COOKIES["lifetime"])
    assert is_readable is case["readable"]
    if case["readable"]:
        assert content == case["content"]
    if case["canonical"]:
        assert serializer().dumps(case["content"]) == case["cookie"]


@pytest.mark.parametrize("case", vectors("passwords"), ids=lambda case: str(case["name"]))
def test_passwords(case: dict[str, Any]) -> None:
    assert passwords.verify_password(case["password"], case["hash"]) is case["matches"]


@pytest.mark.parametrize("case", vectors("passwords", "old_defaults"), ids=str)
def test_published_passwords(case: dict[str, Any]) -> None:
    assert passwords.is_old_default(case["username"], case["password"]) is case["refused"]


@pytest.mark.parametrize("case", vectors("roles"), ids=lambda case: f"{case['who']}-{case['access']}")
def test_roles(case: dict[str, Any]) -> None:
    needed = Access[case["access"]]
    role = UserRole.__members__.get(case["who"])
    is_allowed = reach(role) >= needed or allowed_by_gate(needed, is_open=case["gate_open"])
    assert is_allowed is (case["verdict"] == "allowed")


@pytest.mark.parametrize("case", vectors("gate"), ids=str)
def test_gate_values(case: dict[str, Any]) -> None:
    assert gate_is_open(case["value"]) is case["open"]


@pytest.mark.parametrize("case", vectors("file_names", "cleaned"), ids=str)
def test_file_names(case: dict[str, Any]) -> None:
    assert clean(case["name"]) == case["cleaned"]


@pytest.mark.parametrize("case", vectors("file_names", "moved"), ids=str)
def test_destinations_of_moves(case: dict[str, Any]) -> None:
    assert destination(case["stored"], case["artist"], case["title"]) == case["becomes"]


@pytest.mark.parametrize("case", vectors("paths"), ids=lambda case: repr(case["stored"]))
def test_stored_paths(case: dict[str, Any]) -> None:
    folders = {"{data}": "/srv/library", "{media}": "/mnt/films"}

    def filled(text: str | None) -> str | None:
        for name, folder in folders.items():
            text = text and text.replace(name, folder)
        return text

    settings = LegacySettings("sqlite://", tuple, Path(folders["{data}"]), Path("/"), (Path(folders["{media}"]),))
    found = by_text(filled(case["stored"]) or "", settings)
    assert (found and str(found.path)) == filled(case["path"])
    assert (found and str(found.root)) == filled(case["root"])


@pytest.mark.parametrize("case", vectors("ranges"), ids=lambda case: f"{case['header'][:30]}-{case['size']}")
def test_ranges(case: dict[str, Any]) -> None:
    if case["spans"] is None:
        with pytest.raises(Unsatisfiable):
            parse(case["header"], case["size"])
    else:
        assert [list(one) for one in parse(case["header"], case["size"])] == case["spans"]


@pytest.mark.parametrize("case", vectors("secret_settings", "keys"), ids=lambda case: ascii(case["key"]))
def test_secret_settings(case: dict[str, Any]) -> None:
    assert setting_rules.is_secret(case["key"]) is case["secret"]
    assert setting_rules.is_protected(case["key"]) is case["protected"]


@pytest.mark.parametrize("case", vectors("secret_settings", "changes"), ids=str)
def test_who_changes_a_setting(case: dict[str, Any]) -> None:
    assert setting_rules.access_to_change(case["key"], case["value"], case["stored"]).name == case["access"]


@pytest.mark.parametrize("case", vectors("secret_settings", "shown"), ids=str)
def test_masked_settings(case: dict[str, Any]) -> None:
    assert setting_rules.shown(case["key"], case["value"]) == case["shown"]


@pytest.mark.parametrize("case", vectors("secret_settings", "merged"), ids=str)
def test_masks_that_are_written_back(case: dict[str, Any]) -> None:
    assert setting_rules.kept(case["key"], case["value"], case["stored"]) == case["becomes"]


@pytest.mark.parametrize("case", vectors("destinations"), ids=lambda case: ascii(case["next"]))
def test_where_a_login_leads(case: dict[str, Any]) -> None:
    assert inside(case["next"], "http", "music.example.org") == case["leads_to"]


@pytest.mark.parametrize("case", CONDITIONS["cases"], ids=lambda case: str(case["request"]))
def test_conditions_on_files(case: dict[str, Any], library: Library) -> None:
    stored = "data/musicvideos/A/film.mp4"
    path = library.file(stored, bytes(1024))
    os.utime(path, (CONDITIONS["mtime"], CONDITIONS["mtime"]))
    library.add(artist(1), video(1, local_path=stored))
    client = library.client()
    tag = client.get("/api/videos/1/stream", buffered=True).headers["ETag"]
    headers = {name: value.replace("{etag}", tag) for name, value in case["request"].items()}
    answer = client.get("/api/videos/1/stream", headers=headers, buffered=True)
    assert answer.status_code == case["status"]
    expected = {name: value.replace("{etag}", tag) for name, value in case["headers"].items()}
    fixed = ("accept-ranges", "content-disposition", "content-range", "cache-control", "etag", "last-modified")
    assert {name: answer.headers.get(name) for name in fixed} == {name: expected.get(name) for name in fixed}
    if case["status"] in (200, 206):
        assert answer.headers["content-length"] == expected["content-length"] == str(len(answer.data))


@pytest.mark.parametrize("case", vectors("gone"), ids=lambda case: f"{case['method']} {case['path']}")
def test_an_address_that_ended_says_what_to_use_instead(case: dict[str, Any]) -> None:
    ended = gone(case["method"], case["path"])
    assert (ended and ended.more["instead"]) == case["instead"]
