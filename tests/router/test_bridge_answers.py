"""What an application may say, over real sockets: what is passed on, put right, or refused."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.router.serving import PROTOCOLS, Child, child, fetch, get, raw, rest, talk

LONGER = [["Content-Length", "100001"]]
ERROR = b"Internal Server Error"


@pytest.fixture(scope="module", params=PROTOCOLS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with child(tmp_path_factory.mktemp("answers") / "log", request.param, threads=3) as server:
        yield server


def saying(**answer: Any) -> str:
    return "/says?answer=" + quote(json.dumps(answer))


def ask(server: Child, *lines: str, method: str = "GET", **answer: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and the bytes behind them, as they came from the socket."""
    head, _, body = talk(server.port, get(saying(**answer), *lines, method=method)).partition(b"\r\n\r\n")
    first, *rows = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (row.partition(":") for row in rows)]
    return int(first.split()[1]), pairs, body


def is_500(answer: tuple[int, list[tuple[str, str]], bytes]) -> bool:
    """The server's own: nothing of the application's answer, headers included, goes out. h11 sends it in chunks."""
    status, pairs, body = answer
    names = {name for name, _ in pairs}
    own = {"date", "server", "content-type", "content-length", "connection", "transfer-encoding"}
    return (status, body.split(b"\r\n")[-1 if b"\r\n" not in body else 1]) == (500, ERROR) and names <= own


def log_of(server: Child) -> str:
    return server.log.read_text()


CLOSED_ONCE: list[dict[str, Any]] = [
    {"blocks": ["hello"]},
    {"blocks": ["hello"], "headers": [["Content-Length", "5"]]},
    {"blocks": ["x"], "times": 100_000},
    {"status": "204 No Content", "blocks": []},
    {"status": "304 Not Modified", "blocks": ["not for you"]},
    {"blocks": ["hello"], "fail": "after"},
    {"blocks": ["x"] * 3, "times": 100_000, "fail": "after"},
    {"blocks": ["more than five"], "headers": [["Content-Length", "5"]]},
    {"blocks": ["less"], "headers": [["Content-Length", "50"]]},
    {"blocks": ["hello"], "headers": [["Content-Length", "5"]], "close": "broken"},
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_close_is_called_once_however_the_answer_ends(server: Child, method: str) -> None:
    closed = server.state()["closed"]
    for number, answer in enumerate(CLOSED_ONCE, start=1):
        ask(server, method=method, **answer)
        server.until(busy=0, closed=closed + number)


@pytest.mark.parametrize("headers", [[], [["Content-Length", "5"]]])
def test_a_slow_close_does_not_delay_a_whole_answer(server: Child, headers: list[list[str]]) -> None:
    server.until(busy=0)
    started = time.monotonic()
    status, _, body = ask(server, blocks=["hello"], headers=headers, slow=2)
    # Without a length, the end may come together with the block, and then the length is known.
    assert (status, body) in {(200, b"hello"), *(() if headers else ((200, b"5\r\nhello\r\n0\r\n\r\n"),))}
    assert time.monotonic() - started < 1.8
    assert server.state()["busy"] == 1  # and yet the thread counts as busy until it has closed
    server.until(busy=0)


@pytest.mark.parametrize("what", [{"close": "broken"}, {"fail": "after"}])
def test_what_fails_after_a_whole_answer_spoils_nothing_and_is_logged(server: Child, what: dict[str, str]) -> None:
    status, _, body = ask(server, blocks=["hello"], headers=[["Content-Length", "5"]], **what)
    assert (status, body) == (200, b"hello")
    server.until(busy=0)
    assert "failed in close()" in log_of(server) or "failed after its answer was whole" in log_of(server)


def test_a_failure_before_the_first_byte_is_a_500_that_tells_nothing(server: Child) -> None:
    for blocks in ([], ["held back, for it is small"]):
        for when in ("before", "after"):
            assert is_500(ask(server, blocks=blocks, fail=when, headers=[["X-Secret", "s"], ["Content-Length", "900"]]))


def test_a_failure_after_the_first_byte_is_seen_as_an_answer_that_was_cut(server: Child) -> None:
    status, pairs, body = ask(server, blocks=["x"], times=100_000, fail="after", nap=0.2)
    assert (status, dict(pairs)["transfer-encoding"]) == (200, "chunked")
    assert not body.endswith(b"0\r\n\r\n")
    status, pairs, body = ask(server, blocks=["x"], times=100_000, fail="after", nap=0.2, headers=LONGER)
    assert (status, dict(pairs)["content-length"]) == (200, "100001")
    assert len(body) < 100_001


def test_an_error_page_may_replace_an_answer_of_which_nothing_was_sent(server: Child) -> None:
    status, pairs, body = ask(server, blocks=[""], fail="page", headers=[["X-Page", "good"]])
    assert (status, dict(pairs)["x-page"], b"error page" in body) == (500, "error", True)


def test_an_error_page_comes_too_late_after_the_first_byte(server: Child) -> None:
    status, pairs, body = ask(server, blocks=["x"], times=100_000, fail="page", nap=0.2, headers=[["X-Page", "good"]])
    assert (status, dict(pairs)["x-page"], b"error page" in body) == (200, "good", False)
    assert not body.endswith(b"0\r\n\r\n")


INJECTED = ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\x00b", "a\r\n\r\n<script>", "\x0bX", "a\x7f"]


@pytest.mark.parametrize("text", INJECTED)
def test_a_line_break_in_a_header_or_status_injects_nothing(server: Child, text: str) -> None:
    answers: list[dict[str, Any]] = [
        {"headers": [["X-Value", text]]},
        {"headers": [["X-Value", text], ["Content-Length", "5"]]},
        {"headers": [[text, "value"]]},
        {"status": f"200 {text}"},
    ]
    for answer in answers:
        assert is_500(ask(server, blocks=["hello"], **answer))


@pytest.mark.parametrize("name", ["", "X Name", "X:Name", "X-Näme", "(X)"])
def test_a_name_that_is_no_name_is_refused(server: Child, name: str) -> None:
    assert ask(server, blocks=["hello"], headers=[[name, "value"]])[0] == 500


@pytest.mark.parametrize(
    "status", ["", "abc", "20", "2000", "099 Low", "600 High", "100 Continue", "101 Switch", "-200"]
)
def test_a_status_that_is_no_final_code_is_refused(server: Child, status: str) -> None:
    assert ask(server, status=status, blocks=["hello"])[0] == 500


def test_a_status_without_a_reason_and_repeated_headers_pass(server: Child) -> None:
    cookies = [["Set-Cookie", "a=1; Path=/"], ["Set-Cookie", "b=2"], ["X-Name", "café"], ["X-Empty", ""]]
    status, pairs, body = ask(server, status="418", headers=cookies, blocks=["short", " and stout"])
    assert status == 418
    assert [value for name, value in pairs if name == "set-cookie"] == ["a=1; Path=/", "b=2"]
    assert (dict(pairs)["x-name"], dict(pairs)["x-empty"]) == ("café", "")
    assert b"short" in body


def test_headers_of_the_connection_stay_the_servers(server: Child) -> None:
    """A second framing beside the server's own would let one answer be read as two."""
    theirs = [
        ["Transfer-Encoding", "chunked"],
        ["Connection", "keep-alive, X-A"],
        ["Keep-Alive", "9"],
        ["Upgrade", "h2c"],
    ]
    status, pairs, body = ask(server, headers=[*theirs, ["Content-Length", "5"]], blocks=["hello"])
    assert (status, body) == (200, b"hello")
    names = [name for name, _ in pairs]
    assert not {"transfer-encoding", "keep-alive", "upgrade"} & set(names)
    assert dict(pairs)["connection"] == "close"


def test_more_than_was_promised_is_cut(server: Child) -> None:
    for blocks in (["hello and more"], ["hel", "lo and more"], ["hello", "more"], ["hello", "", "m", "ore"]):
        status, _, body = ask(server, headers=[["Content-Length", "5"]], blocks=blocks)
        assert (status, body) == (200, b"hello")
    assert "promised 5 bytes and gave more" in log_of(server)


def test_an_excess_does_not_become_the_next_answer(server: Child) -> None:
    evil = "hello" + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    first = get(saying(headers=[["Content-Length", "5"]], blocks=[evil]), close=False)
    received = talk(server.port, first + get("/hello"))
    assert received.count(b"HTTP/1.1 200") == 2
    assert b"evil" not in received


def test_less_than_was_promised_is_an_error_and_never_a_whole_answer(server: Child) -> None:
    assert is_500(ask(server, headers=[["Content-Length", "50"]], blocks=["hello"]))
    status, _, body = ask(server, headers=[["Content-Length", "250000"]], blocks=["x", "y"], times=100_000, nap=0.2)
    assert (status, len(body) < 250_000) == (200, True)  # begun, then cut
    assert "promised 50 bytes and gave 5" in log_of(server)


@pytest.mark.parametrize("lengths", [["abc"], ["-5"], ["5.0"], [""], ["5, 5"], ["5", "6"]])
def test_a_content_length_that_is_no_length_is_refused(server: Child, lengths: list[str]) -> None:
    assert is_500(ask(server, headers=[["Content-Length", length] for length in lengths], blocks=["hello"]))


def test_a_content_length_told_twice_alike_counts_once(server: Child) -> None:
    status, pairs, body = ask(server, headers=[["Content-Length", "5"], ["content-length", "5"]], blocks=["hello"])
    assert (status, [name for name, _ in pairs].count("content-length"), body) == (200, 1, b"hello")


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("HEAD", 304)])
def test_no_body_goes_where_none_may_and_the_connection_goes_on(
    server: Child, method: str, status: int, told: bool
) -> None:
    """Bytes of a body where none may be would be read as the next answer."""
    answer = saying(status=f"{status} Some", headers=[["Content-Length", "5"]] if told else [], blocks=["12345"])
    received = talk(server.port, get(answer, method=method, close=False) + get("/hello"))
    first, second = received.split(b"HTTP/1.1 ")[1:]
    assert (first[:3], second[:3]) == (b"%d" % status, b"200")
    assert first.endswith(b"\r\n\r\n")
    assert b"12345" not in received
    length = re.search(rb"content-length: (\d+)", first)
    assert (length is not None) == (told and status == 200)


def test_write_is_passed_on_before_the_blocks(server: Child) -> None:
    status, _, body = ask(server, write=["old ", "ways, "], blocks=["new"])
    assert status == 200
    assert body.index(b"old ") < body.index(b"ways, ") < body.index(b"new")


def test_writing_more_than_was_promised_fails_loudly(server: Child) -> None:
    assert ask(server, headers=[["Content-Length", "3"]], write=["more than three"])[0] == 500


def test_a_small_answer_takes_one_hop_and_a_small_body_none(server: Child) -> None:
    fetch(server.port, "/hello")
    for method, path, body in (("GET", "/hello", None), ("POST", "/echo", b"x" * 60_000), ("GET", "/told", None)):
        before = server.state()["hops"]
        for _ in range(10):
            assert fetch(server.port, path, method, body)[0] == 200
        assert server.state()["hops"] == before + 10


def test_a_file_crosses_in_blocks_worth_a_hop(server: Child) -> None:
    before = server.state()["hops"]
    status, headers, body = fetch(server.port, "/film?size=20000000")
    assert (status, headers["content-length"], body) == (200, "20000000", bytes(20_000_000))
    assert server.state()["hops"] - before <= 20_000_000 // (256 * 1024) + 1


def test_a_client_that_waits_for_100_is_told_to_go_on(server: Child) -> None:
    head = get("/echo", "Content-Length: 4", "Expect: 100-continue", method="POST")
    connection, received = raw(server.port, head, enough=25)
    with connection:
        assert received == b"HTTP/1.1 100 Continue\r\n\r\n" or received.startswith(b"HTTP/1.1 100")
        connection.sendall(b"body")
        received = rest(connection)
    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"body")
