"""A site with films on loopback: real HTTP and real media, and every way in which a download can go wrong."""

import re
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_BLOCK = 16 * 1024


@dataclass
class Thing:
    """What is behind a path.

    `rate` is bytes a second. The first `breaks` answers end after `breaks_after` bytes. `lies` is added to the length
    that is told. `failures` are statuses, answered one after the other before anything else.
    """

    content: bytes = b""
    content_type: str = "video/mp4"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    rate: float | None = None
    breaks: int = 0
    breaks_after: int = 0
    lies: int = 0
    failures: list[int] = field(default_factory=list)


@dataclass
class Call:
    """One request as it arrived, and how many bytes of the body were sent."""

    path: str
    headers: Mapping[str, str]
    sent: int = 0


@dataclass
class MediaServer:
    """What was asked of it, and what it has. Things may be put there, changed and taken away while it serves."""

    url: str = ""
    things: dict[str, Thing] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)

    def put(self, path: str, content: bytes = b"", **more: Any) -> str:
        """The address of something new."""
        self.things[path] = Thing(content, **more)
        return self.url + path

    def asked(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def put_page(self, path: str, title: str, film: str, *, more: str = "") -> str:
        """A page with a film in it, as yt-dlp's generic extractor reads it; `more` goes inside the video element."""
        page = f"""<!doctype html><html><head><title>{title}</title></head><body>
            <video src="{film}" poster="/poster.jpg" controls>{more}</video></body></html>"""
        return self.put(path, page.encode(), content_type="text/html; charset=utf-8")


@contextmanager
def media_server() -> Iterator[MediaServer]:
    """Serves on a free port until the block ends."""
    site = MediaServer()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site = site
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site._closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    site: MediaServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is part of the tests."""

    def shutdown_request(self, request: Any) -> None:
        socketserver.TCPServer.shutdown_request(self, request)


class _Handler(BaseHTTPRequestHandler):
    @property
    def _site(self) -> MediaServer:
        assert isinstance(self.server, _Server)
        return self.server.site

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self.close_connection = True
        path = urlsplit(self.path).path
        call = Call(path, {name.lower(): value for name, value in self.headers.items()})
        self._site.calls.append(call)
        thing = self._site.things.get(path)
        if thing is None:
            self._send_head(404, {"Content-Length": "0"})
        elif thing.failures:
            self._send_head(thing.failures.pop(0), {"Content-Length": "0", **thing.headers})
        elif thing.status != 200:
            self._send_head(thing.status, {"Content-Length": "0", **thing.headers})
        else:
            self._send_thing(thing, call, body=body)

    def _send_thing(self, thing: Thing, call: Call, *, body: bool) -> None:
        whole = len(thing.content) + thing.lies
        start = 0
        headers = {"Content-Type": thing.content_type, "Accept-Ranges": "bytes", **thing.headers}
        asked = _RANGE.fullmatch(call.headers.get("range", ""))
        if asked and int(asked[1]) >= whole:
            self._send_head(416, {"Content-Range": f"bytes */{whole}", "Content-Length": "0"})
            return
        if asked:
            start = int(asked[1])
            headers["Content-Range"] = f"bytes {start}-{whole - 1}/{whole}"
        self._send_head(206 if asked else 200, {**headers, "Content-Length": str(whole - start)})
        if body:
            self._send_body(thing, call, thing.content[start:])

    def _send_head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_body(self, thing: Thing, call: Call, content: bytes) -> None:
        if thing.breaks:
            thing.breaks -= 1
            content = content[: thing.breaks_after]
        with suppress(OSError):
            for at in range(0, len(content), _BLOCK):
                block = content[at : at + _BLOCK]
                self.wfile.write(block)
                call.sent += len(block)
                if thing.rate and self._site._closing.wait(len(block) / thing.rate):
                    return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that the base class has
        """Says nothing."""


def wait_until(true: Any, seconds: float = 20.0) -> None:
    """Returns once `true()` is; fails the test when that takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
