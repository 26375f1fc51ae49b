"""Request bodies through the bridge: whole, bounded in memory, and never half."""

import asyncio
import threading
from collections.abc import Iterable

import pytest

from router import WSGIBackend
from router.types import Message
from tests.router.asking import Client, ask, http_scope, until
from tests.router.wsgi_toys import BLOCK, Environ, Start, closing, echo, hello

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 1_000_000])
@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upload_arrives_whole(size: int, chunked: bool) -> None:
    backend = WSGIBackend(echo)
    content = bytes(range(256)) * (size // 256) + b"y" * (size % 256)
    parts = [content[at : at + 50_000] for at in range(0, size, 50_000)] or [b""]
    answer = await ask(backend, "POST", "/", body=parts if chunked else content)
    assert answer.body == content
    await closing(backend)


async def test_a_large_upload_is_not_held_in_memory() -> None:
    """While the application does not read, no more than the window is received."""
    go, received = threading.Event(), 0

    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        go.wait(10)
        total = sum(map(len, iter(lambda: environ["wsgi.input"].read(10_000), b"")))
        start("200 OK", [])
        return [str(total).encode()]

    async def receive() -> Message:
        nonlocal received
        received += 1
        if received > 200:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"x" * 50_000, "more_body": received < 200}

    backend, client = WSGIBackend(app), Client()
    task = asyncio.create_task(backend(http_scope("POST", "/"), receive, client.send))
    await until(lambda: backend.busy == 1)
    await asyncio.sleep(0.1)
    assert received * 50_000 < 500_000
    go.set()
    await asyncio.wait_for(task, 10)
    assert client.answer.body == b"10000000"
    await closing(backend)


async def test_a_truncated_upload_is_not_taken_for_a_whole_one() -> None:
    seen: list[object] = []
    reading = threading.Event()

    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        reading.set()
        try:
            seen.append(environ["wsgi.input"].read())
        except OSError as error:
            seen.append(error)
            raise
        return hello(environ, start)

    backend = WSGIBackend(app)
    client = Client([BLOCK], complete=False)
    task = asyncio.create_task(backend(http_scope("POST", "/"), client.receive, client.send))
    await until(reading.is_set)
    client.leave()
    await asyncio.gather(task, return_exceptions=True)
    await until(lambda: backend.busy == 0)
    assert isinstance(seen[0], OSError)
    assert client.answer.messages == []
    await closing(backend)


async def test_a_small_truncated_upload_never_reaches_the_application() -> None:
    backend = WSGIBackend(hello)
    client = Client([b"half"], complete=False)
    client.leave()
    await backend(http_scope("POST", "/"), client.receive, client.send)
    assert client.answer.messages == []
    await until(lambda: backend.busy == 0)
    await closing(backend)


@pytest.mark.parametrize("filler", [0, 200_000])
async def test_the_input_is_a_file_in_every_way_of_reading(filler: int) -> None:
    """readline and readlines with their limits, iteration, no invented newline at the end; small and streamed."""
    content = b"z" * filler + b"\none\ntwo\n\nthree"
    seen: list[object] = []

    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        stream = environ["wsgi.input"]
        stream.read(filler + 1)
        seen.extend([stream.readline(2), stream.readline(), stream.readlines(2), stream.readline(0), list(stream)])
        seen.extend([stream.read(), stream.readline(), stream.readlines()])
        return hello(environ, start)

    backend = WSGIBackend(app)
    await ask(backend, "POST", "/", body=[content[:100_000], content[100_000:]])
    assert seen == [b"on", b"e\n", [b"two\n"], b"", [b"\n", b"three"], b"", b"", []]
    await closing(backend)
