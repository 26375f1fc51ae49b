"""The settings routes: secrets stay secret, and only administrators administer."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from fastapi_app.models import Setting, UserRole
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

MASK = "********"


def setting(row_id: int, key: str, value: str | None, description: str | None = None) -> Setting:
    return Setting(id=row_id, key=key, value=value, description=description)


async def value(client: Client, key: str) -> str | None:
    """What the column holds, masks or not."""
    async with client.state["database"].reading() as session:
        found: str | None = await session.scalar(select(Setting.value).where(Setting.key == key))
        return found


async def test_secrets_are_never_shown(open_client: Client, rows: Rows) -> None:
    hook = '{"endpoints": [{"url": "http://a.example", "secret": "one"}]}'
    rows(setting(2, "imvdb_api_key", "abc"), setting(3, "webhooks_config", hook), setting(4, "plex_token", ""))
    open_client.queries.clear()
    answer = await open_client.get("/api/settings/")
    assert len(open_client.queries) == 2
    shown = answer.json()["settings"]
    assert (shown["imvdb_api_key"]["value"], shown["plex_token"]["value"]) == (MASK, "")
    assert "one" not in answer.text
    assert (await open_client.get("/api/settings/imvdb_api_key")).json()["value"] == MASK


async def test_masks_that_come_back_change_nothing(open_client: Client, rows: Rows) -> None:
    rows(setting(2, "imvdb_api_key", "abc"))
    answer = await open_client.put("/api/settings/imvdb_api_key", json={"value": MASK})
    assert (answer.status_code, answer.json()["value"]) == (200, MASK)
    bulk = {"imvdb_api_key": MASK, "new_token": MASK, "language": "de"}
    assert (await open_client.put("/api/settings/bulk", json={"settings": bulk})).json()["count"] == 3
    assert [await value(open_client, key) for key in bulk] == ["abc", None, "de"]


@pytest.mark.parametrize("key", ["imvdb_api_key", "simple_auth_username", "Pässword", "oauth_x"])
async def test_an_open_gate_does_not_open_administration(open_client: Client, rows: Rows, key: str) -> None:
    rows(setting(2, key, "kept"))
    for method, path, body in (
        ("PUT", f"/api/settings/{key}", {"value": "x"}),
        ("PUT", "/api/settings/bulk", {"settings": {"language": "de", key: "x"}}),
        ("DELETE", f"/api/settings/{key}", None),
    ):
        answer = await open_client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "AUTH_REQUIRED")
    assert await value(open_client, key) == "kept"
    assert await value(open_client, "language") is None


async def test_anybody_closes_an_open_gate_and_only_administrators_open_it(open_client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN), user(2, "anna", UserRole.MANAGER))
    answer = await open_client.put("/api/settings/require_authentication", json={"value": True})
    assert (answer.status_code, answer.json()["value"]) == (200, True)
    assert (await open_client.get("/api/settings/")).status_code == 401
    await log_in(open_client, "anna")
    assert (await open_client.put("/api/settings/require_authentication", json={"value": False})).status_code == 403
    await log_in(open_client, "boss")
    assert (await open_client.put("/api/settings/require_authentication", json={"value": False})).status_code == 200
    open_client.cookies.clear()
    assert (await open_client.get("/api/settings/")).status_code == 200


async def test_a_logged_in_user_may_at_least_what_anybody_may(open_client: Client, rows: Rows) -> None:
    rows(user(1, "anna", UserRole.READONLY))
    await log_in(open_client)
    assert (await open_client.put("/api/settings/language", json={"value": "de"})).status_code == 200
    assert (await open_client.put("/api/settings/imvdb_api_key", json={"value": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("v", "v"), (True, "1"), (False, "0"), (5, "5"), (2.5, "2.5"), (None, None), ("", ""), ("ü", "ü")],
)
async def test_one_value_is_echoed_as_sent_and_kept_as_text(
    open_client: Client, sent: object, kept: str | None
) -> None:
    answer = await open_client.put("/api/settings/some%20key", json={"value": sent, "description": "why"})
    assert answer.json() == {"key": "some key", "value": sent, "description": "why", "updated_at": "now"}
    assert await value(open_client, "some key") == kept


async def test_many_values_are_kept_as_python_writes_them(open_client: Client) -> None:
    sent = {"a": True, "b": None, "c": 7, "d": [1, "a"], "e": {"k": 1}, "f": "ü"}
    answer = (await open_client.put("/api/settings/bulk", json={"settings": sent})).json()
    assert answer["count"] == 6
    assert [await value(open_client, key) for key in sent] == ["True", "None", "7", "[1, 'a']", "{'k': 1}", "ü"]


async def test_names_ignore_case_when_written_and_not_when_read(open_client: Client) -> None:
    await open_client.put("/api/settings/golden.Case", json={"value": "a", "description": "first"})
    assert (await open_client.put("/api/settings/GOLDEN.case", json={"value": "b"})).json()["key"] == "GOLDEN.case"
    found = (await open_client.get("/api/settings/golden.Case")).json()
    assert (found["value"], found["description"]) == ("b", "first")
    assert (await open_client.get("/api/settings/GOLDEN.case")).status_code == 404
    deleted = await open_client.delete("/api/settings/golden.CASE")
    assert deleted.json() == {"message": "Setting 'golden.CASE' deleted"}
    assert (await open_client.delete("/api/settings/golden.CASE")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("k", {}, "Value is required"),
        ("k", [], "Value is required"),
        ("k", "text", "Value is required"),
        ("k", {"value": {}}, "value"),
        ("k", {"value": [1]}, "value"),
        ("k", {"value": "a\0"}, "value"),
        ("k", {"value": "x" * 65_536}, "65535"),
        ("k", {"value": "é" * 40_000}, "65535"),
        ("k", {"value": "x", "description": 5}, "description"),
        ("k" * 256, {"value": "x"}, "255"),
        ("a%00b", {"value": "x"}, "key"),
        ("bulk", {}, "Settings data is required"),
        ("bulk", {"settings": []}, "settings"),
        ("bulk", {"settings": None}, "settings"),
        ("bulk", {"settings": {"a": "1", "k" * 256: "x"}}, "255"),
        ("bulk", {"settings": {"a": "\ud800"}}, "a must"),
    ],
)
async def test_bad_settings_say_what_is_wrong_and_store_nothing(
    open_client: Client, path: str, body: object, error: str
) -> None:
    answer = await open_client.put(f"/api/settings/{path}", **as_json(body))
    assert answer.status_code == 400, answer.text
    assert error in answer.json()["error"]
    assert (await open_client.get("/api/settings/")).json()["count"] == 1


@pytest.mark.parametrize("key", ["nope", "APP_PORT", "%2e%2e", "a%27b", "%00", "bulk", "%F0%9F%94%A5"])
async def test_unknown_settings_are_not_found(open_client: Client, key: str) -> None:
    answer = await open_client.get(f"/api/settings/{key}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Setting not found"})
