"""Where an answer ends, however its bytes arrive; what was not expected is no figure."""

import pytest

from benchmarks.answer import Answer
from benchmarks.load import LoadFailed

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;note=1\r\nhello\r\nA\r\n0123\r\n6789\r\n0\r\nEnd: 1\r\n\r\n"
)


@pytest.mark.parametrize(("whole", "size"), [(SIZED, 5), (CHUNKED, None)])
@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_it_ends_with_its_last_byte_and_not_before(whole: bytes, size: int | None, step: int) -> None:
    answer = Answer()
    told = [answer.feed(whole[place : place + step]) for place in range(0, len(whole), step)]
    assert told == [False] * (len(told) - 1) + [True]
    assert size is None or answer.size == size
    assert not answer.closes


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_ends_with_its_head(status: int) -> None:
    assert Answer({status}).feed(f"HTTP/1.1 {status} No\r\nX: y\r\n\r\n".encode())


def test_the_answer_to_a_head_ends_with_its_head() -> None:
    assert Answer(head_only=True).feed(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")


def test_a_part_of_a_film_may_be_expected() -> None:
    assert Answer((200, 206)).feed(b"HTTP/1.1 206 Partial\r\nContent-Length: 1\r\n\r\nx")


@pytest.mark.parametrize("text", [b"HTTP/1.1 500 No\r\n\r\n", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 302 Go\r\n\r\n"])
def test_what_was_not_expected_is_no_figure(text: bytes) -> None:
    with pytest.raises(LoadFailed, match="began with"):
        Answer().feed(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nhello", "Content-Length"),
        (SIZED + b"x", "longer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", "chunk"),
        (b"HTTP/1.1 200 " + b"x" * 70_000, "does not end"),
    ],
)
def test_an_answer_that_is_none_is_no_figure(text: bytes, why: str) -> None:
    with pytest.raises(LoadFailed, match=why):
        Answer().feed(text)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nConnection: close", b"HTTP/1.0 200 OK"])
def test_an_answer_that_ends_its_connection_says_so(head: bytes) -> None:
    answer = Answer()
    assert answer.feed(head + b"\r\nContent-Length: 0\r\n\r\n")
    assert answer.closes
