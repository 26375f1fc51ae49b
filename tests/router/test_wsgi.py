"""The bridge's dangers, one message at a time. Sockets are in test_wsgi_sockets.py."""

import asyncio
import contextvars
import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest

from router import WSGIBackend
from router.admission import Admission
from router.errors import ClientLeft, Saturated, WrongProtocol
from router.types import Message
from tests.router.asking import Client, ask, http_scope, until

pytestmark = pytest.mark.anyio

Start = Callable[..., Any]
Environ = dict[str, Any]
BLOCK = b"x" * 100_000


def hello(environ: Environ, start: Start) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hel", b"lo"]


def echo(environ: Environ, start: Start) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


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


class Held:
    """Answers when it is let go. ``entered`` counts the requests that hold a thread."""

    def __init__(self) -> None:
        self.entered = 0
        self.go = threading.Event()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/fast":
            self.entered += 1
            self.go.wait(10)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]


def environ_of(seen: list[Environ]) -> Callable[[Environ, Start], Iterable[bytes]]:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        seen.append(environ)
        return hello(environ, start)

    return app


async def closing(backend: WSGIBackend) -> None:
    assert await backend.close() == 0


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


async def test_the_bridge_keeps_the_rules_of_wsgi() -> None:
    """wsgiref's validator checks the environ, the order of calls, and close()."""

    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        environ["wsgi.input"].read(3)
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]

    backend = WSGIBackend(validator(app))
    answer = await ask(backend, "POST", "/a/b?c=d", body=b"12345", headers={"content-type": "text/plain"})
    assert answer.body == b"fine"
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


async def test_beyond_the_queue_the_answer_is_503_at_once() -> None:
    app = Held()
    backend = WSGIBackend(app, threads=2, queue=1, deadline=5)
    slow = [asyncio.create_task(ask(backend, "GET", "/")) for _ in range(3)]
    await until(lambda: app.entered == 2 and backend.waiting == 1)
    started = time.monotonic()
    refused = await ask(backend, "GET", "/api/x", headers={"accept": "application/json"})
    assert time.monotonic() - started < 0.5
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert set(refused.json) == {"error"}
    app.go.set()
    assert [(await task).status for task in slow] == [200, 200, 200]
    assert backend.busy == 0
    await closing(backend)


async def test_waiting_ends_at_its_deadline() -> None:
    app = Held()
    backend = WSGIBackend(app, threads=1, queue=5, deadline=0.05)
    slow = asyncio.create_task(ask(backend, "GET", "/"))
    await until(lambda: app.entered == 1)
    assert (await ask(backend, "GET", "/fast")).status == 503
    app.go.set()
    assert (await slow).status == 200
    assert (await ask(backend, "GET", "/fast")).status == 200
    await closing(backend)


@pytest.mark.parametrize("leave", ["disconnect", "cancel"])
async def test_who_leaves_the_queue_gives_up_the_place(leave: str) -> None:
    app = Held()
    backend = WSGIBackend(app, threads=1, queue=1, deadline=5)
    slow = asyncio.create_task(ask(backend, "GET", "/"))
    await until(lambda: app.entered == 1)
    client = Client()
    waiting = asyncio.create_task(backend(http_scope("GET", "/"), client.receive, client.send))
    await until(lambda: backend.waiting == 1)
    client.leave() if leave == "disconnect" else waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert backend.waiting == 0
    app.go.set()
    await slow
    assert app.entered == 1
    assert client.answer.messages == []
    await closing(backend)


async def test_an_abandoned_handler_counts_as_busy_until_it_returns() -> None:
    app = Held()
    backend = WSGIBackend(app, threads=1, queue=0)
    client = Client()
    task = asyncio.create_task(backend(http_scope("GET", "/"), client.receive, client.send))
    await until(lambda: app.entered == 1)
    client.leave()
    await asyncio.wait_for(task, 2)
    assert (backend.busy, backend.zombies, backend.idle) == (1, 1, 0)
    assert (await ask(backend, "GET", "/fast")).status == 503
    app.go.set()
    await until(lambda: (backend.busy, backend.zombies) == (0, 0))
    assert (await ask(backend, "GET", "/fast")).status == 200
    await closing(backend)


async def test_no_place_is_lost_when_a_request_can_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = WSGIBackend(hello, threads=1)

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        with pytest.raises(RuntimeError, match="can't start"):
            await ask(backend, "GET", "/")
    broken = {name: value for name, value in http_scope("GET", "/").items() if name != "query_string"}
    with pytest.raises(KeyError):
        await backend(broken, Client().receive, Client().send)
    assert backend.busy == 0
    assert (await ask(backend, "GET", "/")).status == 200
    await closing(backend)


async def test_a_place_given_to_a_request_that_is_cancelled_is_passed_on() -> None:
    """The place is granted and the task cancelled in the same turn of the loop."""
    admission = Admission(threads=1, queue=2, deadline=5)
    assert admission.try_enter()
    first, second = (asyncio.create_task(admission.enter(_unwatched)) for _ in range(2))
    await until(lambda: admission.waiting == 2)
    admission.leave()
    first.cancel()
    await asyncio.wait([first, second], timeout=2)
    assert first.cancelled()
    assert second.done()
    assert not second.cancelled()
    assert admission.inside == 1


def _unwatched(ticket: "asyncio.Future[None]") -> "asyncio.Task[None]":
    return asyncio.create_task(asyncio.sleep(60))


async def test_the_shutdown_is_bounded() -> None:
    app = Held()
    backend = WSGIBackend(app, threads=1, grace=0.1)
    task = asyncio.create_task(backend.serve(http_scope("GET", "/"), Client().receive, Client().send))
    await until(lambda: app.entered == 1)
    started = time.monotonic()
    assert await backend.close() == 1
    assert time.monotonic() - started < 1
    with pytest.raises(ClientLeft):
        await task
    with pytest.raises(Saturated):
        await backend.serve(http_scope("GET", "/"), Client().receive, Client().send)
    app.go.set()
    await until(lambda: backend.busy == 0)


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

    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        try:
            seen.append(environ["wsgi.input"].read())
        except OSError as error:
            seen.append(error)
            raise
        return hello(environ, start)

    backend = WSGIBackend(app)
    client = Client([BLOCK], complete=False)
    task = asyncio.create_task(backend(http_scope("POST", "/"), client.receive, client.send))
    await until(lambda: backend.busy == 1)
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
    assert backend.busy == 0
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


async def test_a_failure_before_the_first_byte_is_raised_whole() -> None:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        raise ValueError("broken")

    backend, client = WSGIBackend(app), Client()
    with pytest.raises(ValueError, match="broken"):
        await backend(http_scope("GET", "/"), client.receive, client.send)
    assert client.answer.messages == []
    assert backend.busy == 0
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


async def test_an_error_page_may_replace_headers_that_were_not_sent() -> None:
    def app(environ: Environ, start: Start) -> Iterator[bytes]:
        start("200 OK", [("X-Good", "yes")])
        yield b""
        try:
            raise KeyError("broken")
        except KeyError as error:
            start("500 Oops", [("X-Good", "no")], (KeyError, error, error.__traceback__))
        yield b"sorry"

    backend = WSGIBackend(app)
    answer = await ask(backend, "GET", "/")
    assert (answer.status, answer.headers["x-good"], answer.body) == (500, "no", b"sorry")
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
    assert closed == [True]
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


async def test_a_client_can_not_speak_with_a_proxys_voice() -> None:
    seen: list[Environ] = []
    backend = WSGIBackend(environ_of(seen))
    headers = [("X_Forwarded_For", "6.6.6.6"), ("X-Forwarded-For", "1.2.3.4"), ("Cookie", "a=1"), ("Cookie", "b=2")]
    await ask(backend, "GET", "/", headers=headers)
    assert seen[0]["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
    assert seen[0]["HTTP_COOKIE"] == "a=1; b=2"
    await closing(backend)


@pytest.mark.parametrize(
    ("root", "path", "script_name", "path_info"),
    [
        ("", "/a%20b", "", "/a b"),
        ("", "/caf%C3%A9", "", "/caf\u00c3\u00a9"),
        ("", "/%FF%C3", "", "/\u00ff\u00c3"),
        ("/app", "/app/x", "/app", "/x"),
        ("/app", "/app", "/app", ""),
        ("/app", "/application", "/app", "/application"),
        ("/app", "/x", "/app", "/x"),
    ],
)
async def test_paths_reach_the_application_byte_by_byte(
    monkeypatch: pytest.MonkeyPatch, root: str, path: str, script_name: str, path_info: str
) -> None:
    monkeypatch.setenv("SCRIPT_NAME", "/from-the-environment")
    seen: list[Environ] = []
    backend = WSGIBackend(environ_of(seen))
    await ask(backend, "GET", path, root_path=root)
    assert (seen[0]["SCRIPT_NAME"], seen[0]["PATH_INFO"]) == (script_name, path_info)
    await closing(backend)


async def test_a_query_in_raw_bytes_is_no_error() -> None:
    seen: list[Environ] = []
    backend = WSGIBackend(environ_of(seen))
    await ask(backend, "GET", "/?q=\xe9\xff")
    assert seen[0]["QUERY_STRING"] == "q=\xe9\xff"
    await closing(backend)


async def test_context_reaches_the_thread() -> None:
    name = contextvars.ContextVar("name", default="nobody")

    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        return [name.get().encode()]

    backend = WSGIBackend(app)
    name.set("ada")
    assert (await ask(backend, "GET", "/")).body == b"ada"
    await closing(backend)


async def test_an_asgi_application_is_refused_at_boot() -> None:
    async def asgi(scope: Any, receive: Any, send: Any) -> None: ...

    with pytest.raises(WrongProtocol, match="is an ASGI application where a WSGI one belongs"):
        WSGIBackend(asgi)


async def test_a_thousand_requests_build_nothing_that_stays() -> None:
    backend = WSGIBackend(hello, threads=3)
    await asyncio.gather(*(ask(backend, "GET", "/") for _ in range(50)))
    before = threading.active_count()
    for _ in range(1000):
        await ask(backend, "GET", "/")
    assert threading.active_count() == before
    assert not backend._running
    await closing(backend)
