"""What settings take, by the same cases as the modern side."""

import json
from pathlib import Path
from typing import Any

import pytest

from fastapi_app.models import Setting, UserRole
from legacy_flask import setting_values
from legacy_flask.errors import BadField
from tests.legacy_flask.library import PASSWORD, Library, user

VECTORS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "setting_values.json").read_text("utf-8")
)


@pytest.mark.parametrize("key", VECTORS)
def test_each_setting_takes_what_both_sides_take(key: str) -> None:
    for text in (*VECTORS[key]["taken"], "", " ", None):
        setting_values.check(key, key, text)
    for text in VECTORS[key]["refused"]:
        with pytest.raises(BadField) as refused:
            setting_values.check(key, key, text)
        assert str(refused.value) == f"{key} must be {VECTORS[key]['expected']}"


def test_a_value_that_nothing_could_read_is_refused_and_what_is_there_may_stay(library: Library) -> None:
    library.add(Setting(key="backup_keep", value="plenty"))
    client = library.client()
    assert client.put("/api/settings/Backup_Keep", json={"value": "lots"}).json == {
        "error": "Backup_Keep must be a whole number from 1 to 365"
    }
    assert client.put("/api/settings/backup_keep", json={"value": "plenty"}).status_code == 200
    both = {"language": "de", "backup_keep": "0"}
    assert client.put("/api/settings/bulk", json={"settings": both}).status_code == 400
    assert client.get("/api/settings/language").status_code == 404


def test_the_page_lists_the_rows_without_secrets_and_without_memory(library: Library) -> None:
    library.add(
        Setting(key="imvdb_api_key", value="hidden"),
        Setting(key="auto_download_last_slot", value="2026"),
        Setting(key="language", value="<b>de</b>", description="What it speaks"),
    )
    page = library.client().get("/settings")
    assert page.status_code == 200
    assert "<title>Settings - MVidarr</title>" in page.text
    assert "hidden" not in page.text
    assert "auto_download_last_slot" not in page.text
    assert "&lt;b&gt;de&lt;/b&gt;" in page.text


def test_the_page_is_for_those_who_configure(library: Library) -> None:
    library.add(user("anna", UserRole.MANAGER))
    library.client().put("/api/settings/require_authentication", json={"value": True})
    client = library.client()
    assert client.get("/settings").status_code == 302
    client.post("/simple-login", data={"username": "anna", "password": PASSWORD})
    assert client.get("/settings").status_code == 403
