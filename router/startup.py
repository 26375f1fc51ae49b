"""The server's side of the lifespan: starts what a callback starts, and stops it at the end."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from migration_flags import FlagError
from router.errors import BackendFailed, BootError
from router.types import Receive, Send


async def live(receive: Receive, send: Send, start: Callable[[AsyncExitStack], Awaitable[None]]) -> None:
    """Answers one lifespan. ``start`` puts onto the stack how each thing is stopped, before it starts the next.

    What it raises of `BackendFailed`, `BootError` and `FlagError` refuses the start; then what had started is stopped.
    """
    await receive()
    async with AsyncExitStack() as stack:
        try:
            await start(stack)
        except (BackendFailed, BootError, FlagError) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        try:
            await stack.aclose()
        except BackendFailed as error:
            await send({"type": "lifespan.shutdown.failed", "message": str(error)})
            return
    await send({"type": "lifespan.shutdown.complete"})
