"""Backups over HTTP: administrators only, and only files of the folder."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient
from starlette.types import Message

from fastapi_app.app import create_app
from fastapi_app.auth.passwords import hash_password
from fastapi_app.backup import folder, retention, schedule, telling, turn
from fastapi_app.backup.kinds import BACKUP
from fastapi_app.config import Config
from fastapi_app.jobs import running
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import Artist, AuditEvent, Job, Setting, User, UserRole
from tests.backup.test_round_trip import MOMENT
from tests.search.libraries import artist, library, opened, put, writing

PASSWORD = "Correct-Horse1!"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """A library behind an open gate, with an account of each role."""
    stored = hash_password(PASSWORD, rounds=4)
    with library("sqlite", tmp_path_factory.mktemp("library")) as made:
        for number, role in enumerate(UserRole, 1):
            name = role.value.lower()
            put(made, User(id=number, username=name, email=f"{name}@example.org", password_hash=stored, role=role))
        put(made, artist(1, "Björk"))
        yield made


@pytest.fixture(scope="module")
def site(config: Config) -> Iterator[TestClient]:
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


@pytest.fixture
def client(site: TestClient) -> TestClient:
    return sign_in(site, "admin")


def sign_in(site: TestClient, name: str) -> TestClient:
    site.cookies.clear()
    assert site.post("/simple-login", data={"username": name, "password": PASSWORD}).status_code == 302
    return site


def work(config: Config) -> None:
    """What a worker does."""
    with opened(config) as engine:
        assert running.attempt(config, engine, Queue.MAINTENANCE, kinds=Kinds(BACKUP))


def made(client: TestClient, config: Config) -> str:
    """The name of a new backup."""
    answer = client.post("/api/backups", json={})
    assert answer.status_code == 202
    work(config)
    with opened(config) as engine, Session(engine) as session:
        job = session.get_one(Job, answer.json()["job_id"])
        assert job.state == State.COMPLETED, job.error_message
        assert job.result is not None
        return str(job.result["name"])


@pytest.mark.parametrize("name", ["readonly", "user", "manager", ""])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("POST", "/upload"),
        ("GET", "/x"),
        ("POST", "/x/verify"),
        ("POST", "/x/restore"),
        ("DELETE", "/x"),
    ],
)
def test_only_administrators_touch_backups_open_gate_or_not(
    site: TestClient, name: str, method: str, path: str
) -> None:
    site.cookies.clear()
    if name:
        sign_in(site, name)
    assert site.request(method, f"/api/backups{path}", json={}).status_code == (403 if name else 401)


def test_a_backup_is_made_listed_read_and_deleted(client: TestClient, config: Config) -> None:
    name = made(client, config)
    listed = client.get("/api/backups").json()["backups"]
    assert name in [each["name"] for each in listed]
    checked = client.post(f"/api/backups/{name}/verify", json={}).json()
    assert checked["with_secrets"] is True
    answer = client.get(f"/api/backups/{name}")
    assert answer.content == (folder.of(config) / name).read_bytes()
    assert answer.headers["cache-control"] == "no-store"
    assert client.delete(f"/api/backups/{name}").json() == {"success": True}
    assert client.get(f"/api/backups/{name}").status_code == 404


def test_a_restore_needs_the_name_once_more_and_brings_the_library_back(client: TestClient, config: Config) -> None:
    name = made(client, config)
    put(config, artist(1, "Spoiled"))
    assert client.post(f"/api/backups/{name}/restore", json={"confirm": "yes"}).status_code == 400
    answer = client.post(f"/api/backups/{name}/restore", json={"confirm": name})
    assert answer.status_code == 200, answer.text
    assert "before-restore" in answer.json()["safety"]
    with opened(config) as engine, Session(engine) as session:
        assert session.scalar(select(Artist.name)) == "Björk"


def test_a_restore_tells_how_far_it_is_and_the_trail_tells_who_did_it(client: TestClient, config: Config) -> None:
    name = made(client, config)
    put(config, artist(1, "Spoiled"))
    path, lines = f"/api/backups/{name}/restore", {"accept": telling.MEDIA_TYPE}
    assert client.post(path, json={"confirm": "no"}, headers=lines).status_code == 400
    answer = client.post(path, json={"confirm": name}, headers=lines)
    assert answer.headers["content-type"].startswith(telling.MEDIA_TYPE)
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert told[0] == {"what": "checking the backup", "done": 0, "total": 0}
    assert told[-1]["result"]["rows"] > 0
    with opened(config) as engine, Session(engine) as session:
        assert session.scalar(select(Artist.name)) == "Björk"
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.event, last.outcome, last.username, last.subject) == ("backup_restored", "success", "admin", name)


def test_two_restores_at_once_are_one(client: TestClient, config: Config) -> None:
    name = made(client, config)
    with turn.alone(folder.of(config)):
        refused = client.post(f"/api/backups/{name}/restore", json={"confirm": name})
        assert refused.status_code == 409
        assert "under way" in refused.json()["error"]
        answer = client.post(
            f"/api/backups/{name}/restore", json={"confirm": name}, headers={"accept": telling.MEDIA_TYPE}
        )
    assert "under way" in json.loads(answer.text.splitlines()[-1])["error"]
    with opened(config) as engine, Session(engine) as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.event, last.outcome) == ("backup_restored", "failure")


def test_what_happens_to_backups_is_in_the_trail(client: TestClient, config: Config) -> None:
    name = made(client, config)
    raw = client.get(f"/api/backups/{name}").content
    client.post("/api/backups/upload", content=raw)
    client.delete(f"/api/backups/{name}")
    with opened(config) as engine, Session(engine) as session:
        events = session.scalars(select(AuditEvent.event).order_by(AuditEvent.id.desc()).limit(4)).all()
    assert list(events) == ["backup_deleted", "backup_brought", "backup_downloaded", "backup_asked"]


@pytest.mark.anyio
async def test_who_leaves_does_not_stop_a_restore() -> None:
    began, left, ended = anyio.Event(), anyio.Event(), []

    async def work(told: telling.Told) -> dict[str, Any]:
        told("restoring videos", 1, 2)
        began.set()
        await left.wait()
        ended.append(True)
        return {}

    async def send(_message: Message) -> None:
        """Nobody listens."""

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async with anyio.create_task_group() as group:
        group.start_soon(telling.Telling(work), {"type": "http"}, receive, send)
        await began.wait()
        group.cancel_scope.cancel()
        left.set()
    assert ended == [True]


@pytest.mark.parametrize("name", ["..%2f..%2fmvidarr.db", "mvidarr.db", "%2e%2e", "mvidarr-20261122T010203Z.tar.gz"])
def test_only_backups_are_found(client: TestClient, name: str) -> None:
    assert client.get(f"/api/backups/{name}").status_code == 404
    assert client.delete(f"/api/backups/{name}").status_code == 404


def test_a_backup_is_brought_and_anything_else_is_not(client: TestClient, config: Config) -> None:
    raw = (folder.of(config) / made(client, config)).read_bytes()
    answer = client.post("/api/backups/upload", content=raw, headers={"content-type": "application/gzip"})
    assert answer.status_code == 201
    assert "uploaded" in answer.json()["name"]
    for wrong in (b"", b"hello", raw[:-20]):
        assert client.post("/api/backups/upload", content=wrong).status_code == 400
    assert not list(folder.of(config).glob(".upload*"))


def test_too_large_a_file_is_not_brought(config: Config) -> None:
    small = config.model_copy(update={"max_body_bytes": 2000})
    with TestClient(create_app(small), follow_redirects=False) as client:
        assert sign_in(client, "admin").post("/api/backups/upload", content=b"x" * 3000).status_code == 413
    assert not list(folder.of(config).glob(".upload*"))


def test_old_backups_go(client: TestClient, config: Config) -> None:
    put(config, Setting(id=90, key=retention.KEEP, value="2"))
    home = folder.of(config)
    for day in range(4):
        (home / folder.name_at(MOMENT - timedelta(days=400 + day))).write_bytes(b"")
    made(client, config)
    marks = (folder.UPLOADED, folder.BEFORE_RESTORE)
    kept = [each.name for each in folder.listed(home) if not any(mark in each.name for mark in marks)]
    assert len(kept) == 2


def test_the_schedule_hands_in_one_backup_when_it_is_time(config: Config) -> None:
    with opened(config) as engine:
        assert not schedule.look(engine, MOMENT)
        put(config, Setting(id=91, key=retention.EVERY_DAYS, value="2"))
        assert schedule.look(engine, MOMENT)
        assert not schedule.look(engine, MOMENT + timedelta(hours=47))
        with writing(config) as session:
            assert session.scalar(select(Job.state).where(Job.kind == "backup").order_by(Job.id.desc())) == State.QUEUED
        work(config)
        assert schedule.look(engine, MOMENT + timedelta(hours=48))
        work(config)


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        ({}, False),
        ({"backup_every_days": "0"}, False),
        ({"backup_every_days": "never"}, False),
        ({"backup_every_days": "-1"}, False),
        ({"backup_every_days": "1"}, True),
        ({"backup_every_days": "1", "backup_last_at": "2026-11-22T01:00:00"}, False),
        ({"backup_every_days": "1", "backup_last_at": "2026-11-20T01:00:00"}, True),
        ({"backup_every_days": "1", "backup_last_at": "nonsense"}, True),
    ],
)
def test_when_a_backup_is_due(settings: dict[str, str], due: bool) -> None:
    assert retention.is_due(settings, MOMENT) is due


def test_a_name_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "mvidarr-20261122T010203Z.tar.gz").symlink_to("/etc/passwd")
    assert folder.find(tmp_path, "mvidarr-20261122T010203Z.tar.gz") is None
    assert folder.listed(tmp_path) == []
