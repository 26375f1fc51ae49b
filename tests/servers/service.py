"""A stand-in for somebody else's service on loopback: real HTTP, and every way in which it can go wrong."""

import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it arrived; `path` is the part below the service's own."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What is sent. `hang_up` ends the connection without a word; `trickle` is a pause after each byte, in seconds."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    hang_up: bool = False
    trickle: float = 0.0


@dataclass
class Service:
    """What was asked of it. `answer` may replace what it says itself; it is called in the server's threads."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answer: Callable[[Call], Reply | None] = field(default=lambda _call: None)
    waiting: threading.Event = field(default_factory=threading.Event)
    """Set when a call is held back by `hold`, and when a byte has trickled."""
    _released: threading.Event = field(default_factory=threading.Event)

    def known(self, call: Call) -> Reply:
        """What it says itself."""
        raise NotImplementedError

    def hold(self, call: Call) -> Reply | None:
        """An answer that comes after `release` only."""
        del call
        self.waiting.set()
        self._released.wait(30)
        return None

    def release(self) -> None:
        self._released.set()

    def paused(self, seconds: float) -> bool:
        """Waits for so long, unless everything is released; whether it is."""
        self.waiting.set()
        return self._released.wait(seconds)

    def reply(self, call: Call) -> Reply:
        said = self.answer(call)
        return said if said is not None else self.known(call)


Fake = TypeVar("Fake", bound=Service)


@contextmanager
def serving(fake: Fake, path: str) -> Iterator[Fake]:
    """Serves below `path` on a free port until the block ends."""
    server = _Server(("127.0.0.1", 0), _handler(fake, path))
    fake.url = f"http://127.0.0.1:{server.server_port}{path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.release()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is part of the tests."""

    def shutdown_request(self, request: Any) -> None:
        socketserver.TCPServer.shutdown_request(self, request)


def _handler(fake: Service, path: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            call = Call(parts.path.removeprefix(path), query, {k.lower(): v for k, v in self.headers.items()})
            fake.calls.append(call)
            self._send(fake.reply(call))

        def _send(self, reply: Reply) -> None:
            self.close_connection = True
            if reply.hang_up:
                return
            self.send_response(reply.status)
            for name, value in (("Content-Type", "application/json"), ("Connection", "close"), *reply.headers):
                self.send_header(name, value)
            self.end_headers()
            self._write(reply)

        def _write(self, reply: Reply) -> None:
            if not reply.trickle:
                self.wfile.write(reply.body)
                return
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                if fake.paused(reply.trickle):
                    return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class has
            """Says nothing."""

    return Handler
