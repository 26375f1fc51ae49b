"""Password work beside the event loop: a few at a time, and a queue that ends."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from fastapi_app.auth.passwords import hash_password, verify_password
from fastapi_app.errors import Unavailable

Made = TypeVar("Made")


class Hashing:
    """Makes and verifies password hashes in threads. Build it inside the event loop.

    Both raise Unavailable when too many logins wait already.
    """

    def __init__(self, workers: int = 2, queue: int = 64) -> None:
        self._limiter = CapacityLimiter(workers)
        self._free = workers + queue

    async def verify(self, password: str, stored: str) -> bool:
        """Whether `password` made `stored`."""
        return await self._run(lambda: verify_password(password, stored))

    async def make(self, password: str) -> str:
        """A new hash. Raises PasswordTooLong."""
        return await self._run(lambda: hash_password(password))

    async def _run(self, work: Callable[[], Made]) -> Made:
        if self._free == 0:
            raise Unavailable
        self._free -= 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._free += 1
