"""The library's folders, as one request meets them."""

from collections.abc import Callable
from typing import TypeVar

from anyio import to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.indexing.shelves import Shelves, check_inside, read_shelves
from fastapi_app.media.paths import Roots
from fastapi_app.transaction import SAFE_METHODS

Answer = TypeVar("Answer")


async def enter(request: Request, session: AsyncSession) -> tuple[Roots, Shelves]:
    """The folders that the settings name. The request's own transaction ends: none is open while the disk is read.

    Raises Conflict for folders outside the library.
    """
    found = await read_shelves(session)
    await (session.rollback() if request.method in SAFE_METHODS else session.commit())
    roots = Roots.of(request.state.config)
    await walk(request, check_inside, roots, found)
    return roots, found


async def walk(request: Request, read: Callable[..., Answer], *arguments: object) -> Answer:
    """What `read` finds on the disk, in a thread, few at a time."""
    return await to_thread.run_sync(read, *arguments, limiter=request.state.walks)
