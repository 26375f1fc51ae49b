"""What reaches an application of a request, over real sockets: all of it, unchanged, or nothing."""

import json
import random
import time
from collections.abc import Iterator

import pytest

from tests.router.serving import PROTOCOLS, Child, child, fetch, get, raw, rest, talk


@pytest.fixture(scope="module", params=PROTOCOLS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with child(tmp_path_factory.mktemp("requests") / "log", request.param, threads=3) as server:
        yield server


def told(server: Child, *lines: str, path: str = "/told", body: bytes = b"") -> dict[str, str]:
    """The environ that the application saw."""
    answer = talk(server.port, get(path, *lines, method="POST") + body)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    body = answer.partition(b"\r\n\r\n")[2]
    environ: dict[str, str] = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])
    return environ


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_000])
def test_a_chunked_upload_arrives_whole(server: Child, size: int) -> None:
    content = random.Random(size).randbytes(size)
    parts = [content[at : at + 50_000] for at in range(0, size, 50_000)]
    assert fetch(server.port, "/echo", "POST", iter(parts), {"Transfer-Encoding": "chunked"})[::2] == (200, content)
    assert fetch(server.port, "/echo", "POST", content)[::2] == (200, content)


@pytest.mark.parametrize("sent", [5, 100_000])
@pytest.mark.parametrize("framing", ["Content-Length: 200000", "Transfer-Encoding: chunked"])
def test_half_an_upload_is_no_upload(server: Child, sent: int, framing: str) -> None:
    before = server.state()
    part = b"x" * sent
    part = part if "Length" in framing else b"%x\r\n%s\r\n" % (sent, part)
    connection, _ = raw(server.port, get("/echo", framing, method="POST") + part, enough=0)
    if sent > 65_536:
        server.until(heard=before["heard"] + 1)
    else:
        time.sleep(0.05)  # a small one reaches no thread: there is nothing to wait for
    connection.close()
    server.until(busy=0)
    cut = before["cut"] + (sent > 65_536)
    server.until(cut=cut, opened=before["opened"])
    assert "Traceback" not in server.log.read_text()


def test_a_broken_chunk_is_no_end(server: Child) -> None:
    before = server.state()
    chunk = b"%x\r\n%s\r\n" % (100_000, b"x" * 100_000)
    connection, _ = raw(server.port, get("/echo", "Transfer-Encoding: chunked", method="POST") + chunk, enough=0)
    server.until(heard=before["heard"] + 1)
    with connection:
        connection.sendall(b"nonsense\r\n")
        assert not rest(connection).startswith(b"HTTP/1.1 2")
    server.until(busy=0, cut=before["cut"] + 1)


@pytest.mark.parametrize("filler", [0, 200_000])
def test_the_input_is_a_file_in_every_way_of_reading(server: Child, filler: int) -> None:
    """PEP 3333: readline and readlines with their limits, iteration, no newline invented; small and streamed."""
    content = b"z" * filler + b"one\ntwo\nthree\n\nfour"
    body = fetch(server.port, f"/reads?filler={filler}", "POST", content)[2]
    assert body.decode() == repr([filler, b"on", b"e\n", [b"two\n"], b"", [b"three\n", b"\n", b"four"], b"", b"", []])


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_wsgirefs_validator_finds_nothing(server: Child, method: str) -> None:
    bodies = [None] if method in {"GET", "HEAD"} else [b"abcdef", b"abc" * 50_000, iter([b"abc", b"def"])]
    for body in bodies:
        headers = {"Content-Type": "text/plain", "Cookie": "a=1"}
        status, _, received = fetch(server.port, "/strict/deep/er?a=b&c=%20", method, body, headers)
        assert (status, received) == (200, b"" if method == "HEAD" else b"fine abc" if body else b"fine ")
    assert "AssertionError" not in server.log.read_text()
    assert "WSGIWarning" not in server.log.read_text()


def test_a_client_can_not_speak_with_a_proxys_voice(server: Child) -> None:
    spoofed = ("X_Forwarded_For: 6.6.6.6", "X-Forwarded-For: 1.2.3.4", "X_Real_IP: 6.6.6.6", "Content_Length: 9")
    environ = told(server, *spoofed)
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
    assert "6.6.6.6" not in environ.values()
    assert "CONTENT_LENGTH" not in environ


def test_repeated_cookies_are_joined_as_cookies_and_others_as_lists(server: Child) -> None:
    environ = told(server, "Cookie: a=1", "X-Many: 1", "Cookie: b=2; c=3", "X-Many: 2")
    assert environ["HTTP_COOKIE"] == "a=1; b=2; c=3"
    assert environ["HTTP_X_MANY"] == "1,2"


@pytest.mark.parametrize(
    ("root", "path", "script_name", "path_info"),
    [
        ("", "/told/a%20b", "", "/told/a b"),
        ("", "/told/caf%C3%A9", "", "/told/caf\u00c3\u00a9"),
        ("", "/told/%FF%C3", "", "/told/\u00ff\u00c3"),
        ("", "/told/a%2Fb", "", "/told/a/b"),
        ("/app", "/app/told", "/app", "/told"),
        ("/app/", "/app/told", "/app", "/told"),
        ("/to", "/told", "/to", "/told"),
        ("/app", "/told", "/app", "/told"),
    ],
)
def test_a_prefix_ends_at_a_slash_and_no_environment_replaces_it(
    server: Child, root: str, path: str, script_name: str, path_info: str
) -> None:
    """The process has SCRIPT_NAME in its environment."""
    environ = told(server, *([f"X-Root: {root}"] if root else []), path=path)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (script_name, path_info)


def test_no_byte_of_a_query_is_a_server_error(server: Child) -> None:
    """A parser may refuse a byte; what it passes arrives as it was sent."""
    for byte in range(0x21, 0x100):
        if byte in b"#":
            continue
        line = b"GET /told?q=" + bytes([byte]) + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answer = talk(server.port, line)
        assert answer[9:12] in {b"200", b"400"}, (byte, answer)
        if answer[9:12] == b"200":
            environ = json.loads(answer[answer.index(b"{") : answer.rindex(b"}") + 1])
            assert environ["QUERY_STRING"] == "q=" + chr(byte)


@pytest.mark.parametrize("query", ["", "a=%FF%00%0d%0a", "a=b&a=c;d", "?", "%"])
def test_a_query_arrives_undecoded(server: Child, query: str) -> None:
    assert told(server, path=f"/told?{query}")["QUERY_STRING"] == query


LIES = [
    ("Content-Length: abc",),
    ("Content-Length: -1",),
    ("Content-Length: 5", "Content-Length: 6"),
    ("Content-Length: 5, 6",),
    ("Content-Length: +5",),
]


@pytest.mark.parametrize("lines", LIES)
def test_a_length_that_is_no_length_never_reaches_the_application(server: Child, lines: tuple[str, ...]) -> None:
    answer = talk(server.port, get("/echo", *lines, method="POST", close=False) + b"hello")
    assert answer.startswith(b"HTTP/1.1 400")


def test_a_length_beside_chunks_does_not_count(server: Child) -> None:
    """Two framings are how requests are smuggled: a parser refuses them, or the chunks decide."""
    lines = ("Content-Length: 3", "Transfer-Encoding: chunked")
    answer = talk(server.port, get("/echo", *lines, method="POST") + b"5\r\nhello\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400") or answer.endswith(b"hello")
    if not answer.startswith(b"HTTP/1.1 400"):
        environ = told(server, *lines, body=b"5\r\nhello\r\n0\r\n\r\n")
        assert environ["CONTENT_LENGTH"] == "5"


def test_a_length_too_short_leaves_the_rest_to_be_refused(server: Child) -> None:
    head = get("/echo", "Content-Length: 5", method="POST", close=False)
    answer = talk(server.port, head + b"hello and more\r\n\r\n")
    assert b"HTTP/1.1 400" in answer
    assert b"and more" not in answer


def test_what_the_thread_learns_is_told_through_the_shared_state(server: Child) -> None:
    """A context variable set in the thread stays there; ``scope["state"]`` is one object for both."""
    assert fetch(server.port, "/remembers")[1]["x-user"] == "ada"
    assert "x-user" not in fetch(server.port, "/hello")[1]


def test_pipelined_requests_are_answered_in_their_order(server: Child) -> None:
    upload = get("/count", "Content-Length: 200000", method="POST", close=False) + b"x" * 200_000
    requests = [get("/hello", close=False), upload, get("/blocks?number=3&size=50000", close=False), get("/told")]
    connection, received = raw(server.port, b"".join(requests), enough=0)
    with connection:
        received += rest(connection)
    marks = [received.index(mark) for mark in (b"hello", b"200000", b"bbbb", b"REQUEST_METHOD")]
    assert marks == sorted(marks)
    assert received.count(b"HTTP/1.1 200") == 4
