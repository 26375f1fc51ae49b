"""The settings routes: values as text, names blind to case on writing, secrets that nobody reads."""

import pytest

from fastapi_app.models import Setting, UserRole
from tests.legacy_flask.library import Library

HOOKS = '{"endpoints": [{"url": "http://a", "secret": "one"}, {"url": "http://b", "secret": "two"}]}'


def stored(library: Library) -> dict[str, str | None]:
    with library.writing() as session:
        return {row.key: row.value for row in session.query(Setting)}


@pytest.mark.parametrize(
    ("value", "text"), [(True, "1"), (False, "0"), (5, "5"), (2.5, "2.5"), (None, None), ("x", "x")]
)
def test_values_become_text_and_are_echoed_as_sent(library: Library, value: object, text: str | None) -> None:
    client = library.client()
    answer = client.put("/api/settings/note", json={"value": value, "description": "why"})
    assert answer.json == {"key": "note", "value": value, "description": "why", "updated_at": "now"}
    client.put("/api/settings/note", json={"value": value, "description": ""})
    found = client.get("/api/settings/note").json
    assert found is not None
    assert (found["value"], found["description"]) == (text, "why")


def test_names_are_blind_to_case_on_writing_and_exact_on_reading(library: Library) -> None:
    client = library.client()
    client.put("/api/settings/Note.One", json={"value": "a"})
    client.put("/api/settings/nöte.one", json={"value": "b"})
    assert client.get("/api/settings/Note.One").json["value"] == "b"  # type: ignore[index]
    assert client.get("/api/settings/note.one").status_code == 404
    assert client.delete("/api/settings/NOTE.ONE").json == {"message": "Setting 'NOTE.ONE' deleted"}
    assert client.delete("/api/settings/Note.One").status_code == 404


def test_many_settings_are_stored_as_pythons_text_or_not_at_all(library: Library) -> None:
    client = library.client()
    answer = client.put("/api/settings/bulk", json={"settings": {"a": True, "b": None, "c": [1, "x"], "d": {"k": 1}}})
    assert answer.json == {
        "count": 4,
        "updated_settings": [
            {"key": "a", "value": "True"},
            {"key": "b", "value": "None"},
            {"key": "c", "value": "[1, 'x']"},
            {"key": "d", "value": "{'k': 1}"},
        ],
    }
    assert client.put("/api/settings/bulk", json={"settings": {"same": 1, "SAME": 2, "z": 3}}).status_code == 409
    assert "z" not in stored(library)


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("note", {}, "Value is required"),
        ("note", {"value": []}, "value must be text, a number, true, false or null"),
        ("note", {"value": "é" * 40_000}, "value must be text of at most 65535 bytes"),
        ("note", {"value": 1, "description": 5}, "description must be text"),
        ("bulk", {}, "Settings data is required"),
        ("bulk", {"settings": []}, "settings must be an object of values by name"),
        ("bulk", {"settings": {"a": "\0"}}, "a must be text without NUL characters and lone surrogates"),
        ("x" * 256, {"value": 1}, "key must be text of at most 255 characters"),
    ],
)
def test_what_can_not_be_stored_is_named(library: Library, path: str, body: object, error: str) -> None:
    answer = library.client().put(f"/api/settings/{path}", json=body)
    assert (answer.status_code, answer.json) == (400, {"error": error})


def test_secrets_are_written_by_administrators_and_read_by_nobody(library: Library) -> None:
    root = library.log_in(UserRole.ADMIN)
    answer = root.put("/api/settings/imvdb_api_key", json={"value": "secret"})
    assert answer.json is not None
    assert answer.json["value"] == "********"
    assert root.put("/api/settings/imvdb_api_key", json={"value": "********"}).status_code == 200
    assert stored(library)["imvdb_api_key"] == "secret"
    assert root.get("/api/settings/imvdb_api_key").json["value"] == "********"  # type: ignore[index]
    assert "secret" not in root.get("/api/settings/").text.replace("client_secret", "")
    assert library.client().delete("/api/settings/imvdb_api_key").status_code == 401
    assert root.delete("/api/settings/imvdb_api_key").status_code == 200


def test_masked_secrets_of_webhooks_stay_with_their_address(library: Library) -> None:
    client = library.client()
    client.put("/api/settings/webhooks_config", json={"value": HOOKS})
    shown = client.get("/api/settings/webhooks_config").json["value"]  # type: ignore[index]
    assert "one" not in shown
    assert shown.count('"********"') == 2
    swapped = shown.replace("http://a", "http://x")
    client.put("/api/settings/webhooks_config", json={"value": swapped})
    assert stored(library)["webhooks_config"] == HOOKS.replace("http://a", "http://x").replace("one", "")


def test_the_gate_is_closed_by_anybody_who_configures_and_opened_by_administrators(library: Library) -> None:
    root = library.log_in(UserRole.ADMIN)
    client = library.client()
    assert client.put("/api/settings/require_authentication", json={"value": "true"}).status_code == 200
    assert client.put("/api/settings/require_authentication", json={"value": "false"}).status_code == 401
    assert library.log_in(UserRole.MANAGER).put("/api/settings/note", json={"value": 1}).status_code == 403
    assert root.put("/api/settings/require_authentication", json={"value": "false"}).status_code == 200
    assert client.get("/api/settings/").status_code == 200
