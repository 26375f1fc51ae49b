"""WSGI applications to bridge, the end of every bridge, and a bridge in a process of its own."""

import asyncio
import gc
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs
from wsgiref.validate import validator

from router import WSGIBackend
from router.types import ASGIApp, Message, Receive, Scope, Send

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


async def closing(backend: WSGIBackend) -> None:
    assert await backend.close() == 0


class Body:
    """An iterable that counts how often it was closed. ``broken`` and ``slow`` say how closing goes."""

    def __init__(self, toy: "Toy", blocks: Iterable[bytes], *, broken: bool = False, slow: float = 0.0) -> None:
        self._toy = toy
        self._blocks = blocks
        self._broken = broken
        self._slow = slow

    def __iter__(self) -> Iterator[bytes]:
        self._toy.opened += 1
        return iter(self._blocks)

    def close(self) -> None:
        self._toy.closed += 1
        if isinstance(self._blocks, Iterator):
            getattr(self._blocks, "close", int)()
        time.sleep(self._slow)
        if self._broken:
            raise RuntimeError("close() broke")


class Toy:
    """A WSGI application that misbehaves as its URL says. Its methods are its paths."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.finished = 0
        self.cut = 0
        self.heard = 0
        self.go = threading.Event()
        self.valid = validator(self.plain)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        name = environ["PATH_INFO"].split("/")[1]
        query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"], encoding="latin-1").items()}
        answer: Iterable[bytes] = getattr(self, name)(environ, start, **query)
        return answer

    def hello(self, environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return Body(self, [b"hello"])

    def echo(self, environ: Environ, start: Start) -> Iterable[bytes]:
        self.heard += 1
        try:
            body = environ["wsgi.input"].read()
        except OSError:
            self.cut += 1
            raise
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def count(self, environ: Environ, start: Start, nap: str = "0") -> Iterable[bytes]:
        """How many bytes came, read in pieces."""
        time.sleep(float(nap))
        total = sum(map(len, iter(lambda: environ["wsgi.input"].read(65536), b"")))
        start("200 OK", [])
        return [b"%d" % total]

    def told(self, environ: Environ, start: Start, **_: str) -> Iterable[bytes]:
        """The environ, as far as it is text."""
        told = {key: value for key, value in environ.items() if isinstance(value, str)}
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]

    def reads(self, environ: Environ, start: Start, filler: str) -> Iterable[bytes]:
        """Every way of reading, after ``filler`` bytes."""
        stream = environ["wsgi.input"]
        seen: list[Any] = [len(stream.read(int(filler)))]
        seen += [stream.readline(2), stream.readline(), stream.readlines(2), stream.readline(0), list(stream)]
        seen += [stream.read(), stream.readline(), stream.readlines()]
        start("200 OK", [])
        return [repr(seen).encode()]

    def says(self, environ: Environ, start: Start, answer: str) -> Iterable[bytes]:
        """The answer that the query tells: status, headers, blocks (bytes as latin-1), and what else to do."""
        told = json.loads(answer)
        write = start(told.get("status", "200 OK"), [tuple(pair) for pair in told.get("headers", [])])
        for block in told.get("write", []):
            write(block.encode("latin-1"))
        if told.get("fail") == "before":
            raise RuntimeError("before the first byte")
        return Body(self, self._said(told, start), broken=told.get("close") == "broken", slow=told.get("slow", 0))

    def _said(self, told: Any, start: Start) -> Iterator[bytes]:
        for block in told.get("blocks", []):
            yield block.encode("latin-1") * told.get("times", 1)
        time.sleep(told.get("nap", 0))
        if told.get("fail") == "after":
            raise RuntimeError("after the first byte")
        if told.get("fail") == "page":
            error = KeyError("too late, or in time")
            start("500 Oops", [("X-Page", "error")], (KeyError, error, None))
            yield b"error page"

    def plain(self, environ: Environ, start: Start) -> Iterable[bytes]:
        read = environ["wsgi.input"].read(3)
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"fine ", read]

    def strict(self, environ: Environ, start: Start, **_: str) -> Iterable[bytes]:
        """`plain`, under the eyes of wsgiref's validator."""
        answer: Iterable[bytes] = self.valid(environ, start)
        return answer

    def events(self, environ: Environ, start: Start, every: str = "0.005", size: str = "10") -> Iterable[bytes]:
        """A stream without an end."""
        start("200 OK", [("Content-Type", "text/event-stream")])
        return Body(self, self._forever(float(every), b"e" * int(size)))

    def _forever(self, every: float, block: bytes) -> Iterator[bytes]:
        try:
            while True:
                yield block
                time.sleep(every)
        finally:
            self.finished += 1

    def blocks(self, environ: Environ, start: Start, number: str, size: str, told: str = "") -> Iterable[bytes]:
        block = b"b" * int(size)
        start("200 OK", [("Content-Length", str(int(number) * int(size)))] if told else [])
        return Body(self, (block for _ in range(int(number))))

    def film(self, environ: Environ, start: Start, size: str) -> Iterable[bytes]:
        """A file of so many bytes, none of them on the disk, by ``wsgi.file_wrapper``."""
        file = tempfile.TemporaryFile()  # noqa: SIM115  # the wrapper closes it
        os.truncate(file.fileno(), int(size))
        start("200 OK", [("Content-Length", size)])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file, 8192)
        return wrapped

    def held(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Waits until somebody asks for /_/go."""
        self.go.wait(30)
        start("200 OK", [("Content-Length", "4")])
        return Body(self, [b"held"])

    def unread(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Reads none of the body, and answers for ever."""
        return self.events(environ, start)

    def remembers(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """What the thread learns is told to the outside through the one object that both have."""
        environ["asgi.scope"]["state"]["user"] = "ada"
        return self.hello(environ, start)


class Outside:
    """The server's side of a bridge: counts hops, answers about the bridge, and lets sends and tasks fail as asked."""

    def __init__(self, toy: Toy, backend: WSGIBackend) -> None:
        self.toy = toy
        self.backend = backend
        self.hops = 0
        self.waits = 0
        backend.waited = self._waited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.backend(scope, receive, send)
        elif scope["path"] == "/_/state":
            await _answer(send, json.dumps(self.state()).encode())
        elif scope["path"] == "/_/objects":
            gc.collect()
            await _answer(send, b"%d" % len(gc.get_objects()))
        elif scope["path"] == "/_/go":
            self.toy.go.set()
            await _answer(send, b"")
            self.toy.go = threading.Event()
        else:
            await self._bridge(scope, receive, send)

    def state(self) -> dict[str, int]:
        names = ("busy", "zombies", "waiting", "streams")
        counts = {name: getattr(self.backend, name) for name in names}
        counts |= {name: getattr(self.toy, name) for name in ("opened", "closed", "finished", "heard", "cut")}
        return {**counts, "hops": self.hops, "waits": self.waits, "threads": threading.active_count()}

    async def _bridge(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._count_hops()
        headers = dict(scope["headers"])
        line = _Line(scope, send, int(headers.get(b"x-fail-at", -1)))
        limit = headers.get(b"x-cancel-after")
        if b"x-root" in headers:
            scope["root_path"] = headers[b"x-root"].decode()
        try:
            async with asyncio.timeout(float(limit) if limit else None):
                await self.backend(scope, receive, line.send)
        except (TimeoutError, BrokenPipeError):
            if not line.sent:
                await _answer(send, b"gone", 504)

    def _count_hops(self) -> None:
        loop = asyncio.get_running_loop()
        if "call_soon_threadsafe" in vars(loop):
            return
        cross = loop.call_soon_threadsafe

        def counted(callback: Any, *args: Any, **options: Any) -> Any:
            self.hops += 1
            return cross(callback, *args, **options)

        vars(loop)["call_soon_threadsafe"] = counted

    def _waited(self, seconds: float) -> None:
        self.waits += 1


class _Line:
    """A ``send`` that breaks at message number ``fatal``, and tells who the thread said was asking."""

    def __init__(self, scope: Scope, send: Send, fatal: int) -> None:
        self._scope = scope
        self._send = send
        self._fatal = fatal
        self.sent = 0

    async def send(self, message: Message) -> None:
        if self.sent == self._fatal:
            raise BrokenPipeError("as the test wished")
        if message["type"] == "http.response.start" and "user" in self._scope["state"]:
            message = {**message, "headers": [*message["headers"], (b"x-user", self._scope["state"]["user"].encode())]}
        self.sent += 1
        await self._send(message)


async def _answer(send: Send, body: bytes, status: int = 200) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def create(**options: Any) -> ASGIApp:
    """The toy behind a bridge with these options."""
    toy = Toy()
    return Outside(toy, WSGIBackend(toy, **options))
