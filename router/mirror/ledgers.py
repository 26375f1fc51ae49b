"""What comparisons find, by route, and its way into the flag store: of the mirror, and of dry runs."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from router.comparison.field_waiver import FieldWaiver
from router.comparison.ledger import Budget, Ledger
from router.comparison.redaction import Redactor
from router.comparison.summary import Summary
from router.comparison.waiver import Waiver
from router.mirror.apart import Apart
from router.mirror.evidence import Keep, Keeper

STORE_WITHIN = 0.5
"""Seconds that `store_last` waits for the store."""

logger = logging.getLogger(__name__)


class Ledgers:
    """A ledger for each route, made when it is first asked for.

    ``keep`` stores evidence by the name ``source``, in ``thread``; None: nothing is stored. ``version`` names the code
    that is compared, ``epoch`` the flags that it is compared under. ``accepted`` gives the waivers of a route that were
    made meanwhile. Reading is for any thread.
    """

    def __init__(
        self,
        waivers: Sequence[Waiver],
        redactor: Redactor,
        thread: Apart,
        keep: Keep | None,
        source: str,
        version: str,
        now: Callable[[], datetime],
        accepted: Callable[[str], Sequence[FieldWaiver]] = lambda _key: (),
    ) -> None:
        self.epoch = 0
        self._accepted = accepted
        self._waivers = tuple(waivers)
        self._redactor = redactor
        self._thread = thread
        self._version = version
        self._now = now
        self._keeper = Keeper(keep, source, version) if keep is not None else None
        self._budget = Budget()
        self._by_route: dict[str, Ledger] = {}

    def __getitem__(self, key: str) -> Ledger:
        found = self._by_route.get(key)
        if found is None:
            accepted = partial(self._accepted, key)
            found = self._by_route[key] = Ledger(self._waivers, self._redactor, self._budget, accepted)
        return found

    def copy(self) -> dict[str, Ledger]:
        """Those there are by now."""
        return self._by_route.copy()

    def summary(self, key: str) -> dict[str, Any]:
        """What was found on a route since this worker started, as JSON: `Summary.from_json` reads it."""
        ledger = self._by_route.get(key)
        return (Summary() if ledger is None else ledger.summary(self._version)).to_json()

    async def store(self) -> None:
        """Stores what was found since the last time. A store that can't be reached is asked again the next time."""
        keeper = self._keeper
        if keeper is not None:
            ledgers, epoch = self.copy(), self.epoch
            moment = self._now().isoformat(timespec="seconds")
            await self._thread.call(lambda: keeper.write(ledgers, moment, epoch))

    async def store_often(self, seconds: float) -> None:
        """Stores for ever, every so many seconds."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.store()
            except Exception:  # the task's edge: a foreign store's error must not end it
                logger.exception("What was found could not be stored.")

    async def store_last(self) -> None:
        """Stores once more, if the store is quick."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.store(), STORE_WITHIN)
