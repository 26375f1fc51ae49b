"""YouTube slow, broken, hostile or exhausted: the client ends in time, tells nothing, and keeps the key to itself."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from fastapi_app.integrations import asking
from fastapi_app.integrations.failures import KeyRefused, NoAnswer, ServiceFailure, TooManyRequests, Unreadable
from fastapi_app.integrations.youtube import YouTube
from tests.servers.youtube import KEY, Call, FakeYouTube, Reply, fake_youtube, film, items, refusal

pytestmark = pytest.mark.anyio


@pytest.fixture
def fake() -> Iterator[FakeYouTube]:
    with fake_youtube() as server:
        yield server


@pytest.fixture
async def youtube(fake: FakeYouTube) -> AsyncIterator[YouTube]:
    async def no_time(_seconds: float) -> None:
        """Pauses cost nothing here."""

    async with asking.opened_client(fake.url) as client:
        yield YouTube(client, sleep=no_time)


def in_turn(*replies: Reply) -> Callable[[Call], Reply]:
    """One reply after the other; the last one from then on."""
    left = list(replies)
    return lambda _call: left.pop(0) if len(left) > 1 else left[0]


async def test_a_playlist_is_read_page_by_page_up_to_a_thousand(fake: FakeYouTube, youtube: YouTube) -> None:
    fake.playlists["PL"] = [film(f"{place:011}", "t") for place in range(1001)]
    found = await youtube.entries(KEY, "PL")
    assert (len(found or ()), len(fake.calls)) == (1000, 20)
    assert fake.calls[1].query["pageToken"] == "50"


async def test_a_page_token_without_end_ends(fake: FakeYouTube, youtube: YouTube) -> None:
    fake.answer = lambda _call: items(nextPageToken="again")
    assert await youtube.entries(KEY, "PL") == []
    assert len(fake.calls) == 20


@pytest.mark.parametrize(
    "reply", [refusal(404, "playlistNotFound"), refusal(403, "playlistItemsNotAccessible"), Reply(404, b"<html>")]
)
async def test_what_is_not_there_is_no_failure(fake: FakeYouTube, youtube: YouTube, reply: Reply) -> None:
    fake.answer = lambda _call: reply
    assert await youtube.entries(KEY, "PL") is None
    assert await youtube.playlist(KEY, "PL") is None


@pytest.mark.parametrize("reply", [Reply(500), Reply(503), Reply(hang_up=True)], ids=str)
async def test_a_passing_fault_is_tried_again_and_a_lasting_one_ends(
    fake: FakeYouTube, youtube: YouTube, reply: Reply
) -> None:
    fake.answer = in_turn(reply, reply, items(film("a", "t")))
    assert len(await youtube.videos(KEY, ["a"])) == 1
    fake.answer = lambda _call: reply
    with pytest.raises(NoAnswer):
        await youtube.videos(KEY, ["a"])
    assert len(fake.calls) == 6


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (refusal(400, "keyInvalid"), KeyRefused),
        (refusal(400, "badRequest"), KeyRefused),
        (refusal(403, "accessNotConfigured"), KeyRefused),
        (refusal(403, "quotaExceeded"), TooManyRequests),
        (Reply(429, headers=(("Retry-After", "7"),)), TooManyRequests),
        (Reply(501), NoAnswer),
        (Reply(400, b"<html>"), Unreadable),
        (Reply(302, headers=(("Location", "http://evil.example/"),)), Unreadable),
        (Reply(body=b"[]"), Unreadable),
        (Reply(body=b'{"items": 5}'), Unreadable),
        (Reply(body=b'{"items": [' + b" " * 3 * 2**20 + b"]}"), Unreadable),
        (Reply(headers=(("Content-Encoding", "gzip"),)), Unreadable),
    ],
    ids=range(12),
)
async def test_what_is_no_answer_is_told_once_and_not_asked_again(
    fake: FakeYouTube, youtube: YouTube, reply: Reply, failure: type[ServiceFailure]
) -> None:
    fake.answer = lambda _call: reply
    with pytest.raises(failure) as raised:
        await youtube.videos(KEY, ["a"])
    assert len(fake.calls) == 1
    assert KEY not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("key", ["a b", "a\nX-Evil: 1", "schlüssel", "\0"])
async def test_a_key_that_no_header_can_hold_is_not_sent(fake: FakeYouTube, youtube: YouTube, key: str) -> None:
    with pytest.raises(KeyRefused):
        await youtube.playlist(key, "PL")
    assert fake.calls == []


async def test_nobody_there_is_told(fake: FakeYouTube) -> None:
    async with asking.opened_client("http://127.0.0.1:9") as client:
        with pytest.raises(NoAnswer):
            await YouTube(client).playlist(KEY, "PL")
    assert fake.calls == []
