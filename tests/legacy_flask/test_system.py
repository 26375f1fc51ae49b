"""The state of the process and the end of its log: for administrators, and without secrets."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fastapi_app.models import User, UserRole
from legacy_flask import system_lines
from legacy_flask.passwords import hash_password
from tests.legacy_flask.library import Library

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "log_lines.json").read_text())
PASSWORD = "Correct-Horse1!"


def sign_in(library: Library, role: UserRole) -> Any:
    name = role.value.lower()
    library.add(User(username=name, email=f"{name}@example.org", password_hash=hash_password(PASSWORD), role=role))
    client = library.client()
    assert client.post("/simple-login", data={"username": name, "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize("path", ["/admin/system/status/service", "/admin/system/logs/recent"])
def test_only_administrators_ask(library: Library, path: str) -> None:
    assert library.client().get(path).status_code == 401
    refused = sign_in(library, UserRole.MANAGER).get(path)
    assert (refused.status_code, refused.content_type) == (403, "application/json")


def test_the_end_of_the_log_is_masked(library: Library) -> None:
    log = library.data / "logs" / "mvidarr.log"
    log.parent.mkdir(parents=True)
    log.write_text("\n\n".join(vector["line"] for vector in VECTORS))
    client = sign_in(library, UserRole.ADMIN)
    told = client.get("/admin/system/logs/recent").get_json()
    assert told["log_entries"] == [vector["shown"] for vector in VECTORS]
    assert told["log_file"] == str(log)
    told = client.get("/admin/system/status/service").get_json()
    assert (told["pid"], told["uptime"]) == (os.getpid(), None)


def test_a_library_without_a_log_has_no_lines(library: Library) -> None:
    assert system_lines.recent(library.data / "logs" / "mvidarr.log") == []


def test_the_dashboard_counts_and_tells_what_failed(library: Library) -> None:
    page = library.client().get("/")
    assert page.status_code == 200
    assert "<title>Dashboard - MVidarr</title>" in page.get_data(as_text=True)
    assert "The library is empty" in page.get_data(as_text=True)
