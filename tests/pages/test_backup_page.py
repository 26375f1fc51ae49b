"""The page of backups as HTML: who sees it, and what its forms do without scripts."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.config import Config
from fastapi_app.models import Artist, Job
from tests.backup.test_backup_api import client, config, sign_in, site, work
from tests.search.libraries import artist, opened, put

__all__ = ["client", "config", "site"]

PAGE = "/system/backup"


def names(page: str) -> list[str]:
    return re.findall(r'href="/api/backups/([^"]+)" download', page)


@pytest.fixture
def backup(client: TestClient, config: Config) -> str:
    """The name of a backup that the page made."""
    answer = client.post(PAGE, data={"action": "create", "secrets": "without"})
    assert answer.headers["location"] == f"{PAGE}?done=create"
    work(config)
    return names(client.get(PAGE).text)[0]


def test_only_administrators_see_it(site: TestClient) -> None:
    site.cookies.clear()
    assert site.get(PAGE).status_code == 302
    assert sign_in(site, "manager").get(PAGE).status_code == 403
    assert site.post(PAGE, data={"action": "create"}).status_code == 403


def test_it_says_what_is_in_a_backup(client: TestClient) -> None:
    page = client.get(PAGE).text
    assert "It holds passwords, keys and logins" in page
    assert 'aria-current="page">Backups</a>' in page


def test_a_backup_is_made_verified_restored_and_deleted(client: TestClient, config: Config, backup: str) -> None:
    assert "without secrets" in client.get(PAGE).text
    assert client.post(PAGE, data={"action": "verify", "name": backup}).status_code == 303
    put(config, artist(1, "Spoiled"))
    refused = client.post(PAGE, data={"action": "restore", "name": backup})
    assert refused.status_code == 400
    assert "Tick the box first" in refused.text
    assert client.post(PAGE, data={"action": "restore", "name": backup, "confirm": "yes"}).status_code == 303
    with opened(config) as engine, Session(engine) as session:
        assert session.scalar(select(Artist.name)) == "Björk"
        assert session.scalar(select(Job.state).where(Job.kind == "backup")) == "cancelled"


@pytest.mark.parametrize("values", [{"action": "verify", "name": "../x"}, {"action": "delete", "name": "mvidarr.db"}])
def test_other_files_are_not_found(site: TestClient, values: dict[str, str]) -> None:
    site.cookies.clear()
    assert site.post(PAGE, data=values).status_code in (302, 401)
