"""Answers through the bridge, one message at a time. Sockets are in test_wsgi_sockets.py."""

import asyncio
import io
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from router import WSGIBackend
from router.errors import WrongProtocol
from router.types import Message
from tests.router.asking import Client, ask, http_scope, until
from tests.router.wsgi_toys import BLOCK, Environ, Start, closing, hello

pytestmark = pytest.mark.anyio


class Endless:
    """An answer without an end, which counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0
        self.blocks = 0

    def __call__(self, environ: Environ, start: Start) -> "Endless":
        start("200 OK", [("Content-Type", "text/event-stream")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.blocks += 1
            yield BLOCK

    def close(self) -> None:
        self.closed += 1


async def test_a_small_answer_comes_back_whole() -> None:
    backend = WSGIBackend(hello)
    answer = await ask(backend, "GET", "/")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"hello", "5")
    assert len(answer.messages) == 2
    await closing(backend)


async def test_a_small_answer_crosses_the_threads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = WSGIBackend(hello)
    await ask(backend, "GET", "/")
    loop, hops = asyncio.get_running_loop(), list[object]()
    cross = loop.call_soon_threadsafe

    def counted(callback: Any, *args: Any, **options: Any) -> asyncio.Handle:
        hops.append(callback)
        return cross(callback, *args, **options)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    await ask(backend, "POST", "/", body=b"small")
    assert len(hops) == 1
    await closing(backend)


class Line:
    """Where messages go: counts them, and breaks at message number ``fatal``."""

    def __init__(self, fatal: int | None = None) -> None:
        self.sent = 0
        self.fatal = fatal

    async def send(self, message: Message) -> None:
        if self.sent == self.fatal:
            raise OSError("broken pipe")
        self.sent += 1
        await asyncio.sleep(0)


async def freed(app: Endless, backend: WSGIBackend, times: int = 1) -> None:
    await until(lambda: app.closed == times and backend.busy == 0)


@pytest.mark.parametrize("leave", ["disconnect", "cancel"])
async def test_an_abandoned_stream_frees_its_thread_and_is_closed_once(leave: str) -> None:
    app = Endless()
    backend = WSGIBackend(app, threads=1)
    for attempt in (1, 2, 3):
        client, line = Client(), Line()
        task = asyncio.create_task(backend(http_scope("GET", "/"), client.receive, line.send))
        await _streaming(line)
        if leave == "disconnect":
            client.leave()
        else:
            task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        assert type(outcome) is {"disconnect": type(None), "cancel": asyncio.CancelledError}[leave]
        await freed(app, backend, attempt)
    await closing(backend)


async def _streaming(line: Line) -> None:
    await until(lambda: line.sent > 3)


@pytest.mark.parametrize("fatal", range(5))
async def test_a_send_may_fail_at_any_message(fatal: int) -> None:
    app = Endless()
    backend = WSGIBackend(app, threads=1)
    with pytest.raises(OSError, match="broken pipe"):
        await backend(http_scope("GET", "/"), Client().receive, Line(fatal).send)
    await freed(app, backend)
    await closing(backend)


async def test_a_reader_who_is_slow_stops_the_writer() -> None:
    app, client, gate = Endless(), Client(), asyncio.Event()
    backend = WSGIBackend(app, threads=1)

    async def send(message: Message) -> None:
        await gate.wait()

    task = asyncio.create_task(backend(http_scope("GET", "/"), client.receive, send))
    await until(lambda: app.blocks >= 3)
    await asyncio.sleep(0.1)
    assert app.blocks <= 6
    client.leave()
    gate.set()
    await task
    await until(lambda: app.closed == 1)
    await closing(backend)


async def test_a_failure_before_the_first_byte_is_raised_whole() -> None:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        raise ValueError("broken")

    backend, client = WSGIBackend(app), Client()
    with pytest.raises(ValueError, match="broken"):
        await backend(http_scope("GET", "/"), client.receive, client.send)
    assert client.answer.messages == []
    await until(lambda: backend.busy == 0)
    await closing(backend)


async def test_a_failure_after_the_first_byte_leaves_the_answer_unfinished() -> None:
    def app(environ: Environ, start: Start) -> Iterator[bytes]:
        start("200 OK", [])
        yield BLOCK
        raise ValueError("broken")

    backend, client = WSGIBackend(app), Client()
    with pytest.raises(ValueError, match="broken"):
        await backend(http_scope("GET", "/"), client.receive, client.send)
    assert all(message.get("more_body", True) for message in client.answer.messages)
    await until(lambda: backend.busy == 0)
    await closing(backend)


async def test_an_application_that_exits_does_not_take_the_server_along() -> None:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        raise SystemExit(3)

    backend = WSGIBackend(app)
    with pytest.raises(Exception, match="SystemExit"):
        await ask(backend, "GET", "/")
    await closing(backend)


async def test_an_error_page_comes_too_late_after_the_first_byte() -> None:
    def app(environ: Environ, start: Start) -> Iterator[bytes]:
        start("200 OK", [])
        yield BLOCK
        error = KeyError("too late")
        start("500 Oops", [], (KeyError, error, None))

    backend = WSGIBackend(app)
    with pytest.raises(KeyError, match="too late"):
        await ask(backend, "GET", "/")
    await closing(backend)


async def test_what_an_application_does_wrong_is_said() -> None:
    def twice(environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        start("200 OK", [])
        return []

    def never(environ: Environ, start: Start) -> Iterable[bytes]:
        return [b"body"]

    for app, sentence in ((twice, "called twice"), (never, "before it called start_response")):
        backend = WSGIBackend(app)
        with pytest.raises(RuntimeError, match=sentence):
            await ask(backend, "GET", "/")
        await closing(backend)


async def test_a_status_without_a_reason_and_repeated_cookies_pass() -> None:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        start("418", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "café")])
        return [b"short", b" and stout"]

    backend = WSGIBackend(app)
    answer = await ask(backend, "GET", "/")
    assert (answer.status, answer.all("set-cookie"), answer.headers["x-name"]) == (418, ["a=1", "b=2"], "café")
    assert (answer.body, answer.headers["content-length"]) == (b"short and stout", "15")
    await closing(backend)


async def test_write_is_served_too() -> None:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        write = start("200 OK", [])
        write(b"old ")
        return [b"ways"]

    backend = WSGIBackend(app)
    assert (await ask(backend, "GET", "/")).body == b"old ways"
    await closing(backend)


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
)
async def test_no_body_goes_where_none_may(method: str, status: str) -> None:
    closed = []

    class Body(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        start(status, [("Content-Length", "5")] if method == "HEAD" else [])
        return Body([b"hello"])

    backend = WSGIBackend(app)
    answer = await ask(backend, method, "/")
    assert (answer.body, answer.headers.get("content-length")) == (b"", "5" if method == "HEAD" else None)
    await until(lambda: closed == [True])
    await closing(backend)


async def test_each_block_of_a_slow_stream_goes_out_when_it_is_there() -> None:
    go = threading.Semaphore(0)

    def app(environ: Environ, start: Start) -> Iterator[bytes]:
        start("200 OK", [])
        for block in (b"one", b"two"):
            yield block
            go.acquire(timeout=5)

    backend, client = WSGIBackend(app), Client()
    task = asyncio.create_task(backend(http_scope("GET", "/"), client.receive, client.send))
    await until(lambda: client.answer.body == b"one")
    go.release()
    await until(lambda: client.answer.body == b"onetwo")
    go.release()
    await task
    await closing(backend)


async def test_a_file_crosses_in_large_blocks() -> None:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", "1000000")])
        blocks: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(b"v" * 1_000_000), 8192)
        return blocks

    backend = WSGIBackend(app)
    answer = await ask(backend, "GET", "/")
    assert answer.body == b"v" * 1_000_000
    assert len(answer.messages) < 8
    await closing(backend)


async def test_an_asgi_application_is_refused_at_boot() -> None:
    async def asgi(scope: Any, receive: Any, send: Any) -> None: ...

    with pytest.raises(WrongProtocol, match="is an ASGI application where a WSGI one belongs"):
        WSGIBackend(asgi)
