"""IMVDb slow, broken, hostile or busy: the client ends in time, tells nothing, and gives the key to nobody else."""

import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from fastapi_app.integrations import asking
from fastapi_app.integrations.failures import KeyRefused, NoAnswer, ServiceFailure, TooManyRequests, Unreadable
from fastapi_app.integrations.imvdb import IMVDb
from fastapi_app.integrations.reading import retry_after
from tests.servers.imvdb import KEY, Call, FakeIMVDb, Reply, fake_imvdb, result, results

pytestmark = pytest.mark.anyio


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds:
            self.slept.append(seconds)


@pytest.fixture
def fake() -> Iterator[FakeIMVDb]:
    with fake_imvdb() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def imvdb(fake: FakeIMVDb, clock: Clock) -> AsyncIterator[IMVDb]:
    async with asking.opened_client(fake.url) as client:
        yield IMVDb(client, 1.0, clock=clock, sleep=clock.sleep)


def in_turn(*replies: Reply) -> Callable[[Call], Reply]:
    """One reply after the other; the last one from then on."""
    left = list(replies)
    return lambda _call: left.pop(0) if len(left) > 1 else left[0]


async def test_a_search_sends_the_key_in_its_header_and_the_text_as_it_is(fake: FakeIMVDb, imvdb: IMVDb) -> None:
    fake.answer = lambda _call: results(result(1))
    assert await imvdb.search_videos(KEY, "Sigur Rós & 100%", 2) == [result(1)]
    (call,) = fake.calls
    assert (call.path, dict(call.query)) == (
        "/search/videos",
        {"q": "Sigur Rós & 100%", "per_page": "50", "page": "2"},
    )
    assert call.headers["imvdb-app-key"] == KEY
    assert "authorization" not in call.headers


async def test_calls_keep_their_distance(fake: FakeIMVDb, imvdb: IMVDb, clock: Clock) -> None:
    for _ in range(3):
        await imvdb.search_videos(KEY, "x", 1)
    assert clock.slept == [1.0, 1.0]
    clock.now += 60
    await imvdb.search_videos(KEY, "x", 1)
    assert clock.slept == [1.0, 1.0]


async def test_nothing_found_is_no_failure(fake: FakeIMVDb, imvdb: IMVDb) -> None:
    fake.answer = lambda _call: Reply(404, b"<html>")
    assert await imvdb.search_videos(KEY, "x", 1) == []


@pytest.mark.parametrize("reply", [Reply(503), Reply(502), Reply(504), Reply(hang_up=True)], ids=str)
async def test_a_passing_fault_is_tried_again_and_a_lasting_one_ends(
    fake: FakeIMVDb, imvdb: IMVDb, reply: Reply
) -> None:
    fake.answer = in_turn(reply, reply, results(result(1)))
    assert len(await imvdb.search_videos(KEY, "x", 1)) == 1
    fake.answer = lambda _call: reply
    with pytest.raises(NoAnswer):
        await imvdb.search_videos(KEY, "x", 1)
    assert len(fake.calls) == 6


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply(401), KeyRefused),
        (Reply(403, b'{"error": "bad key"}'), KeyRefused),
        (Reply(500, b"Traceback"), NoAnswer),
        (Reply(400), Unreadable),
        (Reply(body=b"<html>"), Unreadable),
        (Reply(body=b"[]"), Unreadable),
        (Reply(body=b'{"results": {"a": 1}}'), Unreadable),
        (Reply(body=b"\xff\xfe{}"), Unreadable),
        (Reply(body=b"[" * 100_000), Unreadable),
        (Reply(body=b'{"results": [' + b" " * 3 * 2**20 + b"]}"), Unreadable),
        (Reply(body=gzip.compress(b" " * 2**26), headers=(("Content-Encoding", "gzip"),)), Unreadable),
    ],
    ids=range(11),
)
async def test_what_is_no_answer_is_told_once_and_not_asked_again(
    fake: FakeIMVDb, imvdb: IMVDb, reply: Reply, failure: type[ServiceFailure]
) -> None:
    fake.answer = lambda _call: reply
    with pytest.raises(failure) as raised:
        await imvdb.search_videos(KEY, "x", 1)
    assert len(fake.calls) == 1
    assert KEY not in str(raised.value)
    assert raised.value.status == 503


async def test_no_redirect_takes_the_key_elsewhere(fake: FakeIMVDb, imvdb: IMVDb) -> None:
    with fake_imvdb() as other:
        fake.answer = lambda _call: Reply(302, headers=(("Location", f"{other.url}/search/videos"),))
        with pytest.raises(Unreadable):
            await imvdb.search_videos(KEY, "x", 1)
        assert (len(fake.calls), other.calls) == (1, [])


async def test_a_short_wait_that_they_ask_for_is_kept(fake: FakeIMVDb, imvdb: IMVDb, clock: Clock) -> None:
    fake.answer = in_turn(Reply(429, headers=(("Retry-After", "4"),)), results(result(1)))
    began = clock.now
    assert len(await imvdb.search_videos(KEY, "x", 1)) == 1
    assert clock.now - began >= 4


async def test_a_long_wait_is_refused_and_nobody_asks_before_it_is_over(
    fake: FakeIMVDb, imvdb: IMVDb, clock: Clock
) -> None:
    fake.answer = lambda _call: Reply(429, headers=(("Retry-After", "300"),))
    for _ in range(3):
        with pytest.raises(TooManyRequests) as raised:
            await imvdb.search_videos(KEY, "x", 1)
        assert 290 < int(raised.value.headers()["retry-after"]) <= 300
    assert len(fake.calls) == 1
    clock.now += 300
    fake.answer = lambda _call: results()
    assert await imvdb.search_videos(KEY, "x", 1) == []


async def test_a_crowd_is_refused_instead_of_queueing_without_end(
    fake: FakeIMVDb, imvdb: IMVDb, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_time(_seconds: float) -> None:
        """Everybody asks at the same moment."""

    monkeypatch.setattr(imvdb, "_sleep", no_time)
    for _ in range(11):
        await imvdb.search_videos(KEY, "x", 1)
    with pytest.raises(TooManyRequests):
        await imvdb.search_videos(KEY, "x", 1)


@pytest.mark.parametrize("key", ["a b", "a\nX-Evil: 1", "schlüssel", "\0"])
async def test_a_key_that_no_header_can_hold_is_not_sent(fake: FakeIMVDb, imvdb: IMVDb, key: str) -> None:
    with pytest.raises(KeyRefused):
        await imvdb.search_videos(key, "x", 1)
    assert fake.calls == []


async def test_an_answer_that_trickles_ends_at_the_deadline(
    fake: FakeIMVDb, imvdb: IMVDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "DEADLINE_SECONDS", 0.3)
    fake.answer = lambda _call: Reply(body=json.dumps({"results": [0] * 999}).encode(), trickle=0.05)
    with pytest.raises(NoAnswer):
        await imvdb.search_videos(KEY, "x", 1)


async def test_nobody_there_is_told_at_once(clock: Clock) -> None:
    with fake_imvdb() as gone:
        url = gone.url
    async with httpx.AsyncClient(base_url=url) as client:
        with pytest.raises(NoAnswer):
            await IMVDb(client, 1.0, clock=clock, sleep=clock.sleep).search_videos(KEY, "x", 1)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 5), ("", 5), ("7", 7), ("0", 0), ("9999", 600), ("-1", 5), ("1e9", 5), ("٣", 5), ("9" * 5000, 5)],
)
def test_retry_after_is_read_with_distrust(header: str | None, seconds: int) -> None:
    assert retry_after(header) == seconds
