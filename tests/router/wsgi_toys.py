"""WSGI applications to bridge, and the end of every bridge."""

from collections.abc import Callable, Iterable
from typing import Any

from router import WSGIBackend

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
