"""`mvidarr serve`: whom it believes, what it tells about itself, and that it prepares its application."""

import json
import logging
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from fastapi_app.config import Config
from fastapi_app.operations import application, web
from fastapi_app.operations.refusal import ApplicationUnknown
from tests.operations.processes import COMMAND, PROJECT, descendants, environment, found, lives, mvidarr, until

TOY = """
import json, pathlib

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    told = {name: scope[name] for name in ("client", "scheme", "path", "root_path")}
    told["host"] = dict(scope["headers"])[b"host"].decode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})

def prepare(config, *, adopted):
    with (config.data_dir / "prepared").open("a") as note:
        note.write(f"{adopted}\\n")
"""
FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "music.example.org",
    "X-Forwarded-Prefix": "/elsewhere",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with current tables and a toy application."""
    made = tmp_path_factory.mktemp("web")
    (made / "toy.py").write_text(TOY)
    assert mvidarr(made, "db", "upgrade").returncode == 0
    return made


@contextmanager
def serving(folder: Path, *options: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`mvidarr serve` of the toy on a free port."""
    process = subprocess.Popen(
        [*COMMAND, "serve", *options],
        cwd=folder,
        env=environment(MVIDARR_DATA_DIR=folder / "data", MVIDARR_PORT="0", MVIDARR_APP="toy:app", **settings)
        | {"PYTHONPATH": f"{PROJECT}:{folder}", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield found(r"http://\S+", process.stdout.readline()), process
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()


@pytest.mark.long
def test_forwarded_headers_count_from_a_trusted_proxy_only(folder: Path) -> None:
    with serving(folder) as (base, _):
        trusted = httpx2.get(f"{base}/x", headers=FORWARDED)
    assert trusted.json() | {"client": trusted.json()["client"][0]} == {
        "client": "203.0.113.9",
        "scheme": "https",
        "path": "/x",
        "root_path": "",
        "host": "music.example.org",
    }
    assert "server" not in trusted.headers
    for proxies in ("", "192.0.2.1"):
        with serving(folder, MVIDARR_TRUSTED_PROXIES=proxies) as (base, _):
            told = httpx2.get(f"{base}/x", headers=FORWARDED).json()
        assert (told["client"][0], told["scheme"], told["root_path"]) == ("127.0.0.1", "http", "")
        assert base.endswith(told["host"])


def test_the_prefix_reaches_the_application(folder: Path) -> None:
    with serving(folder, MVIDARR_BASE_URL="/mv/") as (base, _):
        assert base.endswith("/mv")
        told = httpx2.get(f"{base.removesuffix('/mv')}/x").json()
    assert (told["root_path"], told["path"]) == ("/mv", "/mv/x")


def test_the_application_is_prepared_once_for_all_workers(folder: Path) -> None:
    note = folder / "data" / "prepared"
    note.unlink(missing_ok=True)
    with serving(folder, "--workers", "2") as (base, process):
        until(lambda: json.loads(httpx2.get(f"{base}/x", timeout=30).content)["path"] == "/x")
        workers = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        until(lambda: not [pid for pid in workers if lives(pid)])
    assert note.read_text() == "False\n"


@pytest.mark.long
def test_old_tables_are_refused(tmp_path: Path) -> None:
    ended = mvidarr(tmp_path, "serve", MVIDARR_PORT="0")
    assert ended.returncode == 1
    assert ended.stderr.endswith("Run: mvidarr db upgrade\n")


@pytest.mark.parametrize("name", ["nowhere:app", "json", "json:nothing", "json.decoder:FLAGS"])
def test_an_application_that_is_none_is_told(name: str) -> None:
    with pytest.raises(ApplicationUnknown, match="MVIDARR_APP"):
        application.load(name)


@pytest.mark.parametrize(
    ("level", "root"), [("info", "WARNING"), ("loud", "WARNING"), ("DEBUG", "DEBUG"), ("ERROR", "ERROR")]
)
def test_the_servers_own_news_are_left_out(level: str, root: str) -> None:
    assert web.log_config(level)["root"]["level"] == logging.getLevelName(root)


def test_the_options_follow_the_configuration() -> None:
    options = web.options(Config(workers=3, trusted_proxies="10.0.0.0/8", database_url="sqlite://"))
    assert options["workers"] == 3
    assert not options["proxy_headers"]
    assert not options["server_header"]
    assert not options["access_log"]
    assert options["timeout_graceful_shutdown"] == web.GRACE_SECONDS
