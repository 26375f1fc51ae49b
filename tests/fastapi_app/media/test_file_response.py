"""Files as answers: whole, in ranges, on conditions, and what happens when the client or the file goes away."""

import os
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any
from zlib import adler32

import anyio
import pytest
from starlette.requests import Request

from fastapi_app.errors import BadRange, NotFound
from fastapi_app.media.conditions import parse_date, parse_tags
from fastapi_app.media.content_type import content_type
from fastapi_app.media.disposition import inline
from fastapi_app.media.file_response import CHUNK_BYTES, FileResponse, FileShrank, open_file
from tests.fastapi_app.conftest import vectors

pytestmark = pytest.mark.anyio
Message = MutableMapping[str, Any]

CONTENT = bytes(range(256)) * 4
MODIFIED = 1_790_000_000.5


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "Björk - Jóga.mp4"
    path.write_bytes(CONTENT)
    os.utime(path, (MODIFIED, MODIFIED))
    return path


class Answer:
    """What one request was sent, by a client that leaves after `patience` messages."""

    def __init__(self, patience: float = float("inf")) -> None:
        self.messages: list[Message] = []
        self.patience = patience
        self.left = anyio.Event()

    async def send(self, message: Message) -> None:
        self.messages.append(message)
        if len(self.messages) >= self.patience:
            self.left.set()
            await anyio.sleep_forever()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode("latin-1") for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.messages[1:])


async def ask(path: Path, answer: Answer | None = None, method: str = "GET", **headers: str) -> Answer:
    """The answer for a file, with headers given as `if_range="…"`."""
    received = answer or Answer()
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""}
    response = await FileResponse.of(Request(scope), path)
    with anyio.fail_after(5):
        await response(scope, received.receive, received.send)
    assert response._file.handle.closed
    return received


@pytest.mark.parametrize("case", vectors("conditions"), ids=lambda case: str(case["request"]))
async def test_conditions_and_single_ranges_are_answered_as_werkzeug_does(tmp_path: Path, case: dict[str, Any]) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(CONTENT)
    os.utime(film, (MODIFIED, MODIFIED))
    etag = f'"{MODIFIED}-{len(CONTENT)}-{adler32(bytes(film))}"'
    sent = {name.replace("-", "_"): value.replace("{etag}", etag) for name, value in case["request"].items()}
    answer = await ask(film, **sent)
    assert answer.status == case["status"]
    assert answer.headers == {name: value.replace("{etag}", etag) for name, value in case["headers"].items()}
    if answer.status == 200:
        assert answer.body == CONTENT
    if answer.status == 206:
        first, last = answer.headers["content-range"].removeprefix("bytes ").partition("/")[0].split("-")
        assert answer.body == CONTENT[int(first) : int(last) + 1]


async def test_head_reads_nothing(film: Path) -> None:
    answer = await ask(film, method="HEAD")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "1024", b"")


@pytest.mark.parametrize("header", ["bytes=0-3,10-12", "bytes=10-12,0-3,-1", "bytes=0-1,0-1"])
async def test_several_ranges_come_in_parts_in_the_order_asked(film: Path, header: str) -> None:
    answer = await ask(film, range=header)
    assert answer.status == 206
    assert int(answer.headers["content-length"]) == len(answer.body)
    boundary = answer.headers["content-type"].removeprefix("multipart/byteranges; boundary=")
    parts = answer.body.split(f"--{boundary}".encode())[1:-1]
    sizes = {"0-3": CONTENT[0:4], "10-12": CONTENT[10:13], "-1": CONTENT[-1:], "0-1": CONTENT[0:2]}
    wanted = [sizes[each] for each in header.removeprefix("bytes=").split(",")]
    assert [part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n") for part in parts] == wanted
    assert all(b"Content-Range: bytes " in part and b"Content-Type: video/mp4" in part for part in parts)


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=abc", "items=0-1", "bytes=" + "0-0," * 17 + "0-0"])
async def test_a_range_that_is_not_there_names_the_size(film: Path, header: str) -> None:
    with pytest.raises(BadRange) as raised:
        await ask(film, range=header)
    assert raised.value.headers() == {"content-range": "bytes */1024"}


async def test_an_empty_file_is_sent_as_such(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    answer = await ask(tmp_path / "empty.mp4")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "0", b"")


async def test_a_large_file_comes_in_chunks_and_stops_when_the_client_leaves(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(b"x" * (CHUNK_BYTES * 10 + 1))
    whole = await ask(path)
    assert [len(message["body"]) for message in whole.messages[1:]] == [CHUNK_BYTES] * 10 + [1, 0]
    assert len((await ask(path, Answer(patience=3))).messages) == 3


async def test_a_file_that_shrinks_breaks_the_connection(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(b"x" * (CHUNK_BYTES * 3))

    class Shrinking(Answer):
        async def send(self, message: Message) -> None:
            os.truncate(path, 10)
            await super().send(message)

    with pytest.RaisesGroup(FileShrank):
        await ask(path, Shrinking())


@pytest.mark.parametrize("make", [lambda path: None, os.mkdir, os.mkfifo], ids=["nothing", "folder", "pipe"])
async def test_what_is_no_file_is_not_found(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "film.mp4")
    with pytest.raises(NotFound):
        await ask(tmp_path / "film.mp4")
    assert open_file(tmp_path / "film.mp4") is None


@pytest.mark.parametrize("case", vectors("dispositions"), ids=lambda case: ascii(case["name"]))
def test_names_are_announced_as_werkzeug_does(case: dict[str, str]) -> None:
    assert inline(case["name"]) == case["header"]


def test_a_line_break_in_a_name_is_no_new_header() -> None:
    assert inline("a\r\nset-cookie: x\0.mp4") == 'inline; filename="a__set-cookie: x_.mp4"'


def test_kinds_of_files() -> None:
    assert content_type("A.MP4") == "video/mp4"
    assert content_type("x.unknown") == content_type("none") == "application/octet-stream"


@pytest.mark.parametrize("date", ["", "nonsense", "Fri, 99 Jan 2100 00:00:00 GMT", "0", "\x00"])
def test_dates_that_are_none(date: str) -> None:
    assert parse_date(date) is None


def test_entity_tags() -> None:
    assert parse_tags('"a", W/"b",c') == {"a", "b", "c"}
    assert parse_tags("") == frozenset()
