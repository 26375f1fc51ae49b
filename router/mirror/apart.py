"""A thread for what would hold up the event loop."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from router.threads import Threads

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Apart:
    """One thread, started when it is first needed."""

    def __init__(self, name: str) -> None:
        self._threads = Threads(1, name)

    async def call(self, function: Callable[[], T]) -> T:
        """Calls in the thread. Raises what the call raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            try:
                result = function()
            except Exception as error:  # noqa: BLE001  # the thread's edge: raised where it was asked for
                _settle(loop, done, partial(done.set_exception, error))
            else:
                _settle(loop, done, partial(done.set_result, result))

        self._threads.run(job, 1)
        return await done

    def stop(self, within: float) -> None:
        """Blocks until the thread has ended, or the seconds are over."""
        self._threads.stop(within)


def _settle(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[Any]", settle: Callable[[], None]) -> None:
    def settled() -> None:
        if not done.done():
            settle()

    try:
        loop.call_soon_threadsafe(settled)
    except RuntimeError:  # the loop is gone, and with it who asked
        logger.debug("Nobody waits any more for what a thread of the mirror did.")
