"""Live transcoding through a real server: it plays, and no process outlives its viewer or the server."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
import uvicorn
from anyio import CapacityLimiter

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.media import transcode
from fastapi_app.media.transcode import TranscodeResponse, arguments, find_ffmpeg
from fastapi_app.models import Setting
from tests.fastapi_app.conftest import connected
from tests.fastapi_app.library import artist, video

Rows = Callable[..., None]

PATIENCE = 15.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of moving picture with sound, in a container that browsers don't play."""
    ffmpeg = find_ffmpeg()
    assert ffmpeg is not None
    path = tmp_path_factory.mktemp("films") / "film.mkv"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:duration=30"]
    sound = ["-f", "lavfi", "-i", "sine=duration=30"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    subprocess.run([ffmpeg, "-loglevel", "error", *picture, *sound, *codecs, str(path)], check=True)
    return path


@pytest.fixture
def library(config: Config, rows: Rows, film: Path) -> Config:
    folder = config.data_dir / "musicvideos"
    folder.mkdir()
    (folder / "film.mkv").symlink_to(film)
    rows(Setting(id=1, key="require_authentication", value="false"), artist())
    rows(video(local_path="/app/data/musicvideos/film.mkv"))
    return config.model_copy(update={"media_roots": (film.parent,)})


class Server:
    """A real server in a thread of its own."""

    def __init__(self, config: Config) -> None:
        self._others = children()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.server = uvicorn.Server(uvicorn.Config(create_app(config), log_level="critical", ws="none"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.thread.start()
        wait_until(lambda: self.server.started)

    @property
    def children(self) -> set[int]:
        """The processes that it started and that are not reaped."""
        return children() - self._others

    def viewer(self) -> socket.socket:
        """A client that asks for the film and has read its first bytes."""
        viewer = socket.create_connection(self.socket.getsockname(), timeout=PATIENCE)
        viewer.sendall(b"GET /api/videos/1/stream HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\n\r\n")
        received = viewer.recv(65_536)
        assert received.startswith(b"HTTP/1.1 200"), received[:200]
        return viewer

    def stop(self) -> None:
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(PATIENCE)
        self.socket.close()


@pytest.fixture
def server(library: Config) -> Iterator[Server]:
    running = Server(library)
    yield running
    running.stop()


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def children() -> set[int]:
    """The processes that this one started and has not reaped."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            found.update(map(int, (task / "children").read_text().split()))
    return found


def test_the_process_ends_when_the_viewer_leaves(server: Server) -> None:
    viewer = server.viewer()
    assert len(server.children) == 1
    viewer.close()
    wait_until(lambda: not server.children)


def test_the_process_ends_when_the_server_stops(server: Server) -> None:
    viewer = server.viewer()
    assert len(server.children) == 1
    server.stop()
    assert not server.children
    viewer.close()


@pytest.mark.anyio
async def test_a_film_is_playable_mp4_without_ranges(library: Config, tmp_path: Path) -> None:
    before = children()
    async with connected(library) as client:
        answer = await client.get("/api/videos/1/stream", headers={"range": "bytes=0-9"}, timeout=60)
        head = await client.head("/api/videos/1/stream")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert "content-length" not in answer.headers
    assert (answer.headers["accept-ranges"], answer.headers["cache-control"]) == ("bytes", "no-cache")
    assert answer.content[4:8] == b"ftyp"
    assert len(answer.content) > 100_000
    assert (head.status_code, head.content) == (200, b"")
    assert children() == before


@pytest.mark.anyio
async def test_more_films_than_the_machine_carries_are_told_to_come_back(library: Config) -> None:
    async with connected(library) as client:
        client.state["transcodes"] = CapacityLimiter(1)
        client.state["transcodes"].acquire_on_behalf_of_nowait("somebody")
        answer = await client.get("/api/videos/1/stream")
        client.state["transcodes"].release_on_behalf_of("somebody")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


@pytest.mark.anyio
async def test_a_machine_without_ffmpeg_says_so(library: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcode, "find_ffmpeg", lambda: None)
    async with connected(library) as client:
        answer = await client.get("/api/videos/1/stream")
    assert answer.status_code == 503
    assert "ffmpeg" in answer.json()["error"]


def test_without_ffmpeg_on_the_path_the_wheel_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = find_ffmpeg.__wrapped__()
    assert found is not None
    assert "imageio_ffmpeg" in found


STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdout.write("x")
sys.stdout.flush()
while True:
    signal.pause()
"""


@pytest.mark.anyio
async def test_a_process_that_ignores_the_polite_signal_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcode, "TERM_SECONDS", 0.1)
    started = anyio.Event()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message.get("body"):
            started.set()

    async def receive() -> MutableMapping[str, Any]:
        await started.wait()
        return {"type": "http.disconnect"}

    response = TranscodeResponse([sys.executable, "-c", STUBBORN], CapacityLimiter(1))
    before = children()
    with anyio.fail_after(PATIENCE):
        await response({"type": "http", "method": "GET"}, receive, send)
    assert children() == before


def test_a_path_is_never_an_option_or_an_address() -> None:
    command = arguments("ffmpeg", Path("-http:|x.mkv"))
    assert command[command.index("-i") + 1] == "file:-http:|x.mkv"
