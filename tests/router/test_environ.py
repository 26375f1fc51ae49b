"""What a WSGI application is told about its request."""

import contextvars
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.validate import validator

import pytest

from router import WSGIBackend
from router.environ import build_environ
from tests.router.asking import ask
from tests.router.wsgi_toys import Environ, Start, closing, hello

pytestmark = pytest.mark.anyio


def environ_of(seen: list[Environ]) -> Callable[[Environ, Start], Iterable[bytes]]:
    def app(environ: Environ, start: Start) -> Iterable[bytes]:
        seen.append(environ)
        return hello(environ, start)

    return app


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


def scope_with(*headers: tuple[bytes, bytes], **more: Any) -> dict[str, Any]:
    scope = {"type": "http", "method": "GET", "http_version": "1.1", "path": "/", "query_string": b""}
    return {**scope, "headers": headers, **more}


def variables(*headers: tuple[bytes, bytes]) -> dict[str, str]:
    environ = build_environ(scope_with(*headers), None)
    return {key: value for key, value in environ.items() if key.startswith(("HTTP_", "CONTENT_"))}


def test_each_header_becomes_one_variable() -> None:
    sent = [(b"host", b"a"), (b"x-one", b"1"), (b"x-two", b"\xe4"), (b"x-one", b"3"), (b"cookie", b"a=1")]
    sent += [(b"content-type", b"text/plain"), (b"content-length", b"3"), (b"cookie", b"b=2"), (b"x_one", b"9")]
    assert variables(*sent) == {
        "HTTP_HOST": "a",
        "HTTP_X_ONE": "1,3",
        "HTTP_X_TWO": "\xe4",
        "HTTP_COOKIE": "a=1; b=2",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
    }


def test_a_length_beside_a_transfer_encoding_does_not_count() -> None:
    assert variables((b"content-length", b"3"), (b"transfer-encoding", b"chunked")) == {
        "HTTP_TRANSFER_ENCODING": "chunked"
    }


def test_a_server_on_a_socket_of_the_file_system_and_a_client_that_nobody_knows() -> None:
    environ = build_environ(scope_with(server=("/run/app.sock", None), client=None), None)
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("/run/app.sock", "0")
    assert "REMOTE_ADDR" not in environ
    assert build_environ(scope_with(), None)["SERVER_PORT"] == "80"
    environ = build_environ(scope_with(server=("::1", 8080), client=("::2", 9)), None)
    assert [environ[name] for name in ("SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR", "REMOTE_PORT")] == [
        "::1",
        "8080",
        "::2",
        "9",
    ]
