"""What a request held is free when it ends, and not when the garbage collector comes by: uploads are large.

Garbage is what refers to itself. A traceback refers to the frames it passed, and they to the request, so every way in
which a request fails is a way to leave some behind.
"""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator

import pytest

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import Route, WSGIBackend
from router.row import Side
from tests.router.asking import Client, http_scope, until
from tests.router.rig import Rig, running
from tests.router.wsgi_toys import BLOCK, Environ, Start, closing

pytestmark = pytest.mark.anyio

TIMES = 5
UPLOAD = [BLOCK] * 4
Case = Callable[[WSGIBackend], Awaitable[object]]


def toy(environ: Environ, start: Start) -> Iterable[bytes]:
    """Does what the path's words say."""
    told = environ["PATH_INFO"]
    if "read" in told:
        while environ["wsgi.input"].read(50_000):
            pass
    if "broken" in told:
        raise ValueError(told)
    start("200 OK", [("Content-Type", "text/plain")])
    if "stream" in told:
        return stream(cut="cut" in told)
    return [b"done"]


def stream(cut: bool) -> Iterator[bytes]:
    yield BLOCK
    yield BLOCK
    if cut:
        raise ValueError(cut)
    while True:
        yield BLOCK


async def asked(backend: WSGIBackend, path: str, client: Client, length: int = 0) -> None:
    scope = http_scope("POST", path, [("Content-Length", str(length))] if length else [])
    try:
        await backend(scope, client.receive, client.send)
    except (ValueError, OSError):
        return


def uploading(path: str, *, complete: bool = True) -> Case:
    return lambda backend: asked(backend, path, Client(UPLOAD, complete=complete), sum(map(len, UPLOAD)))


async def leaving_an_upload(backend: WSGIBackend) -> None:
    client = Client(UPLOAD, complete=False)
    task = asyncio.create_task(asked(backend, "/read", client, 9_000_000))
    await until(lambda: backend.busy == 1)
    client.leave()
    await task


async def leaving_a_stream(backend: WSGIBackend) -> None:
    client = Client()
    task = asyncio.create_task(asked(backend, "/stream", client))
    await until(lambda: len(client.answer.messages) > 2)
    client.leave()
    await task


async def failing_to_send(backend: WSGIBackend) -> None:
    class Torn(Client):
        async def send(self, message: object) -> None:
            raise OSError("broken pipe")

    await asked(backend, "/stream", Torn())


async def in_the_queue(backend: WSGIBackend, end: Callable[[Client, asyncio.Task[None]], object]) -> None:
    holder, waiter = Client(), Client(UPLOAD)
    held = asyncio.create_task(asked(backend, "/stream", holder))
    await until(lambda: backend.busy == 1)
    waiting = asyncio.create_task(asked(backend, "/read", waiter, sum(map(len, UPLOAD))))
    await until(lambda: backend.waiting == 1)
    end(waiter, waiting)
    await asyncio.wait([waiting])
    holder.leave()
    await held


CASES: dict[str, Case] = {
    "an upload": uploading("/read"),
    "an upload that nobody reads": uploading("/"),
    "an upload that stops": uploading("/read", complete=False),
    "an upload to what breaks": uploading("/broken"),
    "an upload to what breaks late": uploading("/read/broken"),
    "a question to what breaks": lambda backend: asked(backend, "/broken", Client()),
    "an answer that breaks off": lambda backend: asked(backend, "/stream/cut", Client()),
    "a client who leaves an upload": leaving_an_upload,
    "a client who leaves a stream": leaving_a_stream,
    "a client who can't be told": failing_to_send,
    "a client who leaves the queue": lambda backend: in_the_queue(backend, lambda client, _: client.leave()),
    "a wait that is cancelled": lambda backend: in_the_queue(backend, lambda _, task: task.cancel()),
    "a wait that is too long": lambda backend: in_the_queue(backend, lambda *_: None),
}


@pytest.fixture
def garbage() -> Iterator[Callable[[], Counter[str]]]:
    """What of the bridge has become garbage since the test began, by type."""

    def collected() -> Counter[str]:
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        found = Counter(type(one).__name__ for one in gc.garbage if type(one).__module__.startswith("router."))
        gc.garbage.clear()
        return found

    logging.disable()  # what is logged is kept by pytest, tracebacks included
    gc.collect()
    gc.disable()
    try:
        yield collected
    finally:
        gc.enable()
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("case", CASES)
async def test_nothing_of_a_request_waits_for_the_garbage_collector(
    case: str, garbage: Callable[[], Counter[str]]
) -> None:
    backend = WSGIBackend(toy, threads=1, patience=0.05, deadline=0.05)
    for _ in range(TIMES):
        await CASES[case](backend)
        await until(lambda: backend.busy == 0)
    assert not garbage()
    await closing(backend)


@pytest.mark.parametrize("headers", [{}, {"x-request-id": "named"}], ids=["short way", "long way"])
async def test_nothing_of_a_modern_failure_waits_for_the_garbage_collector(
    headers: dict[str, str], garbage: Callable[[], Counter[str]]
) -> None:
    async def broken(scope: object, receive: object, send: object) -> None:
        raise ValueError

    rig = Rig(MemoryStore(), legacy=toy, modern=broken, routes=[Route("GET /a")])
    rig.set("GET /a", Stage.MODERN)
    async with running(rig.router):
        garbage()
        for _ in range(TIMES):
            assert (await rig.ask("GET", "/a", headers=headers)).body == b"done"
        assert rig.router.metrics.requests().keys() == {("GET /a", Side.LEGACY, 2)}
        assert not garbage()
