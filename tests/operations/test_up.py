"""`mvidarr up`: the first start, the second, and every way of ending it."""

import os
import signal
import socket
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import WRITES, Job
from tests.operations.processes import (
    START_SECONDS,
    TOY,
    Installation,
    command_line,
    descendants,
    lives,
    mvidarr,
    running,
    starting,
    until,
)

STOP_SECONDS = 20.0
"""The grace of every child and then some: a machine that runs tests is slow. What a stop takes is in `startup.py`."""


PLAIN = {"MVIDARR_APP": "toy:app", "MVIDARR_WORKER_PROCESSES": "0"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installation whose tables and administrator are there, and with the toy application."""
    folder = tmp_path_factory.mktemp("installed")
    assert mvidarr(folder, "db", "upgrade").returncode == 0
    (folder / "data" / "toy.py").write_text(TOY)
    return folder


@pytest.mark.long
def test_the_first_start_prints_one_password_once_and_it_logs_in(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        until(lambda: "Ctrl-C stops everything." in first.text)
        assert first.text.count(first.password) == 1
        answer = httpx2.post(f"{first.base}/auth/login", json={"username": "admin", "password": first.password})
        assert answer.status_code == 200, answer.text
        assert "server" not in answer.headers
        assert httpx2.get(f"{first.base}/api/videos/").status_code == 401
        password = first.password
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not [path for path in kept if password.encode() in path.read_bytes()]


def test_the_second_start_shows_no_password(installed: Path) -> None:
    with running(installed) as second:
        assert "Password" not in second.text
        the_private_redis_is_for_its_owner_alone(installed, second)
        a_second_installation_on_the_same_folder_is_refused(installed, second)


def the_private_redis_is_for_its_owner_alone(folder: Path, installation: Installation) -> None:
    place = folder / "data" / "run" / "redis.sock"
    assert stat.S_ISSOCK(place.stat().st_mode)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    server = next(pid for pid in descendants(installation.process.pid) if "redis-server" in command_line(pid))
    assert not _listens_on_tcp(server)


def a_second_installation_on_the_same_folder_is_refused(folder: Path, installation: Installation) -> None:
    ended = mvidarr(folder, "up", MVIDARR_PORT="0")
    assert ended.returncode == 1
    assert f"Another MVidarr (process {installation.process.pid}) is using" in ended.stderr


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, *(pytest.param(other, marks=pytest.mark.long) for other in (signal.SIGTERM, signal.SIGHUP))],
)
def test_a_stop_takes_seconds_ends_with_success_and_leaves_no_child(installed: Path, number: int) -> None:
    with running(installed, **PLAIN) as installation:
        family = descendants(installation.process.pid)
        assert len(family) >= 2
        os.killpg(installation.process.pid, number)
        assert installation.process.wait(STOP_SECONDS) == 0
        assert not [pid for pid in family if lives(pid)]
    assert "Stopped." in installation.text
    assert "Traceback" not in installation.text


@pytest.mark.long
def test_a_stop_cuts_a_client_that_never_leaves(installed: Path) -> None:
    with running(installed) as installation:
        host, port = installation.base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            installation.process.send_signal(signal.SIGINT)
            assert installation.process.wait(STOP_SECONDS) == 0


@pytest.mark.long
def test_a_kill_of_the_parent_leaves_no_child_and_the_next_start_works(installed: Path) -> None:
    with running(installed) as killed:
        family = descendants(killed.process.pid)
        killed.process.kill()
        until(lambda: not [pid for pid in family if lives(pid)], STOP_SECONDS)
    with running(installed) as again:
        assert httpx2.get(f"{again.base}/readyz").status_code == 200


@pytest.mark.long
def test_a_kill_of_the_parent_ends_several_workers_too(installed: Path) -> None:
    with running(installed, MVIDARR_WORKERS="2", **PLAIN) as killed:
        family = descendants(killed.process.pid)
        assert len([pid for pid in family if "spawn_main" in command_line(pid)]) >= 2
        killed.process.kill()
        until(lambda: not [pid for pid in family if lives(pid)], STOP_SECONDS)


@pytest.mark.parametrize(("part", "name"), [("redis-server", "The private Redis"), ("cli serve", "The web process")])
@pytest.mark.long
def test_a_child_that_dies_stops_everything_with_a_sentence(installed: Path, part: str, name: str) -> None:
    with running(installed, **PLAIN) as installation:
        family = descendants(installation.process.pid)
        victim = next(pid for pid in family if part in command_line(pid))
        os.kill(victim, signal.SIGKILL)
        assert installation.process.wait(STOP_SECONDS) == 1
        assert not [pid for pid in family if lives(pid)]
    assert f"{name} ended unexpectedly (signal SIGKILL); everything was stopped." in installation.text


def test_the_worker_runs_jobs_and_its_death_stops_nobody(installed: Path) -> None:
    with running(installed, MVIDARR_APP="toy:app") as installation:
        until(lambda: _job_ends(installed))
        family = descendants(installation.process.pid)
        web = next(pid for pid in family if "cli serve" in command_line(pid))
        workers = {pid for pid in family if "cli worker" in command_line(pid)}
        os.kill(min(workers), signal.SIGKILL)
        until(lambda: _job_ends(installed))
        assert lives(web)
    assert "The worker ended (signal SIGKILL); it starts again in 1 s." in installation.text


@pytest.mark.long
def test_a_deep_folder_gets_its_redis_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "data"
    deep.mkdir(parents=True)
    (deep / "toy.py").write_text(TOY)
    with running(tmp_path, MVIDARR_DATA_DIR=deep, **PLAIN):
        assert not (deep / "run").exists()


@pytest.mark.long
def test_a_configured_redis_is_used_instead_of_a_private_one(installed: Path) -> None:
    with running(installed, MVIDARR_REDIS_URL="redis://127.0.0.1:1/0", **PLAIN) as installation:
        assert not [pid for pid in descendants(installation.process.pid) if "redis-server" in command_line(pid)]


def test_a_busy_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = mvidarr(tmp_path, "up", PORT=str(port))
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"mvidarr: Port {port} is already in use: stop the other program, or choose a free one with PORT={port + 1}."
    ]
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = mvidarr(tmp_path, "up", MVIDARR_DATA_DIR=tmp_path / "file" / "data", MVIDARR_PORT="0")
    assert ended.returncode == 1
    assert "can't be written (Not a directory): set MVIDARR_DATA_DIR" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_corrupt_database_is_told_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "data" / "mvidarr.db"
    file.parent.mkdir()
    file.write_bytes(b"This is no database. " * 500)
    ended = mvidarr(tmp_path, "up", MVIDARR_PORT="0")
    assert ended.returncode == 1
    assert "can't be read: file is not a database. Restore it from a backup." in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert file.read_bytes() == b"This is no database. " * 500


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "upgraded by a newer version of MVidarr (revision 9999)"),
        ("DROP TABLE alembic_version; DROP TABLE videos", "The database is neither ours nor one of MVidarr 0.9"),
        ("DROP TABLE alembic_version", "A database of MVidarr 0.9 is adopted by: mvidarr db upgrade"),
    ],
)
@pytest.mark.long
def test_a_newer_or_foreign_database_is_told_and_left_alone(tmp_path: Path, statements: str, sentence: str) -> None:
    assert mvidarr(tmp_path, "db", "upgrade").returncode == 0
    with closing(sqlite3.connect(tmp_path / "data" / "mvidarr.db")) as database, database:
        database.executescript(statements)
    ended = mvidarr(tmp_path, "up", MVIDARR_PORT="0")
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_published_secret_key_is_refused(tmp_path: Path) -> None:
    ended = mvidarr(tmp_path, "up", MVIDARR_PORT="0", MVIDARR_SECRET_KEY="mvidarr-dev-key-change-in-production")
    assert ended.returncode == 1
    assert "MVIDARR_SECRET_KEY is the published example" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.long
def test_an_application_that_cannot_be_served_stops_everything_before_a_password_is_made(tmp_path: Path) -> None:
    with starting(tmp_path, MVIDARR_APP="nowhere:app") as failing:
        assert failing.process.wait(START_SECONDS) == 1
    assert "MVIDARR_APP can't be served" in failing.text
    assert "The web process ended unexpectedly (exit code 1); everything was stopped." in failing.text
    assert "Traceback" not in failing.text
    (tmp_path / "data" / "toy.py").write_text(TOY)
    with running(tmp_path, **PLAIN) as working:
        assert working.password


def _job_ends(folder: Path) -> bool:
    """Hands a job of no known kind in, once; a worker says that it knows no such job."""
    engine = blocking_engine(Config(data_dir=folder / "data", database_url="", db_host=""))
    try:
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            found = session.scalar(select(Job))
            if found is None:
                session.add(Job(kind="unknown", subject="x", queue=Queue.MAINTENANCE, payload={}))
            elif found.state == State.FAILED:
                session.delete(found)
                return True
        return False
    finally:
        engine.dispose()


def _listens_on_tcp(pid: int) -> bool:
    sockets = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    listening = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    return bool(sockets & listening)
