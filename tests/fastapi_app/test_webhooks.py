"""The webhook routes: nothing is lost, nothing secret is shown."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from sqlalchemy import select

from fastapi_app.models import Setting
from tests.fastapi_app.conftest import Client, as_json

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

URL = "http://127.0.0.1:9/hook?a=%2F&b=1#c"
TARGET = f"/api/webhooks/{quote(URL, safe='')}"
SAVED: dict[str, Any] = {
    "url": URL,
    "secret": "do-not-show",
    "events": ["video.added"],
    "enabled": True,
    "max_retries": 0,
    "timeout": 1,
    "headers": {"Authorization": "Bearer do-not-show", "X-A": "b"},
    "own": "kept",
}


def config(*endpoints: Any, **more: Any) -> Setting:
    return Setting(id=9, key="webhooks_config", value=json.dumps({"endpoints": list(endpoints), **more}))


async def stored(client: Client) -> Any:
    async with client.state["database"].reading() as session:
        value = await session.scalar(select(Setting.value).where(Setting.key == "webhooks_config"))
    return json.loads(value) if value else value


async def test_what_was_saved_is_there_after_a_restart_without_its_secrets(open_client: Client, rows: Rows) -> None:
    rows(config(SAVED, 5, {"url": 5}))
    answer = await open_client.get("/api/webhooks/")
    assert "do-not-show" not in answer.text
    shown = {**SAVED, "secret": "***", "headers": {"Authorization": "***", "X-A": "b"}}
    del shown["own"]
    assert answer.json() == {"count": 1, "webhooks": [shown]}


async def test_adding_keeps_what_was_saved_and_what_nobody_knows(open_client: Client, rows: Rows) -> None:
    rows(config(SAVED, 5, version=2))
    answer = await open_client.post("/api/webhooks/", json={"url": "http://h/", "events": ["system.error"] * 2})
    assert (answer.status_code, answer.json()["url"]) == (201, "http://h/")
    new: dict[str, Any] = {
        "url": "http://h/",
        "secret": None,
        "events": ["system.error"],
        "enabled": True,
        "max_retries": 3,
        "timeout": 30,
        "headers": {},
    }
    assert await stored(open_client) == {"endpoints": [SAVED, 5, new], "version": 2}


async def test_changes_at_once_lose_nothing(open_client: Client) -> None:
    async with anyio.create_task_group() as group:
        for number in range(8):
            body = {"url": f"http://h/{number}"}
            group.start_soon(lambda sent: open_client.post("/api/webhooks/", json=sent), body)
    assert {one["url"] for one in (await stored(open_client))["endpoints"]} == {f"http://h/{n}" for n in range(8)}


@pytest.mark.parametrize("mask", ["***", "********"])
async def test_what_stands_for_a_secret_changes_nothing_when_written_back(
    open_client: Client, rows: Rows, mask: str
) -> None:
    rows(config(SAVED))
    body = {"secret": mask, "headers": {"Authorization": mask, "X-A": mask}, "timeout": "5"}
    assert (await open_client.put(TARGET, json=body)).status_code == 200
    headers = {"Authorization": "Bearer do-not-show", "X-A": mask}
    assert (await stored(open_client))["endpoints"] == [{**SAVED, "timeout": 5, "headers": headers}]


@pytest.mark.parametrize("body", [{"secret": "***"}, {"headers": {"X-Token": "********"}}])
async def test_a_new_webhook_is_not_signed_with_a_mask(open_client: Client, body: dict[str, Any]) -> None:
    answer = await open_client.post("/api/webhooks/", json={"url": "http://h/", **body})
    assert answer.status_code == 400
    assert (await open_client.get("/api/webhooks/")).json()["count"] == 0


async def test_a_change_can_not_send_a_secret_elsewhere(open_client: Client, rows: Rows) -> None:
    rows(config(SAVED))
    assert (await open_client.put(TARGET, json={"url": "http://evil.example/"})).status_code == 200
    assert (await stored(open_client))["endpoints"] == [SAVED]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_an_absent_webhook_is_not_found(open_client: Client, rows: Rows, method: str) -> None:
    rows(config(SAVED))
    for target in ("/api/webhooks/http://127.0.0.1:9/hook", "/api/webhooks/events", "/api/webhooks/%00"):
        answer = await open_client.request(method, target, json={"timeout": 5})
        assert (answer.status_code, answer.json()) == (404, {"error": "Webhook endpoint not found"})
    assert (await stored(open_client))["endpoints"] == [SAVED]


async def test_a_url_may_hold_slashes_raw_or_encoded(open_client: Client, rows: Rows) -> None:
    rows(config(SAVED, {"url": "https://h/a//b"}))
    assert (await open_client.delete("/api/webhooks/https://h/a//b")).status_code == 200
    assert (await open_client.delete(TARGET)).status_code == 200
    assert (await stored(open_client))["endpoints"] == []


async def test_the_same_url_twice_is_a_conflict(open_client: Client, rows: Rows) -> None:
    rows(config(SAVED))
    assert (await open_client.post("/api/webhooks/", json={"url": URL})).status_code == 409


@pytest.mark.parametrize("broken", ["{", "[]", '{"endpoints": {}}', "[" * 100_000])
async def test_a_setting_that_can_not_be_read_is_not_overwritten(open_client: Client, rows: Rows, broken: str) -> None:
    rows(Setting(id=9, key="webhooks_config", value=broken))
    assert (await open_client.get("/api/webhooks/")).status_code == 409
    assert (await open_client.post("/api/webhooks/", json={"url": "http://h/"})).status_code == 409
    async with open_client.state["database"].reading() as session:
        assert (await session.get_one(Setting, 9)).value == broken


async def test_more_than_the_column_keeps_is_refused(open_client: Client) -> None:
    body = {"url": "http://h/", "headers": {"X-Big": "x" * 66_000}}
    assert (await open_client.post("/api/webhooks/", json=body)).status_code == 400


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "URL is required"),
        ([], "URL is required"),
        ({"url": ""}, "URL must start with http:// or https://"),
        ({"url": 5}, "URL must start with http:// or https://"),
        ({"url": "file:///etc/passwd"}, "URL must start with http:// or https://"),
        ({"url": "http://"}, "URL must name a host"),
        ({"url": "http://[bad"}, "URL must name a host"),
        ({"url": "http://h/\r\nX: y"}, "URL must name a host"),
        ({"url": "http://h/", "events": ["bogus"]}, "Invalid event type: bogus"),
        ({"url": "http://h/", "events": "video.added"}, "events must be a list"),
        ({"url": "http://h/", "max_retries": 11}, "max_retries must be between 0 and 10"),
        ({"url": "http://h/", "timeout": "x"}, "timeout must be a number"),
        ({"url": "http://h/", "enabled": "yes"}, "enabled must be true or false"),
        ({"url": "http://h/", "secret": 5}, "secret must be text"),
        ({"url": "http://h/", "headers": {"X-A": "b\r\nX-B: c"}}, "headers must hold"),
    ],
)
async def test_what_can_not_be_saved_is_named(open_client: Client, body: object, error: str) -> None:
    answer = await open_client.post("/api/webhooks/", **as_json(body))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(error)


async def test_a_check_tells_everything_that_is_wrong(open_client: Client) -> None:
    body = {"url": "nope", "events": ["a", "b"], "max_retries": 11, "timeout": 0, "headers": []}
    answer = await open_client.post("/api/webhooks/validate", json=body)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "valid": False,
            "errors": [
                "URL must start with http:// or https://",
                "Invalid event type: a",
                "Invalid event type: b",
                "max_retries must be between 0 and 10",
                "timeout must be between 1 and 300 seconds",
                "headers must be a dictionary",
            ],
        },
    )
    assert (await open_client.post("/api/webhooks/validate", json={"url": URL})).json()["valid"] is True
    assert await stored(open_client) is None


async def test_statistics_count_each_event(open_client: Client, rows: Rows) -> None:
    rows(config(SAVED, {"url": "http://h/", "enabled": False, "events": ["video.added", "system.error"]}))
    assert (await open_client.get("/api/webhooks/stats")).json()["stats"] == {
        "total_endpoints": 2,
        "enabled_endpoints": 1,
        "disabled_endpoints": 1,
        "event_types_used": ["system.error", "video.added"],
        "endpoints_by_event": {"video.added": 2, "system.error": 1},
    }
    assert (await open_client.get("/api/webhooks/events")).json()["count"] == 17
