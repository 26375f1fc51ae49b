"""Threads and the queue before them: bounded, and given back whatever happens."""

import asyncio
import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from router import WSGIBackend
from router.admission import Admission, Ticket
from router.errors import ClientLeft, Saturated
from tests.router.asking import Client, ask, http_scope, until
from tests.router.wsgi_toys import Environ, Start, closing, hello

pytestmark = pytest.mark.anyio


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


async def test_beyond_the_queue_the_answer_is_503_at_once() -> None:
    app = Held()
    backend = WSGIBackend(app, threads=2, queue=1, deadline=5)
    slow = [asyncio.create_task(ask(backend, "GET", "/")) for _ in range(3)]
    await until(lambda: app.entered == 2 and backend.waiting == 1)
    started = time.monotonic()
    refused = await ask(backend, "GET", "/api/x", headers={"accept": "application/json"})
    assert time.monotonic() - started < 4
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert set(refused.json) == {"error"}
    app.go.set()
    assert [(await task).status for task in slow] == [200, 200, 200]
    await until(lambda: backend.busy == 0)
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
    await until(lambda: backend.busy == 0)
    assert (await ask(backend, "GET", "/")).status == 200
    await closing(backend)


async def test_a_place_given_to_a_request_that_is_cancelled_is_passed_on() -> None:
    """The place is granted and the task cancelled in the same turn of the loop."""
    admission = Admission(threads=1, queue=2, deadline=5)
    assert admission.try_enter()
    first, second = (asyncio.create_task(admission.enter(5, _nobody_watches)) for _ in range(2))
    await until(lambda: admission.waiting == 2)
    admission.leave()
    first.cancel()
    await asyncio.wait([first, second], timeout=2)
    assert first.cancelled()
    assert second.done()
    assert not second.cancelled()
    assert admission.inside == 1


def _nobody_watches(ticket: Ticket) -> None: ...


async def test_the_shutdown_is_bounded() -> None:
    app = Held()
    backend = WSGIBackend(app, threads=1, grace=0.1)
    task = asyncio.create_task(backend.serve(http_scope("GET", "/"), Client().receive, Client().send))
    await until(lambda: app.entered == 1)
    started = time.monotonic()
    assert await backend.close() == 1
    assert time.monotonic() - started < 4
    with pytest.raises(ClientLeft):
        await task
    with pytest.raises(Saturated):
        await backend.serve(http_scope("GET", "/"), Client().receive, Client().send)
    app.go.set()
    await until(lambda: backend.busy == 0)


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


async def test_a_thousand_requests_build_nothing_that_stays() -> None:
    backend = WSGIBackend(hello, threads=3)
    await asyncio.gather(*(ask(backend, "GET", "/") for _ in range(50)))
    before = set(threading.enumerate())
    for _ in range(1000):
        await ask(backend, "GET", "/")
    assert set(threading.enumerate()) <= before
    await until(lambda: not backend._running)
    await closing(backend)
