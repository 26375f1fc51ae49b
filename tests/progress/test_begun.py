"""A message that begins without a task is whole, in order, and given up with its socket."""

import asyncio
import gc

import pytest

from fastapi_app.progress.begun import Begun
from fastapi_app.progress.news import News
from fastapi_app.progress.outlet import TRY_LATER, Ended, Outlet
from tests.progress.events import change, progress

pytestmark = pytest.mark.anyio


class Toy:
    """A client that takes what it is sent while `takes` is set."""

    def __init__(self) -> None:
        self.got: list[int] = []
        self.takes = asyncio.Event()
        self.takes.set()

    async def send(self, news: News) -> None:
        await self.takes.wait()
        self.got.append(news.event.seq)


async def test_news_leave_before_anything_else_runs() -> None:
    toy = Toy()
    outlet = Outlet(toy.send)
    outlet.offer(change(seq=1))
    assert toy.got == [], "nothing leaves before the greeting"
    await outlet.pump()
    outlet.offer(change(seq=2))
    assert toy.got == [1, 2]


async def test_a_client_that_takes_nothing_gets_everything_later_in_order() -> None:
    toy = Toy()
    outlet = Outlet(toy.send)
    await outlet.pump()
    toy.takes.clear()
    outlet.offer(change(1, seq=1))
    outlet.offer(change(2, seq=2))
    outlet.offer(progress(2, seq=3))
    pumping = asyncio.ensure_future(outlet.pump())
    await asyncio.sleep(0)
    assert toy.got == []
    toy.takes.set()
    await pumping
    assert toy.got == [1, 3]


async def test_no_news_overtake_an_answer() -> None:
    toy = Toy()
    outlet = Outlet(toy.send)
    await outlet.pump()
    async with outlet.answering():
        outlet.offer(change(seq=2))
        toy.got.append(1)
    await outlet.pump()
    assert toy.got == [1, 2]


async def test_a_client_that_never_reads_is_ended() -> None:
    toy = Toy()
    outlet = Outlet(toy.send, within=0.01)
    await outlet.pump()
    toy.takes.clear()
    outlet.offer(change(seq=1))
    with pytest.raises(Ended) as ended:
        await outlet.pump()
    assert ended.value.code == TRY_LATER


async def test_what_was_begun_is_given_up_with_the_socket() -> None:
    toy = Toy()
    outlet = Outlet(toy.send)
    await outlet.pump()
    toy.takes.clear()
    outlet.offer(change(seq=1))
    outlet.close()
    toy.takes.set()
    del outlet
    gc.collect()  # a coroutine that nobody awaited would be told of here
    assert toy.got == []


async def test_an_error_is_raised_where_the_rest_is_awaited() -> None:
    async def broken(_news: News) -> None:
        raise ConnectionResetError

    outlet = Outlet(broken)
    await outlet.pump()
    outlet.offer(change(seq=1))
    with pytest.raises(ConnectionResetError):
        await outlet.pump()


async def test_a_cancelled_wait_reaches_what_waits() -> None:
    heard: list[str] = []

    async def waiting() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    begun = Begun(waiting())
    assert not begun.done
    task = asyncio.ensure_future(_awaited(begun))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard == ["cancelled"]


async def _awaited(begun: Begun) -> None:
    await begun
