"""A server that answers as the console's API does, from a world that a test changes as it likes."""

import json
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.router.console.page.world import World

ASSETS = Path(__file__).parents[4] / "router" / "console" / "assets"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
PREFIX = "/behind/_strangler"
"""Not at the root, so that an address that is not relative fails."""


class StandIn:
    """``refuse`` answers everything under the API with that status; ``deaf`` opens no stream."""

    def __init__(self, world: World, base: str) -> None:
        self.world = world
        self.base = base
        self.refuse = 0
        self.deaf = False
        self.asked: list[str] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.streams: list[queue.Queue[str | None]] = []

    def news(self, event: str = "epoch") -> None:
        """What the world is now, told to every stream."""
        for stream in list(self.streams):
            stream.put(f"event: {event}\ndata: {json.dumps({'epoch': self.world.epoch})}\n\n")

    def hang_up(self) -> None:
        """Ends every stream."""
        for stream in list(self.streams):
            stream.put(None)


class Handler(BaseHTTPRequestHandler):
    """The contract, without its rights. A connection is closed after each answer, so none outlives the server."""

    stand_in: StandIn

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nothing."""

    def do_GET(self) -> None:  # the base class's name
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(PREFIX)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.stand_in.asked.append(path)
        if path == "/":
            self.file("index.html")
        elif path.startswith("/assets/"):
            self.file(path.removeprefix("/assets/"))
        elif path.startswith("/api/"):
            self.ask(path.removeprefix("/api/"), query)
        else:
            self.answer(404, b"", "text/plain")

    def ask(self, path: str, query: dict[str, str]) -> None:
        world = self.stand_in.world
        if self.stand_in.refuse:
            self.json(self.stand_in.refuse, {"error": "Refused."})
        elif path == "events":
            self.stream()
        elif path == "state":
            self.json(200, world.state())
        elif path == "route":
            detail = world.detail(query.get("key", ""))
            self.json(200 if detail else 404, detail or {"error": "There is no such route."})
        elif path == "history":
            self.json(200, world.history(query))
        else:
            self.json(404, {"error": "No such path."})

    def do_POST(self) -> None:  # the base class's name
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_ours = self.headers.get("X-Strangler-Console") == "1"
        if not is_ours or self.headers["Content-Type"] != "application/json":
            self.json(403, {"error": "Not from the console."})
            return
        if self.stand_in.refuse:
            self.json(self.stand_in.refuse, {"error": "Refused."})
            return
        name = urlsplit(self.path).path.removeprefix(f"{PREFIX}/api/")
        self.stand_in.told.append((name, body))
        status, answer = self.stand_in.world.tell(name, body)
        self.json(status, answer)
        if status < 300:
            self.stand_in.news()

    def stream(self) -> None:
        if self.stand_in.deaf:
            self.json(503, {"error": "Too many streams."})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        said: queue.Queue[str | None] = queue.Queue()
        said.put(f"event: epoch\ndata: {json.dumps({'epoch': self.stand_in.world.epoch})}\n\n")
        self.stand_in.streams.append(said)
        try:
            while (text := said.get()) is not None:
                self.wfile.write(text.encode())
                self.wfile.flush()
        except OSError:
            pass  # the page has gone
        finally:
            self.stand_in.streams.remove(said)

    def file(self, name: str) -> None:
        file = ASSETS / name
        if file.parent != ASSETS or not file.is_file():
            self.answer(404, b"", "text/plain")
        else:
            self.answer(200, file.read_bytes(), TYPES[file.suffix])

    def json(self, status: int, body: object) -> None:
        self.answer(status, json.dumps(body).encode(), "application/json")

    def answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        with suppress(ConnectionError):  # the page may have gone
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Ends by itself the connections that a browser opens in advance and never uses."""

    daemon_threads = False

    def __init__(self, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.connections: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            self.connections.discard(request)
        super().shutdown_request(request)

    def stop(self) -> None:
        """No new connection, and none left."""
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


@contextmanager
def standing_in(world: World) -> Iterator[StandIn]:
    """The server on a free port; stopped at the end, with its streams."""

    class Own(Handler):
        """With this server's world."""

    server = Server(Own)
    made = Own.stand_in = StandIn(world, f"http://127.0.0.1:{server.server_port}{PREFIX}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        made.deaf = True
        made.hang_up()
        server.stop()
        thread.join()
