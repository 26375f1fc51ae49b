"""The second way out of a long answer: the client leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.types import Receive


@asynccontextmanager
async def until_disconnect(receive: Receive) -> AsyncIterator[None]:
    """Runs its block, and cancels it when the client disconnects. The cancellation stays inside."""
    async with anyio.create_task_group() as group:

        async def listen() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(listen)
        yield
        group.cancel_scope.cancel()
