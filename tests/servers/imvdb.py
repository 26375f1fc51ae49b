"""A stand-in for IMVDb on loopback: real HTTP, and every way in which it can go wrong."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "a-key-for-imvdb"
PATH = "/api/v1"


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What is sent. `hang_up` ends the connection without a word; `trickle` is a pause after each byte, in seconds."""

    status: int = 200
    body: bytes = b'{"results": []}'
    headers: tuple[tuple[str, str], ...] = ()
    hang_up: bool = False
    trickle: float = 0.0


@dataclass
class FakeIMVDb:
    """What was asked of it. `answer` may be replaced; it is called in the server's threads."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answer: Callable[[Call], Reply] = field(default=lambda _call: Reply())
    waiting: threading.Event = field(default_factory=threading.Event)
    """Set when a call is held back by `hold`."""
    _released: threading.Event = field(default_factory=threading.Event)

    def asked_for(self) -> list[str]:
        """The texts that were searched, in order."""
        return [call.query["q"] for call in self.calls]

    def hold(self, call: Call) -> Reply:
        """An answer that comes after `release` only."""
        del call
        self.waiting.set()
        self._released.wait(30)
        return Reply()

    def release(self) -> None:
        self._released.set()


def results(*items: Any) -> Reply:
    """A page of search results."""
    return Reply(body=json.dumps({"total_results": len(items), "results": items}).encode())


def result(number: int, artist: str = "Nova Kestrel", song: Any = "Glass Harbor", **more: Any) -> dict[str, Any]:
    """A search result as IMVDb writes it."""
    return {
        "id": number,
        "production_status": "r",
        "song_title": song,
        "year": 1999,
        "image": {"l": f"https://images.example/{number}_l.jpg", "t": "https://images.example/t.jpg"},
        "artists": [{"name": artist, "slug": artist.lower()}],
        **more,
    }


@contextmanager
def fake_imvdb() -> Iterator[FakeIMVDb]:
    """Serves on a free port until the block ends."""
    fake = FakeIMVDb()
    server = _Server(("127.0.0.1", 0), _handler(fake))
    fake.url = f"http://127.0.0.1:{server.server_port}{PATH}"
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


def _handler(fake: FakeIMVDb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            call = Call(parts.path.removeprefix(PATH), query, {k.lower(): v for k, v in self.headers.items()})
            fake.calls.append(call)
            self._send(fake.answer(call))

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
                fake.waiting.set()
                if fake._released.wait(reply.trickle):
                    return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class has
            """Says nothing."""

    return Handler
