"""The webhook routes: nothing is lost, nothing secret is shown."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from fastapi_app.models import Setting
from tests.legacy_flask.library import Library

URL = "http://127.0.0.1:9/hook?a=%2F&b=1"
TARGET = f"/api/webhooks/{quote(URL, safe='')}"
SAVED: dict[str, Any] = {"url": URL, "secret": "do-not-show", "headers": {"Authorization": "do-not-show"}, "own": 1}


def save(library: Library, value: str) -> None:
    library.add(Setting(id=9, key="webhooks_config", value=value))


def config(*endpoints: Any) -> str:
    return json.dumps({"endpoints": list(endpoints)})


def stored(library: Library) -> list[Any]:
    content: dict[str, list[Any]] = json.loads(library.one(Setting, 9).value)
    return content["endpoints"]


def test_what_was_saved_is_there_without_its_secrets(library: Library) -> None:
    save(library, config(SAVED, 5))
    answer = library.client().get("/api/webhooks/")
    assert "do-not-show" not in answer.text
    shown = {"enabled": True, "events": [], "max_retries": 3, "timeout": 30}
    expected = {"url": URL, "secret": "***", "headers": {"Authorization": "***"}, **shown}
    assert answer.json == {"count": 1, "webhooks": [expected]}


def test_adding_changing_and_removing_keep_everything_else(library: Library) -> None:
    save(library, config(5, SAVED))
    client = library.client()
    assert client.post("/api/webhooks/", json={"url": "http://h/a//b"}).status_code == 201
    assert client.post("/api/webhooks/", json={"url": URL}).status_code == 409
    body = {"url": "http://evil.example/", "secret": "********", "headers": {"Authorization": "***"}, "timeout": 5}
    assert client.put(TARGET, json=body).status_code == 200
    assert stored(library)[:2] == [5, {**SAVED, "timeout": 5}]
    assert client.delete("/api/webhooks/http://h/a//b").status_code == 200
    assert client.delete("/api/webhooks/http://h/a//b").status_code == 404
    assert stored(library) == [5, {**SAVED, "timeout": 5}]


def test_changes_at_once_lose_nothing(library: Library) -> None:
    save(library, config())

    def add(number: int) -> int:
        return library.client().post("/api/webhooks/", json={"url": f"http://h/{number}"}).status_code

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(add, range(8))) == {201}
    assert {one["url"] for one in stored(library)} == {f"http://h/{number}" for number in range(8)}


@pytest.mark.parametrize("broken", ["{", "[]", '{"endpoints": {}}'])
def test_a_setting_that_can_not_be_read_is_not_overwritten(library: Library, broken: str) -> None:
    save(library, broken)
    assert library.client().post("/api/webhooks/", json={"url": "http://h/"}).status_code == 409
    assert library.one(Setting, 9).value == broken


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "URL is required"),
        ({"url": ""}, "URL must start with http:// or https://"),
        ({"url": "http://[bad"}, "URL must name a host, without spaces, in at most 2000 characters"),
        ({"url": "http://h/", "events": ["bogus"]}, "Invalid event type: bogus"),
        ({"url": "http://h/", "timeout": 0}, "timeout must be between 1 and 300 seconds"),
        ({"url": "http://h/", "secret": "***"}, "A new webhook needs the secret itself, not what stands for it"),
    ],
)
def test_what_can_not_be_saved_is_named(library: Library, body: dict[str, Any], error: str) -> None:
    answer = library.client().post("/api/webhooks/", json=body)
    assert (answer.status_code, answer.json) == (400, {"error": error})


def test_a_check_tells_everything_and_saves_nothing(library: Library) -> None:
    client = library.client()
    body = {"url": "nope", "events": ["a"], "headers": []}
    errors = ["URL must start with http:// or https://", "Invalid event type: a", "headers must be a dictionary"]
    assert client.post("/api/webhooks/validate", json=body).json == {"valid": False, "errors": errors}
    assert client.post("/api/webhooks/validate", json={"url": URL}).status_code == 200
    assert client.get("/api/webhooks/").json == {"count": 0, "webhooks": []}
