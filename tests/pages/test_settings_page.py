"""The page of settings without scripts: who sees it, what it stores, and what it never shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.config import Config
from fastapi_app.models import Setting
from fastapi_app.settings.catalogue import Group
from tests.backup.test_backup_api import client, config, sign_in, site
from tests.search.libraries import opened, put, writing

__all__ = ["client", "config", "site"]

PAGE = "/settings"
KEY = "a-key-that-nobody-may-see"
COOKIES = b"# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t0\tSID\thidden-cookie\n"


def stored(config: Config) -> dict[str, str | None]:
    with opened(config) as engine, Session(engine) as session:
        return {row.key: row.value for row in session.execute(select(Setting.key, Setting.value))}


def form(page: str) -> dict[str, list[str]]:
    """What a browser would send of the page's form, nothing touched."""
    found: dict[str, list[str]] = {}
    inside = page.partition("data-settings")[2].partition("</form>")[0]
    for tag in re.findall(r"<input[^>]*>", inside):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', inside):
        found[name] = re.findall(r'value="([^"]*)" selected', options)
    return found


@pytest.fixture(autouse=True)
def _as_new(config: Config) -> Iterator[None]:
    yield
    with writing(config) as session:
        for row in session.scalars(select(Setting).where(Setting.key != "require_authentication")):
            session.delete(row)


def test_those_who_configure_see_it(site: TestClient, config: Config) -> None:
    put(config, gate(config, "true"))
    site.cookies.clear()
    assert site.get(PAGE).headers["location"].startswith("/simple-login")
    for name in ("readonly", "user", "manager"):
        assert sign_in(site, name).get(PAGE).status_code == 403
        assert site.post(PAGE, data={"backup_keep": "3"}).status_code == 403
    assert "<title>Settings - MVidarr</title>" in sign_in(site, "admin").get(PAGE).text
    put(config, gate(config, "false"))


def gate(config: Config, value: str) -> Setting:
    with opened(config) as engine, Session(engine) as session:
        row_id = session.scalar(select(Setting.id).where(Setting.key == "require_authentication"))
    return Setting(id=row_id, key="require_authentication", value=value)


@pytest.mark.parametrize("group", list(Group))
def test_a_form_that_nobody_touched_changes_nothing(client: TestClient, config: Config, group: Group) -> None:
    put(config, Setting(key="backup_keep", value="9999"), Setting(key="video_quality_preference", value="ultra"))
    before = stored(config)
    page = client.get(PAGE, params={"group": group.value})
    assert page.status_code == 200
    answer = client.post(PAGE, data=form(page.text))
    assert answer.status_code == 303
    assert stored(config) == before


def test_a_group_is_stored_whole_or_not_at_all(client: TestClient, config: Config) -> None:
    fields = form(client.get(PAGE, params={"group": "system"}).text)
    refused = client.post(PAGE, data={**fields, "backup_every_days": ["2"], "backup_keep": ["0"]})
    assert refused.status_code == 400
    assert "One value does not fit" in refused.text
    assert "It must be a whole number from 1 to 365." in refused.text
    assert 'value="0" aria-describedby="set-backup_keep-help set-backup_keep-wrong" aria-invalid="true"' in refused.text
    assert "backup_every_days" not in stored(config)
    kept = client.post(PAGE, data={**fields, "backup_every_days": ["2"], "backup_keep": ["3"]})
    assert kept.headers["location"] == "/settings?group=system&done=saved"
    found = stored(config)
    assert (found["backup_every_days"], found["backup_keep"]) == ("2", "3")


def test_an_old_page_takes_back_nobodys_change(client: TestClient, config: Config) -> None:
    old = form(client.get(PAGE, params={"group": "system"}).text)
    client.put("/api/settings/backup_keep", json={"value": "30"})
    client.post(PAGE, data={**old, "backup_every_days": ["1"]})
    assert stored(config)["backup_keep"] == "30"


def test_a_button_leads_back_to_the_default(client: TestClient, config: Config) -> None:
    put(config, Setting(key="backup_keep", value="3"))
    page = client.get(PAGE, params={"group": "system"}).text
    assert "Default: 7 backups" in page
    client.post(PAGE, data={**form(page), "backup_every_days": ["5"], "reset": ["backup_keep"]})
    assert stored(config)["backup_keep"] == "7"
    assert "backup_every_days" not in stored(config)
    assert client.post(PAGE, data={"reset": "auto_download_last_slot"}).status_code == 400


def test_a_key_is_set_replaced_and_removed_and_never_shown(client: TestClient, config: Config) -> None:
    answer = client.post(PAGE, data={"group": "services", "imvdb_api_key": KEY})
    assert answer.status_code == 303
    assert stored(config)["imvdb_api_key"] == KEY
    page = client.get(PAGE, params={"group": "services"}).text
    assert KEY not in page
    assert "Set. Type a new one to replace it." in page
    client.post(PAGE, data=form(page))
    assert stored(config)["imvdb_api_key"] == KEY
    refused = client.post(PAGE, data={"imvdb_api_key": f"{KEY}\nx", "group": "services"})
    assert refused.status_code == 400
    assert KEY not in refused.text
    client.post(PAGE, data={**form(page), "clear": ["imvdb_api_key"]})
    assert stored(config)["imvdb_api_key"] == ""


def test_an_open_gate_does_not_open_keys(site: TestClient, config: Config) -> None:
    put(config, Setting(key="imvdb_api_key", value=KEY))
    site.cookies.clear()
    page = site.get(PAGE, params={"group": "services"}).text
    assert "Only an administrator who is logged in may change it." in page
    assert KEY not in page
    assert site.post(PAGE, data={"imvdb_api_key": "x"}).status_code in (302, 401)
    assert site.post(f"{PAGE}/try", data={"try": "imvdb_api_key"}).status_code in (302, 401)
    assert stored(config)["imvdb_api_key"] == KEY


def test_everybody_is_told_that_the_gate_is_open(site: TestClient) -> None:
    site.cookies.clear()
    assert "Nobody has to log in" in site.get(PAGE).text


def test_a_folder_outside_and_a_bad_template_are_told_at_their_fields(client: TestClient, config: Config) -> None:
    answer = client.post(PAGE, data={"group": "general", "music_videos_path": "/etc"})
    assert (answer.status_code, "in MVIDARR_MEDIA_ROOTS, start MVidarr anew" in answer.text) == (400, True)
    answer = client.post(PAGE, data={"group": "library", "naming_template": "{artist}/{titel}"})
    assert answer.status_code == 400
    assert 'id="set-naming_template-wrong"' in answer.text
    assert "{artist}/{titel}" in answer.text
    assert not stored(config).keys() & {"music_videos_path", "naming_template"}


def test_a_search_finds_settings_in_every_group_and_saving_leads_back_to_it(client: TestClient) -> None:
    page = client.get(PAGE, params={"q": "pause"}).text
    assert "Pause between downloads" in page
    assert "MVIDARR_IMVDB_INTERVAL" in page
    assert "Backups to keep" not in page
    answer = client.post(PAGE, data={**form(page), "download_pause": ["9"]})
    assert answer.headers["location"] == "/settings?group=downloads&q=pause&done=saved"
    nothing = client.get(PAGE, params={"q": "<b>"}).text
    assert "No setting is called that" in nothing
    assert "&lt;b&gt;" in nothing


def test_a_key_is_tried_where_it_is_for(client: TestClient, config: Config) -> None:
    tried = client.post(f"{PAGE}/try", data={"try": "imvdb_api_key"}, headers={"accept": "application/json"})
    assert tried.json() == {"outcome": "missing", "message": "There is no key to try."}
    sent = {"try": "imvdb_api_key", "imvdb_api_key": "no header holds thís", "group": "services"}
    in_json = client.post(f"{PAGE}/try", data=sent, headers={"accept": "application/json"})
    assert in_json.json() == {"outcome": "refused", "message": "IMVDb refuses the key."}
    assert "imvdb_api_key" not in stored(config)
    plain = client.post(f"{PAGE}/try", data=sent)
    assert stored(config)["imvdb_api_key"] == "no header holds thís"
    assert "IMVDb refuses the key." in client.get(plain.headers["location"]).text
    assert client.post(f"{PAGE}/try", data={"try": "backup_keep"}).status_code == 400


def test_cookies_are_kept_and_removed(client: TestClient, config: Config) -> None:
    page = client.post(f"{PAGE}/cookies", files={"file": ("cookies.txt", b"nonsense")})
    assert page.status_code == 400
    assert 'id="cookies-wrong"' in page.text
    assert client.post(f"{PAGE}/cookies", files={"file": ("cookies.txt", COOKIES)}).status_code == 303
    shown = client.get(PAGE, params={"group": "downloads", "done": "cookies"}).text
    assert "The cookies are kept" in shown
    assert "hidden-cookie" not in shown
    assert client.post(f"{PAGE}/cookies?remove=yes").status_code == 303
    assert not [*Path(config.data_dir, "cookies").iterdir()]


def test_no_number_of_fields_is_too_much(client: TestClient) -> None:
    assert client.post(PAGE, data={f"f{number}": "x" for number in range(500)}).status_code == 400
