"""No Docker engine is at hand: the files are parsed, and what they start is started here as processes."""

import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pymysql
import pytest
import yaml

from fastapi_app.config import Config
from fastapi_app.jobs import tickets
from fastapi_app.operations import redis_server
from fastapi_app.operations.configuration import names
from tests.operations.processes import PROJECT, READY, START_SECONDS, environment, found, mvidarr, until
from tests.servers.web import free_port

COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PASSWORD = "a-word-of-this-test"
OURS = ("web", "worker", "beat")
UNITS = ("mvidarr.service", "mvidarr-worker.service", "mvidarr-beat.service")
EVERY_NAME = {name for field in Config.model_fields for name in names(field)}


def resolved(value: str) -> str:
    """A compose value with its defaults; the one required variable is the password."""
    return re.sub(
        r"\$\{(\w+)(?::([-?])([^}]*))?\}", lambda found: found[3] if found[2] == "-" else PASSWORD, str(value)
    )


def test_every_service_restarts_and_is_checked() -> None:
    assert set(SERVICES) == {"web", "worker", "beat", "flower", "mariadb", "redis", "prometheus", "grafana"}
    for name, service in SERVICES.items():
        assert service["restart"] == "unless-stopped"
        assert "healthcheck" in service or name == "web", "the image of web brings its own"
    for service in SERVICES.values():
        assert {need["condition"] for need in service.get("depends_on", {}).values()} <= {"service_healthy"}
    assert "ports" not in SERVICES["mariadb"]
    assert "ports" not in SERVICES["redis"]


def test_no_password_is_written_down() -> None:
    secrets = [
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if name.endswith("PASSWORD") and name != "MARIADB_RANDOM_ROOT_PASSWORD"
    ]
    assert len(secrets) == len(OURS) + 1
    assert all(value.startswith("${MARIADB_PASSWORD:?") for value in secrets)


def test_every_variable_of_our_services_is_known() -> None:
    about_the_container = {"PUID", "PGID", "UMASK", "TZ"}
    for name in OURS:
        assert set(SERVICES[name]["environment"]) - about_the_container <= EVERY_NAME
    for file in ("Dockerfile", *(f"deploy/{unit}" for unit in UNITS)):
        assert set(re.findall(r"MVIDARR_\w+", (PROJECT / file).read_text())) <= EVERY_NAME


def test_workers_share_what_the_web_has() -> None:
    web = SERVICES["web"]["environment"]
    assert (SERVICES["web"]["command"], web["MVIDARR_WORKER_PROCESSES"]) == (["mvidarr", "up"], "0")
    for name in ("worker", "beat"):
        service = SERVICES[name]
        shared = (web.keys() & service["environment"].keys()) - {"MVIDARR_WORKER_PROCESSES"}
        assert all(web[key] == service["environment"][key] for key in shared)
        assert {key for key in web if key.startswith("DB_")} | {"MVIDARR_REDIS_URL"} <= set(service["environment"])
        assert service["volumes_from"] == ["web"]
        assert service["command"] == ["mvidarr", name]
        assert service["healthcheck"]["test"] == ["CMD", "python", "-m", "fastapi_app.jobs.presence", name]


def test_flower_is_asked_for_knows_our_keys_and_lets_nobody_in_by_default() -> None:
    flower = SERVICES["flower"]
    assert flower["profiles"] == ["flower"]
    assert flower["environment"]["FLOWER_BASIC_AUTH"] == "${FLOWER_BASIC_AUTH:-}"
    assert all(port.startswith("127.0.0.1:") for port in flower["ports"])
    told = runpy.run_path(str(PROJECT / "deploy/flower/celeryconfig.py"))
    assert told["broker_transport_options"] == {"global_keyprefix": tickets.PREFIX}


def test_the_example_explains_every_field_and_nothing_else() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    variables = [(number, match[1]) for number, line in enumerate(lines) if (match := re.match(r"#?([A-Z_]+)=", line))]
    shown = {name for _, name in variables}
    assert shown == {names(field)[0] for field in Config.model_fields} | {"MVIDARR_RECORD"}
    for number, name in variables:
        above = next(line for line in reversed(lines[:number]) if not re.match(r"#?[A-Z_]+=", line))
        assert above.startswith("# "), f"{name} has no comment"


@pytest.mark.parametrize("field", sorted(Config.model_fields))
def test_the_example_shows_the_defaults(field: str) -> None:
    example = (PROJECT / ".env.example").read_text()
    shown = re.search(rf"^(#?){names(field)[0]}=(.*)$", example, re.MULTILINE)
    assert shown is not None
    if shown[1]:
        values: dict[str, Any] = {field: shown[2]} if shown[2] else {}
        assert getattr(Config(**values), field) == getattr(Config(), field)


@pytest.mark.mariadb
@pytest.mark.long
def test_the_commands_of_the_services_work_together(tmp_path: Path) -> None:
    with mariadb(tmp_path) as database_port, redis(tmp_path) as redis_port:
        settings = {name: resolved(value) for name, value in SERVICES["web"]["environment"].items()}
        here = {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(database_port),
            "MVIDARR_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "MVIDARR_HOST": "127.0.0.1",
            "MVIDARR_PORT": str(free_port()),
            "MVIDARR_DATA_DIR": str(tmp_path / "data"),
        }
        assert health_check(here["MVIDARR_PORT"]) != 0
        base = f"http://127.0.0.1:{here['MVIDARR_PORT']}"
        with service("web", tmp_path, settings | here) as log:
            until(lambda: READY in log.read_text(), START_SECONDS)
            assert health_check(here["MVIDARR_PORT"]) == 0
            login = {"username": "admin", "password": found(r"Password  (\S+)", log.read_text())}
            with httpx2.Client(base_url=base, headers={"origin": base}) as client:
                assert client.post("/auth/login", json=login).status_code == 200
                assert client.get("/api/health/database").status_code == 200
                assert client.get("/readyz").json() == {"status": "ready", "degraded": ["no-worker"]}
                with service("worker", tmp_path, settings | here), service("beat", tmp_path, settings | here):
                    until(lambda: client.get("/readyz").json() == {"status": "ready"}, START_SECONDS)
                    assert is_seen("worker", here["MVIDARR_REDIS_URL"])
                    assert is_seen("beat", here["MVIDARR_REDIS_URL"])


@contextmanager
def service(name: str, folder: Path, settings: dict[str, str]) -> Iterator[Path]:
    """What the compose file starts, with the commands of this environment; ended as Docker ends it."""
    log = folder / f"{name}.log"
    own = {key: resolved(value) for key, value in SERVICES[name]["environment"].items()}
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            SERVICES[name]["command"],
            cwd=folder,
            env=environment(**(own | settings | {"PATH": commands})),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield log
    finally:
        process.terminate()
        try:
            process.wait(int(SERVICES[name].get("stop_grace_period", "10s").removesuffix("s")))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def is_seen(role: str, redis_url: str) -> bool:
    """The health check of a worker's or beat's container, run here."""
    _cmd, program, *arguments = SERVICES[role]["healthcheck"]["test"]
    assert program == "python"
    check = [sys.executable, *arguments]
    return subprocess.run(check, check=False, env=environment(MVIDARR_REDIS_URL=redis_url)).returncode == 0


def health_check(port: str) -> int:
    """The exit code of the image's own check, run here."""
    written = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])$", (PROJECT / "Dockerfile").read_text(), re.DOTALL | re.MULTILINE)
    assert written is not None
    program, *arguments = json.loads(written[1])
    assert program == "python"
    return subprocess.run(
        [sys.executable, *arguments], check=False, stderr=subprocess.DEVNULL, env={"MVIDARR_PORT": port}
    ).returncode


@contextmanager
def mariadb(folder: Path) -> Iterator[int]:
    """MariaDB as the compose file starts it, with the database and user that its image would make."""
    port, data, place = free_port(), folder / "mariadb", folder / "m.sock"
    user = [] if os.getuid() else ["--user=root"]
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *user],
        check=True,
        capture_output=True,
    )
    program, *options = SERVICES["mariadb"]["command"]
    here = ["--no-defaults", f"--datadir={data}", f"--socket={place}", f"--port={port}", "--bind-address=127.0.0.1"]
    environment = SERVICES["mariadb"]["environment"]
    with (folder / "mariadb.log").open("wb") as log:
        server = subprocess.Popen([program, *here, *options, *user], stdout=log, stderr=log, env=with_sbin())
    try:
        until(lambda: answers(place))
        with pymysql.connect(unix_socket=str(place), user="root") as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM mysql.global_priv WHERE User = ''")
            cursor.execute("FLUSH PRIVILEGES")
            cursor.execute(f"CREATE DATABASE `{environment['MARIADB_DATABASE']}`")
            cursor.execute(f"CREATE USER '{environment['MARIADB_USER']}'@'%%' IDENTIFIED BY %s", (PASSWORD,))
            cursor.execute(f"GRANT ALL ON `{environment['MARIADB_DATABASE']}`.* TO '{environment['MARIADB_USER']}'@'%'")
        yield port
    finally:
        server.terminate()
        server.wait(60)


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """Redis as the compose file starts it."""
    port = free_port()
    here = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*SERVICES["redis"]["command"], *here], stdout=subprocess.DEVNULL)
    try:
        until(lambda: redis_server.answers(f"redis://127.0.0.1:{port}/0"))
        yield port
    finally:
        server.terminate()
        server.wait(10)


def answers(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(place)) == 0


def with_sbin() -> dict[str, str]:
    return {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give up root")
def test_the_entrypoint_gives_up_root_and_owns_its_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:
        if str(parent).startswith("/tmp/pytest"):
            parent.chmod(0o755)
    data = tmp_path / "data"
    told = subprocess.run(
        [PROJECT / "deploy/entrypoint", "sh", "-c", 'echo "$(id -u) $(id -g) $(id -G) $(umask)"'],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PUID": "1234", "PGID": "2345", "UMASK": "027", "MVIDARR_DATA_DIR": str(data)},
    ).stdout.split()
    assert told == ["1234", "2345", "2345", "0027"]
    assert (data.stat().st_uid, data.stat().st_gid) == (1234, 2345)


def test_the_image_takes_what_the_ignore_file_lets_through() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    let_through = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    wanted = {source for line in copied for source in line.split()}
    assert wanted == let_through
    assert all((PROJECT / source).exists() for source in wanted - {"legacy_flask"})


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_stops_in_order(name: str) -> None:
    unit = (PROJECT / "deploy" / name).read_text()
    restart = "on-failure" if name == "mvidarr.service" else "always"
    for line in ("UMask=0002", "KillMode=mixed", "User=mvidarr", "NoNewPrivileges=yes", f"Restart={restart}"):
        assert f"\n{line}\n" in unit
    assert re.search(r"\nTimeoutStopSec=\d+\n", unit)


@pytest.mark.parametrize("role", ["worker", "beat"])
@pytest.mark.long
def test_a_unit_of_jobs_runs_a_command_that_there_is(role: str, tmp_path: Path) -> None:
    unit = (PROJECT / f"deploy/mvidarr-{role}.service").read_text()
    assert f"\nExecStart=/opt/mvidarr/.venv/bin/mvidarr {role}\n" in unit
    assert mvidarr(tmp_path, role, "--help").returncode == 0
