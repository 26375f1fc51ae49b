"""Password work beside the event loop: a few at a time, and a queue that ends."""

from anyio import CapacityLimiter, to_thread

from fastapi_app.auth.passwords import verify_password
from fastapi_app.errors import Unavailable


class Hashing:
    """Verifies passwords in threads. Build it inside the event loop."""

    def __init__(self, workers: int = 2, queue: int = 64) -> None:
        self._limiter = CapacityLimiter(workers)
        self._free = workers + queue

    async def verify(self, password: str, stored: str) -> bool:
        """Whether `password` made `stored`. Raises Unavailable when too many logins wait already."""
        if self._free == 0:
            raise Unavailable
        self._free -= 1
        try:
            return await to_thread.run_sync(verify_password, password, stored, limiter=self._limiter)
        finally:
            self._free += 1
